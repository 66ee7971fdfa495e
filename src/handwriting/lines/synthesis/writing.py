"""Ink on a canvas, before it is cut and scaled to a line: what fonts and glyphs both make."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Writing:
    """Plain ink of one line of text.

    Attributes:
        ink: (H, W) uint8, 0 = paper, 255 = ink.
        baseline: its row.
        ascent, descent: usual height above and depth below the baseline in this hand, pixels.
        small: usual height of the letters without ascender, pixels.
        stroke: width of the pen stroke, pixels.
        characters: length of the text.
    """

    ink: np.ndarray
    baseline: float
    ascent: float
    descent: float
    small: float
    stroke: float
    characters: int

    def reach(self) -> tuple[float, float]:
        """Height of this ink above and depth below the baseline, pixels."""
        rows = np.flatnonzero(self.ink.max(axis=1) > 100)
        if not len(rows):
            return 0.0, 0.0
        return max(self.baseline - rows[0], 0.0), max(rows[-1] + 1 - self.baseline, 0.0)


def stroke_width(ink: np.ndarray) -> float:
    """Mean stroke width of (H, W) uint8 ink: its area by half the length of its outline."""
    binary = (ink > 127).astype(np.uint8)
    outlines, _ = cv2.findContours(binary, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    # The outline runs through the middle of the border pixels: half a pixel inside the ink.
    length = sum(cv2.arcLength(outline, True) for outline in outlines)
    return float(2 * binary.sum() / length) if length else 1.0


def place(canvas: np.ndarray, glyph: np.ndarray, left: int, top: int) -> None:
    """Lay ink over ink; what falls outside the canvas is cut off."""
    height, width = glyph.shape
    x, y = max(left, 0), max(top, 0)
    right, bottom = min(left + width, canvas.shape[1]), min(top + height, canvas.shape[0])
    if x < right and y < bottom:
        target = canvas[y:bottom, x:right]
        np.maximum(target, glyph[y - top : bottom - top, x - left : right - left], out=target)
