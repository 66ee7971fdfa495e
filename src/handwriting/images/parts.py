"""Which of the dark parts of a picture belong to the glyph, and how wide its strokes are."""

import cv2
import numpy as np

SPECK = 0.3  # of a stroke's width squared: smaller parts are dirt, a dot of an i is larger
FAR = 1.0  # gap, in longer sides of the main part, that parts another character


def stroke_width(mask: np.ndarray) -> float:
    """Mean width in pixels of the strokes in a boolean (H, W); 0 if there are none.

    The distance to the edge averages a quarter of the width across a stroke.

    >>> round(stroke_width(np.pad(np.ones((8, 200), bool), 4)))
    8
    """
    padded = np.pad(mask.astype(np.uint8), 1)
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 3)
    inside = distance[distance > 0]
    return 4 * float(inside.mean()) - 1 if inside.size else 0.0


def glyph_mask(clean: np.ndarray) -> np.ndarray:
    """The pixels of the glyph: all its parts, without specks, frames and neighbours.

    Args:
        clean: (H, W) uint8, paper 255, ink near 0, evenly lit.

    Returns:
        (H, W) bool, one pixel wider than the ink so that soft edges stay.
    """
    labels, stats = _ink_parts(clean)
    keep = np.zeros(len(stats), np.uint8)
    if len(stats) > 1:
        keep[1 + _choose(labels, stats[1:])] = 1
    mask = keep[labels]
    return cv2.dilate(mask, np.ones((3, 3), np.uint8)).astype(bool)


def _ink_parts(clean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Connected parts by hysteresis: faint pixels count where they touch dark ones."""
    threshold, _ = cv2.threshold(clean, 0, 255, cv2.THRESH_OTSU)
    dark = min(max(threshold, 80), 150)
    faint = (clean < dark + 40).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(faint, connectivity=8)
    seeds = np.bincount(labels[clean < dark], minlength=len(stats)) > 0
    stats[~seeds, cv2.CC_STAT_AREA] = 0
    return labels, stats


def _choose(labels: np.ndarray, stats: np.ndarray) -> np.ndarray:
    """Indices of the parts that make up the glyph."""
    left, top, width, height, area = stats.T.astype(float)
    right, bottom = left + width, top + height
    rows, columns = labels.shape
    sides = [left <= 1, top <= 1, right >= columns - 1, bottom >= rows - 1]
    touches = np.any(sides, axis=0)
    # A neighbour touches one side of the picture or two, a frame three or four.
    trust = np.where(np.sum(sides, axis=0) > 2, 0.01, np.where(touches, 0.2, 1.0))
    main = int(np.argmax(area * trust))
    window = np.s_[int(top[main]) : int(bottom[main]), int(left[main]) : int(right[main])]
    stroke = stroke_width(labels[window] == main + 1)
    # Where the glyph itself is cut by the edge, its other large parts may be, too.
    candidates = ~touches | (touches[main] & (area > 0.2 * area[main]))
    candidates &= area > max(SPECK * stroke**2, 0.004 * area[main])
    reach = FAR * max(width[main], height[main])
    return np.flatnonzero(_gather(left, top, right, bottom, main, candidates, reach))


def _gather(left, top, right, bottom, main: int, candidates, reach: float) -> np.ndarray:
    """Grow the glyph from its main part: bool (parts,). A broken stroke is a chain of parts."""
    keep = np.arange(len(left)) == main
    while True:
        across = np.maximum(left - right[keep].max(), left[keep].min() - right)
        down = np.maximum(top - bottom[keep].max(), top[keep].min() - bottom)
        grown = keep | (candidates & (np.maximum(across, down) < reach))
        if (grown == keep).all():
            return keep
        keep = grown
