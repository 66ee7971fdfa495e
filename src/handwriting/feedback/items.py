"""A reading as kept in the store, and the query that finds them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from handwriting.feedback.database import Database
from handwriting.feedback.pictures import PictureFolder

KINDS = ("character", "line")
# Rows fetched at once: no read lasts longer than such a page, however slow the caller is.
PAGE = 500

_SELECT = """
SELECT r.number, r.id, r.kind, r.image, r.prediction, r.confidence, r.alternatives, r.model,
       r.model_hash, r.source, r.time, r.about, c.text, c.number, c.time,
       EXISTS (SELECT 1 FROM uses WHERE correction = c.number)
FROM readings r
LEFT JOIN corrections c
       ON c.number = (SELECT MAX(number) FROM corrections WHERE reading = r.id)
"""


@dataclass(frozen=True)
class Item:
    """One reading with its newest correction.

    Attributes:
        id: stable name of the reading.
        kind: `character` or `line`.
        prediction: what the model read.
        confidence: 0 … 1; NaN where none is known.
        alternatives: other readings with their probabilities.
        correction: what is written, after the newest correction; None without one. Equal to
            the prediction where a person confirmed it.
        model, model_hash: which model read it.
        source: where it came from, for example a user or a file.
        time: when it was read, aware, UTC.
        about: whatever else was given.
        image_path: a PNG file; `FeedbackStore.image` reads and checks it.
        image_hash: SHA-256 of the pixels.
        corrected_at: when the newest correction was made.
        correction_number: corrections count up in the order they were made, 0 for none.
        used: whether a model has learned from the newest correction (`mark_used`).
    """

    id: str
    kind: str
    prediction: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    correction: str | None
    model: str
    model_hash: str
    source: str
    time: datetime
    about: dict = field(hash=False)
    image_path: Path
    image_hash: str
    corrected_at: datetime | None = None
    correction_number: int = 0
    used: bool = False

    @property
    def changed(self) -> bool:
        """Whether the newest correction says anything else than the model."""
        return self.correction is not None and self.correction != self.prediction


def find_items(
    database: Database,
    pictures: PictureFolder,
    *,
    ids=None,
    kind: str | None = None,
    corrected: bool | None = None,
    model: str | None = None,
    source: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Item]:
    """Matching items in the order they were added, a page of rows at a time."""
    tests = {
        "r.kind = ?": kind,
        "r.model = ?": model,
        "r.source = ?": source,
        "r.time >= ?": since and since.timestamp(),
        "r.time < ?": until and until.timestamp(),
        "r.id IN (SELECT value FROM json_each(?))": None if ids is None else json.dumps(list(ids)),
    }
    chosen = {test: value for test, value in tests.items() if value is not None}
    where = ["r.number > ?", *chosen]
    if corrected is not None:
        where.append(f"c.number IS {'NOT ' if corrected else ''}NULL")
    query = f"{_SELECT} WHERE {' AND '.join(where)} ORDER BY r.number LIMIT {PAGE}"
    last = -1
    while rows := database.query(query, (last, *chosen.values())):
        yield from (_item(row[1:], pictures) for row in rows)
        last = rows[-1][0]


def _item(row: tuple, pictures: PictureFolder) -> Item:
    id, kind, image, prediction, confidence, alternatives, *names, time, about = row[:11]
    text, number, corrected_at, used = row[11:]
    return Item(
        id,
        kind,
        prediction,
        float("nan") if confidence is None else confidence,
        tuple((other, probability) for other, probability in json.loads(alternatives)),
        text,
        *names,
        _moment(time),
        json.loads(about),
        pictures.path(image),
        image,
        None if number is None else _moment(corrected_at),
        number or 0,
        bool(used),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
