"""From what a caller knows of a reading to the rows that will hold it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from handwriting.feedback.items import KINDS
from handwriting.feedback.pictures import as_png, image_hash
from handwriting.feedback.values import (
    as_alternatives,
    as_json,
    as_seconds,
    checked_text,
    confidence_value,
)


@dataclass(frozen=True)
class Entry:
    """A reading about to be added.

    Attributes:
        row: the columns of `readings` without its number.
        png: the picture.
        correction: the columns of `corrections` without its number, or None.
    """

    row: tuple
    png: bytes
    correction: tuple | None = None

    @property
    def id(self) -> str:
        return self.row[0]

    @property
    def picture(self) -> str:
        return self.row[2]


def as_entry(
    *,
    kind: str,
    image: np.ndarray,
    prediction: str,
    confidence: float,
    alternatives=(),
    model: str,
    model_hash: str,
    source: str = "",
    correction: str | None = None,
    about: dict | None = None,
    time: datetime | None = None,
) -> Entry:
    """Takes and raises what `FeedbackStore.add` does."""
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    if image.dtype != np.uint8 or image.ndim != 2 or not image.size:
        raise ValueError(f"an image is (H, W) uint8, not {image.shape} {image.dtype}")
    names = [checked_text(text) for text in (model, model_hash, source)]
    prediction, picture, moment = checked_text(prediction), image_hash(image), as_seconds(time)
    id = hashlib.sha256(json.dumps([kind, picture, prediction, *names]).encode()).hexdigest()[:32]
    row = (
        id,
        kind,
        picture,
        prediction,
        confidence_value(confidence),
        as_alternatives(alternatives),
        *names,
        moment,
        as_json(about or {}),
    )
    corrected = None
    if correction is not None:
        corrected = (id, checked_text(correction), names[2], moment)
    return Entry(row, as_png(image), corrected)
