"""Straight edges in a picture, and how surely each is the side of a sheet of paper."""

from typing import NamedTuple

import cv2
import numpy as np

WORK_SIDE = 400  # pixels: a sheet's edge needs no more
INK = 0.022  # of the long side: narrower dark structures are writing
STEEPEST = 42.0  # degrees between a side and the frame
# Answers of the Hough transform that are looked at, and lines that are left of them.
MOST_LINES, MOST_DISTINCT = 400, 80
APART = 4  # pixels between the ends of two lines, at most, that are the same
CANDIDATES = 12  # lines kept for each side
VOTES = 0.16  # of a side of the picture that a line must be seen along
REACH = 3  # pixels to either side of an edge where paper and ground are compared
# A step in brightness by this share, or in saturation by so much, is as clear as need be.
FULL_STEP, FULL_TINT = 0.15, 30.0
DARKEST = 20  # grey levels: what is darker is noise
NOTHING = 0.35  # evidence below which there is no edge


class Ground(NamedTuple):
    """A small picture without its writing.

    Attributes:
        light: (H, W) float32, grey.
        tint: (H, W) float32, saturation 0 to 255; 0 everywhere in a grey picture.
        scale: its pixels in one pixel of the picture.
    """

    light: np.ndarray
    tint: np.ndarray
    scale: float


class Lines(NamedTuple):
    """N nearly level lines as y = start + slope * x, and what speaks for them.

    Attributes:
        start, slope: (N,) float64.
        evidence: (N, W) float32, at each column from -1, no edge, to 1, paper below it.
    """

    start: np.ndarray
    slope: np.ndarray
    evidence: np.ndarray


def find_ground(picture: np.ndarray) -> Ground:
    """Reduce (H, W) or (H, W, 3) uint8 RGB and take its writing out."""
    stride = max(1, max(picture.shape[:2]) // (3 * WORK_SIDE))
    picture = picture[::stride, ::stride]
    scale = min(1.0, WORK_SIDE / max(picture.shape[:2]))
    size = tuple(max(1, round(side * scale)) for side in picture.shape[1::-1])
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    kernel = np.ones((max(3, round(INK * max(size)) | 1),) * 2, np.uint8)
    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY) if small.ndim == 3 else small
    light = cv2.morphologyEx(gray, cv2.MORPH_CLOSE, kernel)
    tint = np.zeros_like(light)
    if small.ndim == 3:
        high, low = small.max(axis=2), small.min(axis=2)
        tint = cv2.divide(cv2.subtract(high, low), cv2.max(high, 24), scale=255)
        tint = cv2.morphologyEx(tint, cv2.MORPH_OPEN, kernel)
    smooth = [cv2.GaussianBlur(plane, (0, 0), 0.8).astype(np.float32) for plane in (light, tint)]
    return Ground(*smooth, scale / stride)


def turned(ground: Ground) -> Ground:
    """With x and y exchanged."""
    return Ground(*(np.ascontiguousarray(p.T) for p in ground[:2]), ground.scale)


def level_lines(ground: Ground) -> tuple[Lines, Lines]:
    """Candidates for the upper and for the lower side of a sheet."""
    found = _straight(ground)
    upper, lower = _evidence(ground, found)
    return _best(found, upper), _best(found, lower)


def _straight(ground: Ground) -> np.ndarray:
    """Start and slope of the straight edges that are nearly level: (N, 2) float64."""
    height, width = ground.light.shape
    planes = [plane.clip(0, 255).astype(np.uint8) for plane in ground[:2]]
    edges = np.zeros((height, width), np.uint8)
    for plane in planes:
        edges |= cv2.Canny(plane, 18, 45, L2gradient=True)
    lean = np.deg2rad(STEEPEST)
    votes = max(12, round(VOTES * width))
    found = cv2.HoughLines(
        edges,
        1,
        np.pi / 360,
        votes,
        min_theta=float(np.pi / 2 - lean),
        max_theta=float(np.pi / 2 + lean),
    )
    if found is None:
        return np.zeros((0, 2))
    rho, theta = found.reshape(-1, 2)[:MOST_LINES].astype(np.float64).T
    start, slope = rho / np.sin(theta), -1 / np.tan(theta)
    return _distinct(start, slope, width)


def _distinct(start: np.ndarray, slope: np.ndarray, width: int) -> np.ndarray:
    """Each line once, (N, 2): of the many answers for one edge the first is the best."""
    ends = np.stack([start, start + slope * width], axis=1)
    same = np.abs(ends[:, None] - ends[None]).max(axis=2) <= APART
    keep, left = [], np.ones(len(ends), bool)
    for number in range(len(ends)):
        if left[number]:
            keep.append(number)
            left &= ~same[number]
    return np.stack([start, slope], axis=1)[keep[:MOST_DISTINCT]]


def _evidence(ground: Ground, lines: np.ndarray) -> np.ndarray:
    """What speaks for paper below each line and for paper above it: (2, N, W) float32."""
    width = ground.light.shape[1]
    x = np.arange(width, dtype=np.float32)[None]
    y = (lines[:, :1] + lines[:, 1:] * x).astype(np.float32)
    if not y.size:
        return np.zeros((2, *y.shape), np.float32)
    x = np.ascontiguousarray(np.broadcast_to(x, y.shape))
    above, below = (
        [
            cv2.remap(plane, x, y + shift, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for plane in ground[:2]
        ]
        for shift in (-REACH, REACH)
    )
    # Relative to the brighter side, a step is the same in the shade as in the light.
    step = (below[0] - above[0]) / (np.maximum(below[0], above[0]) + DARKEST) / FULL_STEP
    tint = (above[1] - below[1]) / FULL_TINT
    sides = np.stack([np.maximum(step, tint), np.maximum(-step, -tint)])
    value = ((sides - NOTHING) / (1 - NOTHING)).clip(-1, 1)
    inside = (y > -1) & (y < ground.light.shape[0])
    return np.where(inside, value, 0).astype(np.float32)


def _best(lines: np.ndarray, evidence: np.ndarray) -> Lines:
    """The lines with most evidence, and the lot of them ordered by it."""
    order = np.argsort(-evidence.clip(0).sum(axis=1), kind="stable")[:CANDIDATES]
    return Lines(lines[order, 0], lines[order, 1], evidence[order])
