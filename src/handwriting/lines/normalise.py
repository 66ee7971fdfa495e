"""A picture of one line, from a file or a camera, in the form that line models read."""

from dataclasses import dataclass

import cv2
import numpy as np

from handwriting.images import load
from handwriting.images.background import TINY_SIDE, even_light
from handwriting.images.parts import SPECK, stroke_width
from handwriting.lines.data import LINE_HEIGHT, PAPER
from handwriting.lines.paper import (
    DARK,
    FAINTEST,
    flatten_paper,
    frame_line,
    ink_level,
    ink_rows,
    resize_line,
    strengthen,
    with_margins,
)

# Height of the picture in which the writing is looked for: more than twice that of the result.
WORK_HEIGHT = 160
PHOTO = 8  # a picture shorter than this many of its heights may be a photo with shadows
ROOM = 0.6  # of the writing's height that stays above and below it for a second look
# Darkest share of a picture that may be mostly bare paper.
SCARCE_INK = 0.002
# Ink is darker than the paper by so many times what the paper's texture is brighter.
NOISE = 9
# The ink's slope is trusted in long lines only, and not where the letters alone explain it.
LONG = 5
LEAST_SLOPE, MOST_SLOPE = 0.03, 0.35
# Rows with this share of the fullest row's ink hold the bodies of the letters.
CORE = 0.35
# Small letters are about 6 pen strokes high, capitals and figures about 10: where a row of
# letters has no ascender, this tells whether room for one is missing.
SMALL, CAPITAL = 6.0, 10.0
NO_ASCENDER = 0.25  # of the height of small letters: what sticks out less is none
ASCENDER = 0.73  # of the height of small letters, above them
DESCENDER = 0.29  # of the height above the baseline, below it


@dataclass(frozen=True)
class LineView:
    """A line as models read it, and where it was found.

    Attributes:
        image: (64, W) uint8, dark ink on paper 235; W at most 32,000, wider lines are squeezed.
        to_picture: (2, 3) float64, from a point (x, y, 1) of `image` to the picture as loaded.
    """

    image: np.ndarray
    to_picture: np.ndarray

    def box(self, left: float, right: float) -> tuple[int, int, int, int]:
        """Upright box (x0, y0, x1, y1) in the picture around columns of `image`."""
        height = self.image.shape[0]
        corners = [(x, y, 1) for x in (left, right) for y in (0, height)]
        points = self.to_picture @ np.transpose(corners)
        (x0, y0), (x1, y1) = np.floor(points.min(axis=1)), np.ceil(points.max(axis=1))
        return int(x0), int(y0), int(x1), int(y1)


def normalise_line(image) -> np.ndarray:
    """A picture of one line of writing, as line models read it.

    A word without tall or hanging letters gets the room that they would take, so that its
    letters come out about as high as in other lines.

    Args:
        image: whatever `images.load` takes: a path, bytes, a PIL image, an array
            (H, W) or (H, W, 3); dark on light or light on dark, up to 30,000 pixels wide.

    Returns:
        (64, W) uint8, dark ink on paper 235; W at most 32,000, wider lines are squeezed.
        A picture without writing gives bare paper.

    Raises:
        UserError: the picture cannot be read.
    """
    return view_line(image).image


def view_line(image) -> LineView:
    """`normalise_line` with the way back to the picture; takes and raises the same."""
    gray = _even(load(image))
    flat, ink = _find_ink(_shrink(gray))
    first, last = 0, gray.shape[0]
    if ink.any() and gray.shape[0] > WORK_HEIGHT:
        # Much of a photo may be bare paper: the writing alone is looked at again, larger.
        first, last = _rows_around(gray, ink)
        flat, ink = _find_ink(_shrink(gray[first:last]))
    rows, columns = flat.shape
    back = _scaling(gray.shape[1] / columns, (last - first) / rows, 0, first)
    slope = ink_slope(ink)
    if LEAST_SLOPE < abs(slope) < MOST_SLOPE:
        turned, matrix = _turn(flat, slope)
        back = back @ np.linalg.inv(matrix)
        flat, ink = _find_ink(turned)
    if not ink.any():
        width = max(resize_line(flat).shape[1], LINE_HEIGHT)
        return LineView(np.full((LINE_HEIGHT, width), PAPER, np.uint8), back[:2])
    written = np.flatnonzero(ink.any(axis=0))
    left, right = int(written[0]), int(written[-1]) + 1
    top, bottom = writing_rows(ink)
    inside = flat[max(top, 0) : bottom, left:right]
    flat = strengthen(flat, ink_level(np.ascontiguousarray(inside)))
    line = frame_line(flat, top, bottom, left, right)
    top, bottom, left, right = with_margins(top, bottom, left, right)
    height, width = line.shape
    back = back @ _scaling((right - left) / width, (bottom - top) / height, left, top)
    return LineView(line, back[:2])


def _scaling(x: float, y: float, left: float, top: float) -> np.ndarray:
    return np.array([[x, 0, left], [0, y, top], [0, 0, 1]], np.float64)


def _even(gray: np.ndarray) -> np.ndarray:
    """A photo freed of shadows; a long line is left to `flatten_paper`, which goes along it."""
    height, width = gray.shape
    is_photo = width < PHOTO * height and min(height, width) > TINY_SIDE
    return even_light(gray) if is_photo else gray


def _shrink(gray: np.ndarray) -> np.ndarray:
    height, width = gray.shape
    if height <= WORK_HEIGHT:
        return gray
    size = max(1, round(width * WORK_HEIGHT / height)), WORK_HEIGHT
    return cv2.resize(gray, size, interpolation=cv2.INTER_AREA)


def _rows_around(gray: np.ndarray, ink: np.ndarray) -> tuple[int, int]:
    """First row and the row behind the last around the ink that a smaller copy shows."""
    scale = gray.shape[0] / ink.shape[0]
    top, bottom = (row * scale for row in ink_rows(ink))
    room = ROOM * (bottom - top)
    return max(round(top - room), 0), min(round(bottom + room), gray.shape[0])


def _find_ink(gray: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(h, w) uint8 on even paper; (h, w) bool where it is written, without specks and rules."""
    flat = flatten_paper(gray)
    level = ink_level(flat, share=SCARCE_INK)
    bright = flat[flat >= PAPER].astype(np.float32) - PAPER
    noise = float(np.sqrt(np.mean(np.square(bright)))) if bright.size else 0.0
    if PAPER - level < max(FAINTEST, NOISE * noise):
        return flat, np.zeros(flat.shape, bool)
    ink = (flat < PAPER - DARK * (PAPER - level)).view(np.uint8)
    return flat, _without_specks(ink & ~_rules(ink)).astype(bool)


def _rules(ink: np.ndarray) -> np.ndarray:
    """Level lines longer than any stroke, uint8; none where the picture is not long."""
    height, width = ink.shape
    if width < 4 * height:
        return np.zeros_like(ink)
    return cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, 2 * height), np.uint8))


def _without_specks(ink: np.ndarray) -> np.ndarray:
    _, labels = cv2.connectedComponents(ink, connectivity=8)
    keep = (np.bincount(labels.ravel()) > SPECK * stroke_width(ink) ** 2).astype(np.uint8)
    keep[0] = 0
    return keep[labels]


def ink_slope(ink: np.ndarray) -> float:
    """Slope of a straight line through the ink, rows per column; 0 where it is not long."""
    rows, columns = np.nonzero(ink)
    if not len(rows) or np.ptp(columns) < LONG:
        return 0.0
    slope, start = np.polyfit(columns, rows, 1)
    spread = np.std(rows - slope * columns - start)
    # The ink of a level line is spread over a quarter of its height.
    return float(slope) if np.ptp(columns) > LONG * 4 * spread else 0.0


def _turn(flat: np.ndarray, slope: float) -> tuple[np.ndarray, np.ndarray]:
    """Turned so that `slope` becomes level, on a sheet that holds it all; and the (3, 3) turn."""
    height, width = flat.shape
    room = int(abs(slope) * width) + 1
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), np.degrees(np.arctan(slope)), 1.0)
    matrix[1, 2] += room
    size = width, height + 2 * room
    turned = cv2.warpAffine(flat, matrix, size, flags=cv2.INTER_LINEAR, borderValue=PAPER)
    return turned, np.vstack([matrix, [0, 0, 1]])


def writing_rows(ink: np.ndarray) -> tuple[int, int]:
    """First row and the row behind the last that the writing needs; both may lie outside.

    Args:
        ink: (h, w) bool, some of it True.
    """
    top, bottom = ink_rows(ink)
    profile = cv2.blur(ink.sum(axis=1).astype(np.float32)[:, None], (1, 5))[:, 0]
    thin = np.flatnonzero(profile < CORE * profile.max())
    split = np.searchsorted(thin, profile.argmax())
    first = max(int(thin[split - 1]) + 1 if split else 0, top)
    base = min(int(thin[split]) if split < len(thin) else len(profile), bottom)
    strokes = (base - first) / max(stroke_width(ink), 1)
    small = 1 - np.clip((strokes - SMALL) / (CAPITAL - SMALL), 0, 1)
    above = base - top
    if first - top < NO_ASCENDER * (base - first):
        above = max(above, round((base - first) * (1 + ASCENDER * small)))
    return base - above, max(bottom, base + round(DESCENDER * above))
