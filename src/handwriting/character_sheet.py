"""A sheet of single characters: where each stands, in the order in which they are read.

For pages on which characters stand apart from each other, as on a form or in an exercise.
Joined writing is for the line models.
"""

from typing import NamedTuple

import cv2
import numpy as np

from handwriting.images.background import even_light, paper_and_ink, reduce_to, stretch
from handwriting.images.rules import remove_rules

WORK_SIDE = 1200
# Lighter than this is paper once ink is 0 and paper 255.
INK = 140
# Parts smaller than this share of the usual character are dirt.
SPECK = 0.12
# Parts nearer to each other than this share of the usual character belong together.
GAP = 0.16
# Longer than this share of the sheet is its edge or a shadow's.
LONGEST = 0.5


class Box(NamedTuple):
    """Pixels of the picture; `right` and `bottom` are the first ones outside."""

    left: int
    top: int
    right: int
    bottom: int

    def cut(self, image: np.ndarray, margin: float = 0.15) -> np.ndarray:
        """This part of (H, W) with a margin, a share of the longer side, as far as there is one."""
        spare = round(margin * max(self.right - self.left, self.bottom - self.top))
        top, left = max(0, self.top - spare), max(0, self.left - spare)
        return image[top : self.bottom + spare, left : self.right + spare]


def find_characters(image: np.ndarray) -> list[Box]:
    """Where the characters of a sheet are: row by row from the top, each from left to right.

    Args:
        image: (H, W) uint8 as `images.load` returns it, 0 = ink.

    Returns:
        Boxes in pixels of `image`; none where the sheet is blank.
    """
    small = reduce_to(image, WORK_SIDE)
    flat = remove_rules(even_light(small))
    if paper_and_ink(flat)[1] is None:
        return []
    ink = (stretch(flat) < INK).astype(np.uint8)
    boxes = _boxes(ink)
    boxes = boxes[(boxes[:, 2:] - boxes[:, :2]).max(axis=1) < LONGEST * max(ink.shape)]
    if not len(boxes):
        return []
    joined = _join(ink, boxes)
    scale = np.array(image.shape[::-1] * 2) / np.array(small.shape[::-1] * 2)
    return [Box(*np.rint(box * scale).astype(int).tolist()) for box in _in_order(joined)]


def _boxes(mask: np.ndarray) -> np.ndarray:
    """(N, 4) int64 left, top, right, bottom of the connected parts of (H, W) uint8."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    corners = stats[1:, :2]
    return np.concatenate([corners, corners + stats[1:, 2:4]], axis=1).astype(np.int64)


def _sizes(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, 2:] - boxes[:, :2]).max(axis=1)


def _usual_size(boxes: np.ndarray) -> float:
    """Size of a typical character: large parts count more than the many small ones."""
    sizes = np.sort(_sizes(boxes))
    weight = np.cumsum(sizes.astype(np.float64) ** 2)
    return float(sizes[np.searchsorted(weight, weight[-1] / 2)])


def _join(ink: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Boxes of whole characters: parts that nearly touch are one, specks are left out."""
    usual = _usual_size(boxes)
    clean = np.zeros_like(ink)
    for left, top, right, bottom in boxes[_sizes(boxes) >= SPECK * usual]:
        clean[top:bottom, left:right] |= ink[top:bottom, left:right]
    reach = max(1, round(GAP * usual / 2))
    wide = cv2.dilate(clean, np.ones((2 * reach + 1,) * 2, np.uint8))
    grown = _boxes(wide)
    inner = grown + np.array([reach, reach, -reach, -reach])
    height, width = ink.shape
    inner = np.clip(inner, 0, [width, height, width, height])
    return inner[_sizes(inner) >= 3 * SPECK * usual]


def _in_order(boxes: np.ndarray) -> np.ndarray:
    """Rows from the top: a box whose middle lies within a row's height belongs to it."""
    middle = boxes[:, [1, 3]].mean(axis=1)
    rows: list[list[int]] = []
    for index in np.argsort(middle, kind="stable"):
        if rows and middle[index] < np.mean([boxes[i, 3] for i in rows[-1]]) - 1:
            rows[-1].append(int(index))
        else:
            rows.append([int(index)])
    return boxes[[i for row in rows for i in sorted(row, key=lambda i: boxes[i, 0])]]
