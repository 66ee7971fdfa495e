"""The dark strokes of a page, in any light and of any strength."""

from typing import NamedTuple

import cv2
import numpy as np

from handwriting.images.background import PAPER

# Ink is darker than this share of the darkest strokes near it: faint pens count where they
# stand alone, and what shines through the paper does not count beside them.
SHARE = 0.45
FAINTEST = 12  # grey levels below the paper
AROUND_CELLS, POWER = 25, 3
NOISE = 4  # ink is darker than this many times the paper's median texture
WIDEST = 48  # pixels, far wider than a pen's stroke: darker over more than this is ground
CELL = 8  # pixels a side in which the darkest stroke is looked for


class Ink(NamedTuple):
    """Dark strokes, (H, W) uint8, 1 = ink; and how far each pixel is darker than the paper."""

    mask: np.ndarray
    dark: np.ndarray


def find_ink(gray: np.ndarray) -> Ink:
    """Tell strokes from paper.

    The threshold follows the darkest strokes of the surroundings, as in the contrast-based
    methods after Su, Lu and Tan (2010), and the paper's texture.

    Args:
        gray: (H, W) uint8, dark ink.
    """
    dark = cv2.subtract(float(PAPER), cv2.divide(gray, _paper(gray), scale=PAPER))
    smooth = cv2.GaussianBlur(dark, (0, 0), 0.7)
    level = np.maximum(SHARE * _darkest(smooth), max(FAINTEST, NOISE * _texture(dark)))
    level = cv2.resize(level, dark.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return Ink((smooth > level).view(np.uint8), dark)


def _texture(dark: np.ndarray) -> int:
    """Median grey levels below the brightest paper: half of a page at least bears no ink."""
    counts = cv2.calcHist([dark], [0], None, [256], [0, 256]).ravel().cumsum()
    return int(np.searchsorted(counts, counts[-1] / 2))


def _paper(gray: np.ndarray) -> np.ndarray:
    """Brightness of the paper at every pixel: strokes filled from both sides.

    An edge of the sheet, or of a shadow, with darker ground behind it stays an edge: unlike
    in `even_light`, which is coarser, it leaves no dark seam.
    """
    half = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    kernel = np.ones((WIDEST // 2,) * 2, np.uint8)
    closed = cv2.morphologyEx(cv2.medianBlur(half, 3), cv2.MORPH_CLOSE, kernel)
    return np.maximum(cv2.resize(closed, gray.shape[::-1], interpolation=cv2.INTER_LINEAR), 8)


def _darkest(dark: np.ndarray) -> np.ndarray:
    """Smoothed darkness of the darkest strokes around each cell, float32."""
    cells = cv2.dilate(dark, np.ones((CELL, CELL), np.uint8))[CELL // 2 :: CELL, CELL // 2 :: CELL]
    if not cells.size:
        cells = dark[:1, :1]
    cells = cells.astype(np.float32)
    size = AROUND_CELLS, AROUND_CELLS
    # A mean that dark cells dominate: one blot does not hide the faint strokes around it.
    return cv2.blur(cells**POWER, size) / np.maximum(cv2.blur(cells ** (POWER - 1), size), 1)
