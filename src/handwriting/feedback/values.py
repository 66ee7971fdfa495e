"""Values on their way into the database, checked."""

import json
import math
from collections.abc import Iterable
from datetime import UTC, datetime

from handwriting.errors import UserError

# More than any line holds: what is longer is not a correction of one.
LONGEST_TEXT = 10_000
LONGEST_ABOUT = 200_000


def checked_text(text: str) -> str:
    """The text as it is.

    Raises:
        UserError: far too long, or with half of a surrogate pair, which no file can hold.
    """
    if len(text) > LONGEST_TEXT:
        raise UserError(f"a text of {len(text):,} characters; {LONGEST_TEXT:,} are the most")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UserError(f"{text[:40]!a}: not valid Unicode; type the text again") from None
    return text


def confidence_value(confidence: float | None) -> float | None:
    """None where none is known.

    Raises:
        ValueError: outside 0 … 1.
    """
    if confidence is None or math.isnan(confidence):
        return None
    if not -1e-6 <= confidence <= 1 + 1e-6:
        raise ValueError(f"a confidence is 0 … 1, not {confidence}")
    return min(max(float(confidence), 0.0), 1.0)


def as_alternatives(alternatives: Iterable[tuple[str, float]]) -> str:
    return json.dumps([(str(text), float(probability)) for text, probability in alternatives])


def as_json(about: dict) -> str:
    """JSON, numpy's numbers and arrays as plain ones.

    Raises:
        TypeError: something that JSON cannot hold.
        UserError: far too much.
    """
    text = json.dumps(about, default=_plain)
    if len(text) > LONGEST_ABOUT:
        raise UserError(f"{len(text):,} characters about a reading; {LONGEST_ABOUT:,} are the most")
    return text


def _plain(value):
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is nothing that JSON can hold")


def as_seconds(time: datetime | None) -> float:
    """Seconds since 1970, of now where no time is given."""
    return (time or datetime.now(UTC)).timestamp()
