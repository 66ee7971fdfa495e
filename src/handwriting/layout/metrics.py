"""Scores of found lines against ground truth: outlines, and the order they are read in.

Every function takes plain arrays of points, x and y in pixels of one page.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

# Outlines are compared on a raster; a page's long side has at most this many cells.
RASTER = 1600
MATCH_IOU = 0.5
# Two found lines are one line read twice where they share this much of the smaller one.
SAME_LINE = 0.5


class Detection(NamedTuple):
    """Counts that add up over pages."""

    hits: int
    found: int
    truth: int

    def __add__(self, other: "Detection") -> "Detection":
        return Detection(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def precision(self) -> float:
        """Hits among what was found; NaN where nothing was."""
        return self.hits / self.found if self.found else float("nan")

    @property
    def recall(self) -> float:
        """Hits among what is there; NaN where nothing is."""
        return self.hits / self.truth if self.truth else float("nan")

    @property
    def f1(self) -> float:
        """2 hits / (found + truth); NaN where both are empty.

        >>> Detection(hits=3, found=4, truth=4).f1
        0.75
        """
        total = self.found + self.truth
        return 2 * self.hits / total if total else float("nan")


def overlaps(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> np.ndarray:
    """Shared area of each pair, and the two areas: (3, A, B) float64 in cells of the raster.

    Args:
        one, other: A and B polygons (N, 2).
    """
    result = np.zeros((3, len(one), len(other)))
    points = [np.reshape(p, (-1, 2)) for p in (*one, *other) if len(p)]
    if not len(one) or not len(other) or not points:
        return result
    scale = min(1.0, RASTER / max(np.ptp(np.concatenate(points), axis=0).max(), 1))
    first, second = ([_scaled(p, scale) for p in group] for group in (one, other))
    result[1] = np.array([_area(p) for p in first])[:, None]
    result[2] = np.array([_area(p) for p in second])[None]
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            result[0, i, j] = _shared(a, b)
    return result


def _scaled(polygon: np.ndarray, scale: float) -> np.ndarray:
    return np.rint(np.asarray(polygon, np.float64).reshape(-1, 2) * scale).astype(np.int32)


def _filled(polygon: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    mask = np.zeros((high - low + 1)[::-1], np.uint8)
    return cv2.fillPoly(mask, [polygon - low], 1)


def _area(polygon: np.ndarray) -> int:
    return int(_filled(polygon, polygon.min(axis=0), polygon.max(axis=0)).sum())


def _shared(one: np.ndarray, other: np.ndarray) -> int:
    low = np.maximum(one.min(axis=0), other.min(axis=0))
    high = np.minimum(one.max(axis=0), other.max(axis=0))
    if (low > high).any():
        return 0
    return int((_filled(one, low, high) & _filled(other, low, high)).sum())


def intersection_over_union(one, other) -> np.ndarray:
    """IoU of each pair of polygons: (A, B) float64.

    >>> square = np.array([[0, 0], [9, 0], [9, 9], [0, 9]])
    >>> intersection_over_union([square], [square, square + (5, 0)]).round(3).tolist()
    [[1.0, 0.333]]
    """
    shared, first, second = overlaps(one, other)
    return shared / np.maximum(first + second - shared, 1)


def match(scores: np.ndarray, least: float = MATCH_IOU) -> list[tuple[int, int]]:
    """Pairs (row, column), each row and column once, the highest score first.

    >>> match(np.array([[0.9, 0.6], [0.8, 0.2]]))
    [(0, 0)]
    """
    scores, pairs = np.array(scores, np.float64), []
    while scores.size and scores.max() >= least:
        row, column = np.unravel_index(scores.argmax(), scores.shape)
        pairs.append((int(row), int(column)))
        scores[row], scores[:, column] = -1, -1
    return pairs


def duplicates(polygons: Sequence[np.ndarray]) -> int:
    """How many lines share more than half of their area with a larger one: read twice."""
    shared, first, second = overlaps(polygons, polygons)
    larger = (second > first) | ((second == first) & np.tri(len(polygons), k=-1, dtype=bool))
    return int(((shared > SAME_LINE * first) & larger).any(axis=1).sum())


def misplaced(order: Sequence[int]) -> int:
    """The fewest items to take out so that the rest ascends.

    >>> misplaced([0, 1, 2, 3]), misplaced([3, 0, 1, 2]), misplaced([1, 0, 3, 2])
    (0, 1, 2)
    """
    longest: list[int] = []
    for number in order:
        place = int(np.searchsorted(longest, number))
        longest[place : place + 1] = [number]
    return len(order) - len(longest)
