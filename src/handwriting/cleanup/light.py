"""Light, noise and contrast of a page: small functions from grey to grey, each usable alone."""

import cv2
import numpy as np

from handwriting.images.background import paper_and_ink, reduce_to

PAPER = 240  # grey of the paper of a clean page: some noise above it is not cut off
# The paper's brightness is measured on a copy of this long side.
BACKGROUND_SIDE = 800
# Share of the long side of which dark structures are writing; wider ones are shadow.
WIDEST_STROKE = 0.03
DARKEST = 8  # grey of the darkest paper: below it there is nothing to be brightened
QUIET = 2.5  # grey levels of noise that are left alone
NOISE_TILE = 256  # pixels a side of the samples in which noise is measured
# Surroundings in pixels of a stroke, and the difference from them that counts at most.
STROKES, STRONGEST = 21, 60
CONTRAST, MOST_GAIN = 80, 2.0  # between paper and ink; more would raise the texture as well


def paper_brightness(gray: np.ndarray, stroke: float = WIDEST_STROKE) -> np.ndarray:
    """Grey that bare paper has, or would have, at every pixel: strokes filled from all sides.

    `images.background` does so for a single character, of which one stroke may take a
    sixth of the picture; here shadows with hard edges are followed on either side.

    Args:
        gray: (H, W) uint8, dark ink.
        stroke: widest stroke as a share of the long side.

    Returns:
        (H, W) uint8.
    """
    small = reduce_to(gray, BACKGROUND_SIDE)
    window = max(3, round(max(small.shape) * stroke)) | 1
    if min(small.shape) >= 3:
        small = cv2.medianBlur(small, 3)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((window, window), np.uint8))
    smooth = cv2.blur(closed, (window // 3 | 1,) * 2)
    return cv2.resize(smooth, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)


def flatten_light(gray: np.ndarray, stroke: float = WIDEST_STROKE) -> np.ndarray:
    """Divide (H, W) uint8 by its paper: shadows, corners and tints become `PAPER` alike."""
    paper = np.maximum(paper_brightness(gray, stroke), DARKEST)
    return cv2.divide(gray, paper, scale=PAPER)


def noise_level(gray: np.ndarray) -> float:
    """Standard deviation of the noise of (H, W) uint8 in grey levels.

    By a mask that straight edges and slopes cancel in (Immerkær 1996), as a median, so that
    writing does not count; in nine samples of the page.
    """
    if min(gray.shape) < 3:
        return 0.0
    mask = np.float32([[1, -2, 1], [-2, 4, -2], [1, -2, 1]])
    values = [cv2.filter2D(tile, cv2.CV_32F, mask)[1:-1, 1:-1].ravel() for tile in _tiles(gray)]
    return float(np.median(np.abs(np.concatenate(values)))) / 0.6745 / 6


def _tiles(gray: np.ndarray) -> list[np.ndarray]:
    sides = [np.linspace(0, max(0, side - NOISE_TILE), 3).astype(int) for side in gray.shape]
    return [gray[y : y + NOISE_TILE, x : x + NOISE_TILE] for y in sides[0] for x in sides[1]]


def remove_noise(gray: np.ndarray, noise: float | None = None) -> np.ndarray:
    """Smooth the noise of (H, W) uint8 within paper and within strokes, not across their edges.

    Args:
        gray: (H, W) uint8.
        noise: its level, measured if not given; `QUIET` pages come back as they are.
    """
    noise = noise_level(gray) if noise is None else noise
    if noise <= QUIET:
        return gray
    return cv2.bilateralFilter(gray, 5, 4 * noise, 1.2)


def raise_contrast(flat: np.ndarray) -> np.ndarray:
    """Darken the ink of an evenly lit page (H, W) uint8 where it is faint; paper to `PAPER`."""
    small = reduce_to(flat, BACKGROUND_SIDE)
    white, ink = paper_and_ink(small)
    if ink is None:
        return flat
    gain = float(np.clip(CONTRAST / max(white - ink, 1), 1, MOST_GAIN))
    table = PAPER - gain * (white - np.arange(256))
    return cv2.LUT(flat, np.rint(table).clip(0, 255).astype(np.uint8))


def stroke_lightness(gray: np.ndarray) -> float:
    """Skewness of (H, W) uint8 around its local mean: < 0 for dark strokes, > 0 for light ones.

    Strokes are few beside paper, whichever is the lighter.
    """
    if not gray.size:
        return 0.0
    size = (STROKES, STROKES)
    apart = (gray.astype(np.float32) - cv2.blur(gray, size)).clip(-STRONGEST, STRONGEST)
    return float((apart**3).mean() / max((apart**2).mean(), 1e-6) ** 1.5)
