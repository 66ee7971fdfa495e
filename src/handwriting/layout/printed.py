"""Small print on the page: letterheads, forms and stamps beside handwriting."""

from collections.abc import Sequence

import numpy as np

from handwriting.layout.outline import letter_height
from handwriting.layout.strokes import Strokes

LEAST_LENGTH = 4.0  # distances between lines: shorter lines say too little
FEET = 0.52  # share of columns whose lowest ink stands on the baseline …
STRAY = 0.12  # … within this share of the height of small letters
SMALL = 0.85  # of the page's usual height of small letters
NEXT, FLUSH = 1.6, 1.5  # rows and beginnings of lines of one paragraph
LETTERS = 0.3  # parts without a gap, for each such height of length; script has fewer


def are_printed(
    lines: Sequence[Strokes], baselines: Sequence[np.ndarray], spacing: float
) -> list[bool]:
    """Which lines are print: small letters, apart, that stand on the baseline exactly.

    Only beside larger writing is print told from neat handwriting: a page all in print
    counts as written, and so does a line between written ones that begin as it does.
    """
    heights = [
        letter_height(line, base, spacing) for line, base in zip(lines, baselines, strict=True)
    ]
    usual = float(np.median(heights)) if heights else 0.0
    regular = [
        height < SMALL * usual and _is_regular(line, base, height, spacing)
        for line, base, height in zip(lines, baselines, heights, strict=True)
    ]
    written = [line for line, is_regular in zip(lines, regular, strict=True) if not is_regular]
    return [
        is_regular and not _is_enclosed(line, written, spacing)
        for line, is_regular in zip(lines, regular, strict=True)
    ]


def _is_enclosed(line: Strokes, written: Sequence[Strokes], spacing: float) -> bool:
    """Whether written lines that begin where the line does are just above and just below."""
    down = [
        (other.middle - line.middle) / spacing
        for other in written
        if abs(other.left - line.left) < FLUSH * spacing
    ]
    return any(-NEXT < d < 0 for d in down) and any(0 < d < NEXT for d in down)


def _is_regular(line: Strokes, baseline: np.ndarray, height: float, spacing: float) -> bool:
    width = len(line.course)
    if width < LEAST_LENGTH * spacing:
        return False
    columns, _, lowest = line.edges(line.y - np.interp(line.x, *baseline.T))
    feet = np.abs(lowest) <= max(1, STRAY * height)
    parts = 1 + (np.diff(columns) > 1).sum()
    return bool(feet.mean() > FEET and parts > LETTERS * width / height)
