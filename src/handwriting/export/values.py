"""Values as files may hold them: legal characters, whole pixels, confidences from 0 to 1."""

import math
import re
from collections.abc import Iterable

from handwriting.document import Box, Page, Point

# What XML 1.0 forbids (surrogates among it), and the other control characters.
_ILLEGAL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LANGUAGE = re.compile("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


def legal(text: str) -> str:
    """Text that every format can hold: white space as spaces, no control characters.

    >>> legal("one\\ntwo\\x07")
    'one two'
    """
    return _ILLEGAL.sub("", re.sub(r"\s", " ", text))


def probability(value: float | None) -> float | None:
    """Within 0 … 1, to four places; None where it is unknown.

    >>> probability(1.2), probability(float("nan"))
    (1.0, None)
    """
    if value is None or math.isnan(value):
        return None
    return round(min(max(float(value), 0.0), 1.0), 4)


def pixel_box(box: Box, page: Page) -> tuple[int, int, int, int]:
    """A box in whole pixels within the page, never of a negative size.

    >>> pixel_box((-2, 3.4, 7.2, 20), Page(width=10, height=8))
    (0, 3, 7, 8)
    """
    (x0, y0), (x1, y1) = pixel_points((box[:2], box[2:]), page)
    return x0, y0, max(x0, x1), max(y0, y1)


def pixel_points(points: Iterable[Point], page: Page) -> list[tuple[int, int]]:
    """Rounded to whole pixels within the page."""
    width, height = page.width, page.height
    return [(min(max(round(x), 0), width), min(max(round(y), 0), height)) for x, y in points]


def corners(box: Box) -> tuple[Point, ...]:
    """Clockwise from the upper left."""
    x0, y0, x1, y1 = box
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def language_code(text: str) -> str:
    """The code as XML Schema's `language` allows it, else ""."""
    return text if _LANGUAGE.fullmatch(text) else ""
