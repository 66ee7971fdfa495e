"""How far writing leans, and pictures of it moved row by row until it stands upright.

Rows move by whole columns, so that leaning back gives the same pixels again.
"""

from collections.abc import Sequence

import numpy as np

from handwriting.lines.data import LINE_HEIGHT, PAPER

_SLOPES = np.linspace(-0.3, 1.2, 26)
_INK = PAPER - 60  # grey of what is surely a stroke


def find_slope(images: Sequence[np.ndarray]) -> float:
    """Columns that the writing of several lines leans to the right for each row upwards.

    The slope from -0.3 to 1.2 at which columns hold their ink most unevenly; 0 without ink.

    Args:
        images: (64, W) uint8 grey.
    """
    scores = np.zeros(len(_SLOPES))
    for image in images:
        rows, columns = np.nonzero(image < _INK)
        if not len(rows):
            continue
        for i, slope in enumerate(_SLOPES):
            moved = columns + row_shifts(slope)[rows]
            scores[i] += np.square(np.bincount(moved - moved.min())).sum()
    return float(_SLOPES[scores.argmax()]) if scores.any() else 0.0


def ink_row(images: Sequence[np.ndarray]) -> float:
    """The mean row of the ink, which runs through the small letters; the middle without ink."""
    ink = sum(np.count_nonzero(image < _INK, axis=1) for image in images)
    rows = np.arange(LINE_HEIGHT)
    return float((rows * ink).sum() / ink.sum()) if np.any(ink) else LINE_HEIGHT / 2


def row_shifts(slope: float, still: float = LINE_HEIGHT / 2) -> np.ndarray:
    """(64,) int: columns to move each row to the right to make that slope upright.

    Args:
        still: the row that stays where it is.
    """
    return np.rint(slope * (np.arange(LINE_HEIGHT) - still)).astype(int)


def upright(image: np.ndarray, shifts: np.ndarray, start: int, end: int) -> np.ndarray:
    """(64, end - start) uint8, columns of the upright picture; paper where it has none.

    Columns are counted as in the row that stays where it is, so `start` may be negative.
    """
    columns = np.arange(start, end) - shifts[:, None]
    inside = (columns >= 0) & (columns < image.shape[1])
    rows = np.arange(len(image))[:, None]
    found = image[rows, columns.clip(0, image.shape[1] - 1)]
    return np.where(inside, found, PAPER).astype(np.uint8)


def lean(image: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """An upright picture leaning as before, wider by what its corners need."""
    margin = int(np.abs(shifts).max())
    return upright(image, -shifts, -margin, image.shape[1] + margin)
