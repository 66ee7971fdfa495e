"""Ruled lines and squares taken out of a grey page, the strokes that cross them kept."""

import cv2
import numpy as np

from handwriting.cleanup.binarise import sauvola
from handwriting.cleanup.orientation import SIDE, SPACING
from handwriting.layout import ruling
from handwriting.layout.scale import find_spacing, spacing_of_parts


def suppress_rules(gray: np.ndarray, spacing: float | None = None) -> np.ndarray:
    """Paint ruled lines over with the paper beside them.

    Which pixels of the ink are rules is said by `layout.ruling`; strokes that go through a
    rule are no part of it and stay.

    Args:
        gray: (H, W) uint8, evenly lit, dark ink.
        spacing: distance between lines of writing in pixels; found if not given.
    """
    if min(gray.shape) < 3:
        return gray
    ink = (sauvola(gray) == 0).view(np.uint8)
    spacing = spacing or _spacing(ink)
    rest = ruling.remove_rules(ink, spacing)
    rules = cv2.dilate(ink & ~rest, np.ones((3, 3), np.uint8))
    # The soft edge of a stroke that is kept is no soft edge of a rule.
    rules &= ~cv2.dilate(rest, np.ones((3, 3), np.uint8))
    width = max(3, round(ruling.THICKEST * spacing) + 4) | 1
    paper = cv2.medianBlur(cv2.dilate(gray, np.ones((width, width), np.uint8)), 5)
    return np.where(rules.view(bool), paper, gray)


def _spacing(ink: np.ndarray) -> float:
    guess = SPACING * max(ink.shape) / SIDE
    rest = ruling.remove_rules(ink, guess)
    spacing = find_spacing(rest)
    return spacing if spacing < ink.shape[0] / 4 else min(spacing_of_parts(rest), guess)
