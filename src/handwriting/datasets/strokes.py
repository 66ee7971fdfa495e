"""Drawings as strokes: smooth, warp and render them at 28 x 28 in the geometry of EMNIST.

A drawing is a tuple of strokes, each (P, 2) float32 points (x right, y down) on a grid of
about 0-255. Warping the points instead of pixels keeps lines thin and unbroken, and the pen
can be chosen after the warp.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from handwriting.datasets.geometry import BOX, SIZE

# Drawn at four times the size and averaged down: grey edges as in EMNIST.
OVERSAMPLING = 4
# cv2 draws at fixed-point coordinates with this many fractional bits.
SHIFT = 3
STEP = 12.0


@dataclass(frozen=True)
class Drawing:
    """Strokes in one array, which NumPy warps in one go.

    Attributes:
        points: (P, 2) float32, the strokes one after another.
        lengths: (S,) int64, the number of points of each stroke.
    """

    points: np.ndarray
    lengths: np.ndarray


def make_drawing(strokes) -> Drawing:
    """A drawing from strokes (P, 2), resampled so that straight lines can bend too."""
    dense = [_resample(np.asarray(stroke, np.float32)) for stroke in strokes]
    return Drawing(np.concatenate(dense), np.array([len(stroke) for stroke in dense]))


def _resample(stroke: np.ndarray) -> np.ndarray:
    steps = np.hypot(*np.diff(stroke, axis=0).T)
    if steps.sum() == 0:
        return np.repeat(stroke[:1], 2, axis=0)  # a dot: two equal points draw one
    pieces = np.maximum(1, np.ceil(steps / STEP)).astype(int)
    # Positions along the index of the points: the corners stay where they are.
    where = [i + np.arange(count) / count for i, count in enumerate(pieces)]
    where = np.concatenate([*where, [len(stroke) - 1]])
    index = np.arange(len(stroke))
    columns = [np.interp(where, index, stroke[:, axis]) for axis in (0, 1)]
    return np.stack(columns, axis=1).astype(np.float32)


def render(drawing: Drawing, pen: float = 2.0) -> np.ndarray:
    """Draw at 28 x 28, the longer side 24 pixels including the pen, centred by its box.

    Args:
        pen: stroke width in pixels of the result.

    Returns:
        (28, 28) uint8, 0 = paper, 255 = ink.
    """
    low, high = drawing.points.min(axis=0), drawing.points.max(axis=0)
    scale = (BOX - pen) / max(float((high - low).max()), 1e-3)
    # Pixel centres: the middle of 112 pixels lies at 55.5.
    centred = (drawing.points - (low + high) / 2) * (scale * OVERSAMPLING)
    centred += (SIZE * OVERSAMPLING - 1) / 2
    fixed = np.rint(centred * (1 << SHIFT)).astype(np.int32)
    canvas = np.zeros((SIZE * OVERSAMPLING,) * 2, np.uint8)
    lines = np.split(fixed, np.cumsum(drawing.lengths)[:-1])
    width = max(1, round(pen * OVERSAMPLING))
    cv2.polylines(canvas, lines, False, 255, width, cv2.LINE_8, SHIFT)
    return cv2.resize(canvas, (SIZE, SIZE), interpolation=cv2.INTER_AREA)


def mirror(drawing: Drawing) -> Drawing:
    """Left for right."""
    return Drawing(drawing.points * np.float32([-1, 1]), drawing.lengths)


def vary(drawing: Drawing, rng: np.random.Generator, strength: float = 1.0) -> Drawing:
    """Another hand draws the same thing.

    Ends are cut or drawn too far, each stroke is shifted, scaled and turned a little, then
    the whole drawing is bent by slow waves, sheared, stretched and turned.

    Args:
        strength: 0 leaves the drawing as it is; 1 is for training.
    """
    points, lengths = _vary_ends(drawing, rng, strength)
    size = float(np.ptp(drawing.points, axis=0).max()) or 1.0
    points = _move_strokes(points, lengths, size, rng, strength)
    points = points + _waves(points / size, rng) * (size * strength)
    return Drawing(points @ _random_affine(rng, strength), lengths)


def _vary_ends(drawing: Drawing, rng, strength: float) -> tuple[np.ndarray, np.ndarray]:
    points, lengths = drawing.points.copy(), drawing.lengths
    last = np.cumsum(lengths) - 1
    first = last - lengths + 1
    long = lengths > 6
    # A negative share draws on in the direction of the last piece, a positive one stops short.
    share = rng.normal(0, 0.5 * strength, (2, len(lengths), 1)) * long[:, None]
    points[first] += (points[first + 1] - points[first]) * np.clip(share[0], -1, 0.9)
    points[last] += (points[last - 1] - points[last]) * np.clip(share[1], -1, 0.9)
    return points, lengths


def _move_strokes(points, lengths, size: float, rng, strength: float) -> np.ndarray:
    count = len(lengths)
    last = np.cumsum(lengths)
    middle = np.add.reduceat(points, last - lengths, axis=0) / lengths[:, None]
    angle = rng.normal(0, 0.07 * strength, count)
    scale = 1 + rng.normal(0, 0.05 * strength, (count, 2))
    shift = rng.normal(0, 0.018 * strength, (count, 2)) * size
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, -sine], [sine, cosine]]).transpose(2, 0, 1) * scale[:, None]
    each = np.repeat(np.arange(count), lengths)
    offset = points - middle[each]
    return np.einsum("pi,pij->pj", offset, turn[each]) + (middle + shift)[each]


def _waves(points: np.ndarray, rng, count: int = 3) -> np.ndarray:
    # A few plane waves of random direction, from half a period to three over the drawing.
    direction = rng.normal(0, 5.0, (2, count))
    amplitude = rng.normal(0, 0.018, (count, 2))
    return np.sin(points @ direction + rng.uniform(0, 2 * np.pi, count)) @ amplitude


def _random_affine(rng, strength: float) -> np.ndarray:
    angle, shear = rng.normal(0, [0.12, 0.14]) * strength
    stretch = np.exp(rng.normal(0, 0.09 * strength))
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, sine], [-sine, cosine]])
    return turn @ np.array([[stretch, 0], [shear, 1 / stretch]])
