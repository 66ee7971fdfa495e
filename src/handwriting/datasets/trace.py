"""Strokes from pictures: line drawings become lines that can be warped and drawn again."""

from functools import cache

import cv2
import numpy as np

_NEIGHBOURS = [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]


def trace_lines(picture: np.ndarray) -> list[np.ndarray]:
    """The middle lines of a line drawing.

    Args:
        picture: (H, W) uint8, dark ink on light paper.

    Returns:
        Strokes (P, 2) float32, x right and y down, in pixels.
    """
    # A margin, or the skeleton of ink at the edge is lost.
    ink = np.pad(picture < 128, 2)
    left = {(int(y), int(x)) for y, x in np.argwhere(thin(ink))}
    # A filled dot shrinks to one pixel; single pixels left over at forks are no dots.
    dots = {pixel for pixel in left if not _near(pixel, left)}
    strokes = []
    while left:
        ends = [pixel for pixel in left if len(_near(pixel, left)) == 1]
        stroke = _walk(min(ends or left), left)
        if len(stroke) == 1 and stroke[0] not in dots:
            continue
        strokes.append(_simplify(np.array(stroke, np.float32)[:, ::-1] - 2))
    return strokes


def trace_outlines(picture: np.ndarray) -> list[np.ndarray]:
    """The outer edges of filled areas as closed strokes; see `trace_lines`."""
    ink = np.pad((picture < 128).astype(np.uint8), 2)
    contours, _ = cv2.findContours(ink, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    closed = [np.concatenate([c, c[:1]]).reshape(-1, 2) for c in contours]
    return [_simplify(stroke.astype(np.float32) - 2) for stroke in closed]


def _simplify(stroke: np.ndarray) -> np.ndarray:
    """Leave out the points within 0.6 pixels of the line through the others."""
    ring = len(stroke) > 3 and np.array_equal(stroke[0], stroke[-1])
    points = cv2.approxPolyDP(stroke[:-1] if ring else stroke, 0.6, ring).reshape(-1, 2)
    return np.concatenate([points, points[:1]]) if ring else points


def thin(ink: np.ndarray) -> np.ndarray:
    """Thin lines to one pixel (Guo and Hall, Communications of the ACM 32(3), 1989).

    Args:
        ink: (H, W) bool with a margin of paper.

    Returns:
        (H, W) bool, connected as `ink` is.
    """
    pixels = ink.astype(np.uint8)
    while True:
        before = int(pixels.sum())
        for removable in _removable():
            # Each pixel's eight neighbours as the bits of one number.
            code = cv2.filter2D(pixels, cv2.CV_8U, _BITS, borderType=cv2.BORDER_CONSTANT)
            pixels[removable[code]] = 0
        if int(pixels.sum()) == before:
            return pixels.astype(bool)


# Clockwise from the pixel above; cv2.filter2D correlates, so a bit stands where it is read.
_BITS = np.array([[128, 1, 2], [64, 0, 4], [32, 16, 8]], np.float32)


@cache
def _removable() -> tuple[np.ndarray, np.ndarray]:
    """(256,) bool for each of the two passes: may a pixel with these neighbours go?"""
    n, ne, e, se, s, sw, w, nw = (((np.arange(256) >> bit) & 1).astype(bool) for bit in range(8))
    parts = (~n & (ne | e), ~e & (se | s), ~s & (sw | w), ~w & (nw | n))
    one = np.sum(parts, axis=0) == 1
    pairs = np.sum([nw | n, ne | e, se | s, sw | w], axis=0)
    others = np.sum([n | ne, e | se, s | sw, w | nw], axis=0)
    few = np.isin(np.minimum(pairs, others), (2, 3))
    return one & few & ~((s | sw | ~nw) & w), one & few & ~((n | ne | ~se) & e)


def _near(pixel, pixels) -> list[tuple[int, int]]:
    y, x = pixel
    return [(y + dy, x + dx) for dy, dx in _NEIGHBOURS if (y + dy, x + dx) in pixels]


def _walk(start, left: set) -> list[tuple[int, int]]:
    """Follow the line from `start`, straight on where it forks, and take its pixels away."""
    path = [start]
    left.discard(start)
    while near := _near(path[-1], left):
        y, x = path[-1]
        y0, x0 = path[-min(5, len(path))]
        # Straight on: the neighbour furthest along the last few pixels.
        path.append(max(near, key=lambda p: (p[0] - y) * (y - y0) + (p[1] - x) * (x - x0)))
        left.discard(path[-1])
    if len(path) > 8 and max(abs(np.subtract(path[0], path[-1]))) <= 2:
        path.append(path[0])  # close the ring
    return path
