"""A page at working size with its lines level, and the way back to the page's own pixels."""

from dataclasses import dataclass

import cv2
import numpy as np

from handwriting.layout.ink import find_ink
from handwriting.layout.ruling import remove_rules
from handwriting.layout.scale import SMALLEST, find_angle, find_spacing

# An A4 page of 1130 × 1600 pixels: letters of some 12 pixels, and all steps stay quick.
WORK_AREA = 1_800_000
# Lines this far apart need no more pixels; nearer ones are looked at again, larger.
FARTHEST, NEAREST, WANTED = 100.0, 22.0, 45.0
GUESS = 50.0
FEWEST = 40  # pixels of ink that may be writing
NARROW = 2.5  # distances between lines: what is narrower has no slope to speak of


@dataclass(frozen=True)
class LevelPage:
    """A page scaled down and sheared so that its lines are level.

    Attributes:
        ink: (H, W) uint8 mask of all dark strokes but ruled lines.
        dark: (H, W) uint8, grey levels below the paper, of which `PAPER` is the blackest.
        spacing: distance between lines in its pixels.
        angle: slope of the lines on the page in degrees.
        scale: its pixels in one pixel of the page.
    """

    ink: np.ndarray
    dark: np.ndarray
    spacing: float
    angle: float
    scale: float

    @property
    def slope(self) -> float:
        return float(np.tan(np.deg2rad(self.angle)))

    def to_page(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 2) x, y of the level page in pixels of the page."""
        x, y = points[:, 0], points[:, 1]
        y = y - _drop(self.slope, self.ink.shape[1]) + self.slope * x
        return (np.stack([x, y], axis=1) + 0.5) / self.scale - 0.5


def level_page(page: np.ndarray) -> LevelPage | None:
    """Find a page's ink, the slope of its lines and their distance.

    Args:
        page: (H, W) uint8, dark ink.

    Returns:
        None for a page without ink, or with no more than dust.
    """
    scale = min(1.0, (WORK_AREA / page.size) ** 0.5)
    level = _level(page, scale)
    if level is None:
        return None
    if level.spacing > FARTHEST or (level.spacing < NEAREST and scale < 1):
        largest = min(1.0, (2 * WORK_AREA / page.size) ** 0.5)
        level = _level(page, min(scale * WANTED / level.spacing, largest))
    return level if level is not None and level.spacing > SMALLEST else None


def _level(page: np.ndarray, scale: float) -> LevelPage | None:
    small = page
    if scale < 1:
        size = tuple(max(1, round(side * scale)) for side in page.shape[::-1])
        small = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
    mask, dark = find_ink(small)
    rough = remove_rules(mask, GUESS)
    if cv2.countNonZero(rough) < FEWEST:
        return None
    angle = find_angle(rough)
    slope = float(np.tan(np.deg2rad(angle)))
    spacing = find_spacing(shear(rough, slope))
    if angle and np.ptp(np.flatnonzero(rough.any(axis=0))) < NARROW * spacing:
        angle = slope = 0.0
        spacing = find_spacing(rough)
    ink = shear(remove_rules(mask, spacing), slope)
    return LevelPage(ink, shear(dark, slope), spacing, angle, scale)


def shear(picture: np.ndarray, slope: float) -> np.ndarray:
    """Move each column of (H, W) uint8 so that lines of this slope become level."""
    height, width = picture.shape
    matrix = np.float32([[1, 0, 0], [-slope, 1, _drop(slope, width)]])
    size = width, height + int(np.ceil(abs(slope) * width))
    return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_NEAREST)


def _drop(slope: float, width: int) -> float:
    """How far the first column moves down, so that no column leaves the picture."""
    return max(0.0, slope * width)
