"""Baseline and outline of a line, from its strokes and its course."""

import cv2
import numpy as np

from handwriting.layout.strokes import Strokes

# Lengths in distances between lines.
BIN = 0.15  # the outline follows the writing in steps of this width
REACH = 2  # steps on each side that a point of the outline looks at
TOP, BOTTOM = 1.3, 0.85  # farthest from the baseline
PAD = 0.09  # room around the writing
FOOT = 0.12  # the outline holds at least this much below the baseline
HEAD, HEADS = 0.28, 2.2  # and above the middle of small letters; at most so many of their heights
WINDOW = 2.0  # stretch from which a point of the baseline is taken
NEAR = 0.2  # feet of letters farther from the baseline than this are descenders


def find_baseline(strokes: Strokes, spacing: float) -> np.ndarray:
    """The line on which small letters stand: (K, 2), left to right.

    The lower edge of the dense rows beside the course gives its height; the feet of the
    letters near it bend it, descenders and outliers left aside.
    """
    columns, _, feet = strokes.edges(strokes.offset)
    base = _lower_edge(strokes.offset, spacing)
    near = np.abs(feet - base) < NEAR * spacing
    width = len(strokes.course)
    count = max(2, round(width / (0.5 * WINDOW * spacing)) + 1)
    at = np.linspace(strokes.left, strokes.left + width - 1, count)
    level = np.full(count, base)
    x, y = columns[near] + strokes.left, feet[near]
    for i, middle in enumerate(at):
        window = np.abs(x - middle) < WINDOW * spacing / 2
        if window.sum() > 0.2 * spacing:
            level[i] = np.median(y[window])
    level = _smooth(level)
    return np.stack([at, strokes.course[np.rint(at - strokes.left).astype(int)] + level], axis=1)


def _smooth(level: np.ndarray) -> np.ndarray:
    if len(level) < 3:
        return np.full(len(level), np.median(level))
    padded = np.pad(level, 1, mode="edge")
    return np.median([padded[:-2], padded[1:-1], padded[2:]], axis=0)


def _lower_edge(offset: np.ndarray, spacing: float) -> float:
    """Where the rows of small letters end: half as full as the fullest rows around."""
    reach = round(spacing)
    inside = np.rint(offset[np.abs(offset) < reach]).astype(int) + reach
    profile = np.bincount(inside, minlength=2 * reach + 1).astype(np.float32)
    profile = cv2.GaussianBlur(profile[None], (0, 0), max(0.8, 0.03 * spacing))[0]
    middle = slice(round(0.6 * reach), round(1.5 * reach))
    peak = int(profile[middle].argmax()) + middle.start
    below = np.flatnonzero(profile[peak:] < profile[peak] / 2)
    return float(peak - reach + (below[0] if len(below) else 0))


def letter_height(line: Strokes, baseline: np.ndarray, spacing: float) -> float:
    """Height of small letters in pixels: rows above the baseline at least half as full as any."""
    above = np.rint(np.interp(line.x, *baseline.T) - line.y).astype(int) + 2
    inside = above[(above >= 0) & (above < spacing)]
    profile = np.bincount(inside, minlength=round(spacing)) + 0.0
    profile = np.convolve(profile, [0.25, 0.5, 0.25], "same")
    peak = int(profile[: max(1, round(0.6 * spacing))].argmax())
    thin = np.flatnonzero(profile[peak:] < profile[peak] / 2)
    return max(2.0, peak - 2.0 + (thin[0] if len(thin) else 0))


def find_polygon(strokes: Strokes, baseline: np.ndarray, spacing: float) -> np.ndarray:
    """The outline of the writing: (N, 2), clockwise from its upper left."""
    step = max(2, round(BIN * spacing))
    bins = (strokes.x - strokes.left) // step
    count = len(strokes.course) // step + 1
    at = np.minimum(strokes.left + (np.arange(count) + 0.5) * step, strokes.right)
    base = np.interp(at, *baseline.T)
    height = letter_height(strokes, baseline, spacing)
    below = strokes.y - base[bins]
    below = np.clip(below, -TOP * spacing, BOTTOM * spacing)
    top = np.full(count, -min(height / 2 + HEAD * spacing, HEADS * height))
    bottom = np.full(count, min(FOOT * spacing, height / 2))
    np.minimum.at(top, bins, below)
    np.maximum.at(bottom, bins, below)
    pad = min(PAD * spacing, height / 2)
    top = base + _spread(top, -1) - pad
    bottom = base + _spread(bottom, 1) + pad
    at[0], at[-1] = strokes.left - pad, strokes.right + pad
    points = np.concatenate([np.stack([at, top], axis=1), np.stack([at, bottom], axis=1)[::-1]])
    return cv2.approxPolyDP(points.astype(np.float32)[:, None], 1.5, True)[:, 0].astype(np.float64)


def _spread(edge: np.ndarray, sign: int) -> np.ndarray:
    """The outermost of the points around each, then evened out."""
    padded = np.pad(sign * edge, REACH, mode="edge")
    width = 2 * REACH + 1
    outer = np.lib.stride_tricks.sliding_window_view(padded, width).max(axis=1)
    padded = np.pad(outer, 1, mode="edge")
    return sign * np.maximum(outer, (padded[:-2] + padded[1:-1] + padded[2:]) / 3)
