"""Pages of writing drawn with a slanted font, with the place of every line, for tests of layout."""

from typing import NamedTuple

import cv2
import numpy as np

FONT = cv2.FONT_HERSHEY_SCRIPT_COMPLEX
TEXT = (
    "morning boat left early with all our nets and two loaves of dry bread "
    "nobody on the pier waved back though grey gulls followed us past every buoy"
)
WORDS = TEXT.split()
PAPER, INK = 226, 60
ASCENDER, DESCENDER = 22, 9  # pixels of the font at scale 1
SPACING = 60


class Drawn(NamedTuple):
    """A line: (4, 2) box of its letters, (2, 2) baseline."""

    polygon: np.ndarray
    baseline: np.ndarray


def sheet(height=1000, width=1400) -> np.ndarray:
    return np.full((height, width), PAPER, np.uint8)


def words(start: int, count: int) -> str:
    return " ".join(WORDS[(start + k) % len(WORDS)] for k in range(count))


def write(page: np.ndarray, text: str, left: int, base: int, scale=1.1, ink=INK) -> Drawn:
    """Text on a page, and where it stands."""
    cv2.putText(page, text, (left, base), FONT, scale, ink, 2, cv2.LINE_AA)
    right = left + cv2.getTextSize(text, FONT, scale, 2)[0][0]
    top, bottom = base - ASCENDER * scale, base + DESCENDER * scale
    box = [[left, top], [right, top], [right, bottom], [left, bottom]]
    return Drawn(np.array(box, float), np.array([[left, base], [right, base]], float))


def write_column(page, lines: int, left: int, top=120, count=8, first=0, scale=1.1) -> list[Drawn]:
    """Lines of `count` words one below the other."""
    return [
        write(page, words(first + 5 * n, count), left, top + n * SPACING, scale)
        for n in range(lines)
    ]


def turned(page: np.ndarray, lines: list[Drawn], degrees: float) -> tuple[np.ndarray, list[Drawn]]:
    """Page and lines turned about the middle, so that lines fall to the right."""
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    turned_page = cv2.warpAffine(page, matrix, (width, height), borderValue=PAPER)
    moved = [Drawn(*(p @ matrix[:, :2].T + matrix[:, 2] for p in line)) for line in lines]
    return turned_page, moved
