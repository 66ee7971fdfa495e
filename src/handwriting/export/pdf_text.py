"""The text layer of a PDF page: every word stretched over its place."""

import math
from typing import NamedTuple

import numpy as np

from handwriting.document import Line, Page, Point, Word
from handwriting.export.pdf_font import ADVANCE, EM

INVISIBLE, FILLED = 3, 0  # text rendering modes (ISO 32000-1, table 106)
# A space is at least this share of the letters' height wide, even where words touch.
LEAST_SPACE = 0.05
# Readers built on Poppler take a word apart where the baseline drops by half a point from one
# character to the next. Up to a slant of 10° such a word is set level, at its middle height.
MOST_DROP = 0.4  # points
MOST_SLANT = math.radians(10)


class Codes(dict):
    """The code of each character in the font, given out as characters come, from 1."""

    def __missing__(self, character: str) -> int:
        self[character] = len(self) + 1
        return self[character]


class Stretch(NamedTuple):
    """A straight piece of baseline, in pixels of the page."""

    start: Point
    end: Point

    @property
    def length(self) -> float:
        return math.dist(self.start, self.end)

    @property
    def angle(self) -> float:
        """Counterclockwise, in radians, of y that goes down."""
        return math.atan2(self.start[1] - self.end[1], self.end[0] - self.start[0])


def text_layer(page: Page, scale: float, codes: Codes, visible: bool = False) -> bytes:
    """Content stream of a page's words, in reading order.

    Args:
        scale: points to a pixel.
    """
    mode = f"1 0 0 rg {FILLED} Tr" if visible else f"{INVISIBLE} Tr"
    lines = [part for line in page.lines for part in _line(line, page, scale, codes)]
    return "\n".join(["BT", mode, *lines, "ET"]).encode()


def _line(line: Line, page: Page, scale: float, codes: Codes) -> list[str]:
    if not line.words:
        return []
    places = [(word, stretch_of(word, line)) for word in line.words]
    # One size for a line: readers take another size for another line.
    height = max(float(np.median([thickness(*place) for place in places])), 1.0)
    parts, before = [f"/Text {height * scale:.3f} Tf"], None
    for word, stretch in places:
        stretch = levelled(stretch, len(word.text), scale)
        if before:
            gap = _gap(before, stretch, LEAST_SPACE * height)
            parts.append(_show(" ", gap, height, page, scale, codes))
        parts.append(_show(word.text, stretch, height, page, scale, codes))
        before = stretch
    return parts


def stretch_of(word: Word, line: Line) -> Stretch:
    """The word's own baseline, else that of its line between the sides of its box."""
    if len(word.baseline) > 1:
        return Stretch(word.baseline[0], word.baseline[-1])
    x, y = np.asarray(sorted(line.baseline), np.float64).T
    sides = word.box[0], word.box[2]
    start, end = zip(sides, np.interp(sides, x, y).tolist(), strict=True)
    return Stretch(start, end)


def levelled(stretch: Stretch, characters: int, scale: float) -> Stretch:
    """The stretch, or a level (or upright) one in its place where words would fall apart."""
    quarter = round(stretch.angle / (math.pi / 2)) * math.pi / 2
    slant = stretch.angle - quarter
    drop = abs(math.sin(slant)) * stretch.length / characters * scale
    if drop <= MOST_DROP or abs(slant) > MOST_SLANT:
        return stretch
    x, y = ((a + b) / 2 for a, b in zip(*stretch, strict=True))
    half = math.cos(slant) * stretch.length / 2
    dx, dy = half * math.cos(quarter), -half * math.sin(quarter)
    return Stretch((x - dx, y - dy), (x + dx, y + dy))


def thickness(word: Word, stretch: Stretch) -> float:
    """Height of the upright box of a word that, turned, fills its box.

    Of a box h high and as long as the stretch, turned by the angle a, width and height come
    to (length + h) (|cos a| + |sin a|).

    >>> thickness(Word("a", (0, 0, 40, 20)), Stretch((0, 15), (40, 15)))
    20.0
    """
    x0, y0, x1, y1 = word.box
    turned = abs(math.cos(stretch.angle)) + abs(math.sin(stretch.angle))
    return (x1 - x0 + y1 - y0) / turned - stretch.length


def _gap(before: Stretch, after: Stretch, least: float) -> Stretch:
    x, y = before.end
    way = math.cos(before.angle), -math.sin(before.angle)
    length = (after.start[0] - x) * way[0] + (after.start[1] - y) * way[1]
    length = max(length, least)
    return Stretch(before.end, (x + way[0] * length, y + way[1] * length))


def _show(
    text: str, stretch: Stretch, height: float, page: Page, scale: float, codes: Codes
) -> str:
    natural = len(text) * height * ADVANCE / EM
    stretched = max(100 * stretch.length / natural, 0.1)
    cos, sin = math.cos(stretch.angle), math.sin(stretch.angle)
    x, y = stretch.start[0] * scale, (page.height - stretch.start[1]) * scale
    matrix = f"{cos:.5f} {sin:.5f} {-sin:.5f} {cos:.5f} {x:.3f} {y:.3f} Tm"
    shown = "".join(f"{codes[character]:04X}" for character in text)
    return f"{stretched:.3f} Tz {matrix} <{shown}> Tj"
