"""A page with its layout drawn on it."""

import cv2
import numpy as np

from handwriting.layout.page import PRINTED, Layout

COLOURS = ((200, 60, 0), (0, 130, 60), (30, 60, 220), (160, 0, 160))
PRINTED_COLOUR = (130, 130, 130)
BASELINE_COLOUR = (255, 140, 0)


def overlay(page: np.ndarray, layout: Layout) -> np.ndarray:
    """Outlines, baselines and numbers in reading order on the page.

    Args:
        page: (H, W) uint8.

    Returns:
        (H, W, 3) uint8 RGB; lines in printed blocks are grey.
    """
    picture = cv2.cvtColor(page, cv2.COLOR_GRAY2RGB)
    thick = max(1, round(max(page.shape) / 1000))
    for number, line in enumerate(layout.lines, 1):
        printed = layout.blocks[line.block].kind == PRINTED
        colour = PRINTED_COLOUR if printed else COLOURS[number % len(COLOURS)]
        cv2.polylines(picture, [_pixels(line.polygon)], True, colour, thick, cv2.LINE_AA)
        cv2.polylines(picture, [_pixels(line.baseline)], False, BASELINE_COLOUR, thick, cv2.LINE_AA)
        corner = _pixels(line.polygon).min(axis=0)
        place = int(max(0, corner[0] - 22 * thick)), int(line.baseline[0, 1])
        cv2.putText(picture, str(number), place, 0, 0.5 * thick, colour, thick, cv2.LINE_AA)
    return picture


def _pixels(points: np.ndarray) -> np.ndarray:
    return np.rint(points).astype(np.int32)
