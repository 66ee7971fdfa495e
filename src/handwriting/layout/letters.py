"""Which strokes of a page may be letters."""

from typing import NamedTuple

import cv2
import numpy as np

# Lengths in distances between lines.
SOLID = 0.4  # darker over this much both ways it is no pen's stroke
TALLEST = 2.6
STREAK, TALL_STREAK = 1.2, 1.8  # a longer part is looked at
THICK = 0.16  # as many strokes above another as make a word struck out
CLOSE = 0.16  # share of ink where strokes stand as close as in a word
SMOOTH = 0.4  # up and down of its outline as a share of its length
FLAT = 0.13  # what is lower may be a dash or the rest of a rule
STAMP, DENSE = 1.6, 0.22  # as high and wide with this share of ink is a stamp or a blot
AROUND = 0.6  # parts whose middle is this near a stamp's middle, in its sides, are its own
TALL_BLOT = 1.2
SPECK = 0.005  # area, in squared distances between lines


class Letters(NamedTuple):
    """Strokes of letters, and doubtful ones, such as dashes: two (H, W) uint8 masks."""

    letters: np.ndarray
    doubtful: np.ndarray


def split_ink(ink: np.ndarray, spacing: float) -> Letters:
    """Sort the parts of the ink.

    Dark areas, stamps, smooth strokes too long for letters, and specks are in neither.
    Words struck out and dashes are doubtful: they hold their place in a line, but do not
    tell where lines run.
    """
    side = max(5, round(SOLID * spacing))
    solid = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height = stats[:, 2] / spacing, stats[:, 3] / spacing
    area, filled = stats[:, 4] / spacing**2, np.bincount(labels[solid > 0], minlength=count)
    dark = filled > 0.3 * stats[:, 4]
    # A word struck out holds its place in a line.
    good = (area > SPECK) & ~(dark & (height > TALL_BLOT))
    good[0] = False
    good &= ~_in_stamps(stats, spacing)
    streak = (width > STREAK) | (height > TALL_STREAK)
    streak &= area < THICK * np.maximum(width, height)
    for part in np.flatnonzero(good & streak):
        good[part] = not _is_smooth(labels, stats[part], part, spacing)
    tall = good & (height > TALLEST)
    doubtful = good & (dark | ((height < FLAT) & (width > 2 * height)))
    letters = (good & ~doubtful & ~tall).view(np.uint8)[labels]
    if tall.any():
        # Words tied to a frame or a flourish: strokes stand close only there.
        window = max(3, round(spacing)), max(3, round(spacing / 2))
        close = cv2.blur(ink * np.uint8(255), window) > 255 * CLOSE
        letters |= tall.view(np.uint8)[labels] & close.view(np.uint8)
    return Letters(letters, doubtful.view(np.uint8)[labels])


def _in_stamps(stats: np.ndarray, spacing: float) -> np.ndarray:
    """Which parts are large and full of ink, or lie with such a part: (count,) bool."""
    left, top, width, height, area = stats.T.astype(float)
    stamp = (np.minimum(width, height) > STAMP * spacing) & (area > DENSE * width * height)
    stamp[0] = False
    found = stamp.copy()
    x, y = left + width / 2, top + height / 2
    for i in np.flatnonzero(stamp):
        found |= (np.abs(x - x[i]) < AROUND * width[i]) & (np.abs(y - y[i]) < AROUND * height[i])
    return found


def _is_smooth(labels: np.ndarray, stats: np.ndarray, part: int, spacing: float) -> bool:
    """Whether a part's outline runs on with little up and down, unlike a word's."""
    left, top, width, height, _ = stats
    mask = labels[top : top + height, left : left + width] == part
    if height > width:
        mask = mask.T
    step = max(1, round(0.07 * spacing))
    edges = (mask.argmax(axis=0), mask[::-1].argmax(axis=0))
    variation = max(np.abs(np.diff(edge[::step])).sum() for edge in edges)
    return bool(variation < SMOOTH * mask.shape[1])
