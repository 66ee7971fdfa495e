"""No line twice: what lies for the most part inside another line's outline goes."""

from collections.abc import Sequence

import cv2
import numpy as np

CELLS = 16  # of the raster, from one line to the next
SHARE = 0.45


def distinct(polygons: Sequence[np.ndarray], spacing: float) -> list[int]:
    """Indices of the outlines that no larger one covers by more than `SHARE`, ascending.

    Args:
        polygons: (N, 2) each, on the level page.
        spacing: distance between lines in its pixels.
    """
    if not polygons:
        return []
    scale = CELLS / spacing
    cells = [np.rint(polygon * scale).astype(np.int32) for polygon in polygons]
    low = np.min([c.min(axis=0) for c in cells], axis=0)
    size = np.max([c.max(axis=0) for c in cells], axis=0) - low + 1
    owner = np.zeros(size[::-1], np.int32)
    kept = []
    for i in sorted(range(len(cells)), key=lambda i: -cv2.contourArea(cells[i])):
        left, top = cells[i].min(axis=0) - low
        right, bottom = cells[i].max(axis=0) - low + 1
        window = owner[top:bottom, left:right]
        mask = np.zeros(window.shape, np.uint8)
        cv2.fillPoly(mask, [cells[i] - low - (left, top)], 1)
        inside = mask > 0
        counts = np.bincount(window[inside])
        if counts[1:].max(initial=0) <= SHARE * counts.sum():
            window[inside] = i + 1
            kept.append(i)
    return sorted(kept)
