"""Paper and ink: which is the lighter, and how the light fell on the page."""

import cv2
import numpy as np

# The background changes slowly, so it is measured on a small copy: a few milliseconds a page.
BACKGROUND_SIDE = 320
# Share of the long side that a pen stroke stays below: wider dark areas count as shadow.
WIDEST_STROKE = 0.16
# Ink lighter than this share of the paper's brightness cannot be told from texture.
FAINTEST_INK = 0.06
# Pictures this small are crops already: no shadows and no ruled lines to look for.
TINY_SIDE = 64
# Pictures at least this large may be pages; at this size a pen's strokes are narrower than half
# the window that tells them from their surroundings.
PAGE_SIDE = 640
PEN_WINDOW = 21
PEN_DOUBT = 0.3
# Of a line longer than so many times its height the middle says which is the ink.
STRIP = 16
# Most pictures are dark on light: turning one over takes clear evidence (6 is the most).
DOUBT = 1.0
# Below this contrast all over, it is the paper's texture or the rest of a shadow's edge.
PALEST_GLYPH = 0.1
FEWEST_PIXELS = 12
# Paper after division: below 255, so that the noise above it is not cut off unseen.
PAPER = 220


def reduce_to(gray: np.ndarray, side: int) -> np.ndarray:
    """A copy of (H, W) with its long side at most `side` pixels, by area averaging."""
    scale = side / max(gray.shape)
    if scale >= 1:
        return gray
    size = max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale))
    return cv2.resize(gray, size, interpolation=cv2.INTER_AREA)


def is_light_on_dark(gray: np.ndarray) -> bool:
    """Whether strokes are lighter than what surrounds them.

    Args:
        gray: (H, W) uint8.
    """
    gray = _middle_of_strip(gray)
    if max(gray.shape) <= TINY_SIDE:
        return lightness_of_strokes(gray, (0.6,)) > 0
    if lightness_of_strokes(gray, (0.6, 0.4, 0.3, 0.2, 0.15, 0.1), centred=True) <= DOUBT:
        return False
    # Small, a page full of writing is a grey area in a dark frame: its pen strokes decide.
    return max(gray.shape) < PAGE_SIDE or _lightness_of_pen_strokes(gray) > PEN_DOUBT


def _middle_of_strip(gray: np.ndarray) -> np.ndarray:
    """At most `STRIP` times as long as wide: reduced, a longer strip has no strokes left."""
    cuts = []
    for side in gray.shape:
        kept = min(side, STRIP * min(gray.shape))
        cuts.append(slice((side - kept) // 2, (side + kept) // 2))
    return gray[tuple(cuts)]


def _lightness_of_pen_strokes(gray: np.ndarray) -> float:
    """Between -1 and 1, > 0 if thin structures in the picture's middle are light; for pages."""
    small = reduce_to(gray, PAGE_SIDE)
    top, left = (side // 8 for side in small.shape)
    middle = small[top : small.shape[0] - top, left : small.shape[1] - left]
    difference = middle.astype(np.float32) - cv2.medianBlur(middle, PEN_WINDOW)
    cubed = difference**3  # strokes count for more than the paper's texture
    return float(cubed.sum()) / (float(np.abs(cubed).sum()) + 1e-6)


def lightness_of_strokes(gray: np.ndarray, windows: tuple, centred: bool = False) -> float:
    """How surely strokes are lighter (> 0) or darker (< 0) than the median around them.

    Strokes are the minority around each pixel, on either side of a shadow's edge as well.
    Small windows see past shadows, large ones past bold strokes.

    Args:
        gray: (H, W) uint8.
        windows: sides of the surroundings as shares of the long side.
        centred: trust the middle more; desk and photo frames lie at the edges.

    Returns:
        Between -1 and 1 for each window, summed.
    """
    small = reduce_to(gray, 96)
    weight = _hill(small.shape) if centred else np.ones(small.shape, np.float32)
    total = 0.0
    for share in windows:
        window = max(3, round(max(small.shape) * share)) | 1
        difference = small.astype(np.float32) - cv2.medianBlur(small, window)
        if not centred:
            difference *= np.abs(difference)
        difference *= weight
        total += float(difference.sum()) / (float(np.abs(difference).sum()) + 1e-6)
    return total


def _hill(shape: tuple[int, int]) -> np.ndarray:
    """Weights (H, W) float32, 1 in the middle, falling to 0.02 at the edges."""
    sides = [np.sin(np.pi * (np.arange(n) + 0.5) / n) ** 1.5 + 0.02 for n in shape]
    return np.outer(*sides).astype(np.float32)


def estimate_background(gray: np.ndarray, stroke: float = WIDEST_STROKE) -> np.ndarray:
    """Brightness the bare paper would have at every pixel.

    A closing fills every dark structure narrower than its window and keeps the edges of
    wider ones where they are, so hard shadows are followed as well as soft ones.

    Args:
        gray: (H, W) uint8, dark ink.
        stroke: the window as a share of the long side.

    Returns:
        (H, W) uint8.
    """
    small = cv2.medianBlur(reduce_to(gray, BACKGROUND_SIDE), 5)
    window = max(3, round(max(small.shape) * stroke)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (window, window))
    rows, columns = (min(window // 2, side - 1) for side in small.shape)
    padded = _continue_slope(small, ((rows, rows), (columns, columns)))
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
    closed = closed[rows : rows + small.shape[0], columns : columns + small.shape[1]]
    smooth = cv2.blur(cv2.medianBlur(closed, 5), (5, 5))
    return cv2.resize(smooth, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _continue_slope(small: np.ndarray, width: tuple) -> np.ndarray:
    """Pad (H, W) uint8 as its light goes on, or the dark edge of a vignette would be closed."""
    edge = np.pad(small, width, mode="edge").astype(np.float32)
    odd = np.pad(small.astype(np.float32), width, mode="reflect", reflect_type="odd")
    # Only the slope of light goes on: a stroke mirrored from ink would be brighter than paper.
    return np.clip(odd, 0.7 * edge, 1.15 * edge).clip(0, 255).astype(np.uint8)


def even_light(gray: np.ndarray, stroke: float = WIDEST_STROKE) -> np.ndarray:
    """Divide (H, W) uint8 by its background: paper near `PAPER` everywhere, contrast unchanged."""
    background = np.maximum(estimate_background(gray, stroke), 8)
    return cv2.divide(gray, background, scale=PAPER)


def flatten_illumination(gray: np.ndarray, stroke: float = WIDEST_STROKE) -> np.ndarray:
    """Even out shadows, vignettes and paper tint, and give faint ink its contrast back.

    Args:
        gray: (H, W) uint8, 0 = ink, 255 = paper, in any light.
        stroke: widest stroke as a share of the long side.

    Returns:
        (H, W) uint8: paper 255, the darkest ink near 0; a blank page gives 255 everywhere.
    """
    return stretch(even_light(gray, stroke))


def stretch(flat: np.ndarray) -> np.ndarray:
    """Map paper to 255 and ink to 0 in an evenly lit (H, W) uint8; no ink gives all 255."""
    white, ink = paper_and_ink(flat)
    if ink is None:
        return np.full_like(flat, 255)
    table = (np.arange(256) - ink) * (255 / max(white - ink, 1))
    return cv2.LUT(flat, np.rint(table).clip(0, 255).astype(np.uint8))


def paper_and_ink(flat: np.ndarray) -> tuple[float, float | None]:
    """Grey levels of paper and ink in an evenly lit (H, W) uint8; ink None on a blank page."""
    smooth = cv2.GaussianBlur(flat, (0, 0), 1.0)
    white = float(np.median(smooth))
    # Spread of the paper alone: only the upper side, since ink is always below.
    above = smooth[smooth >= white].astype(np.float32) - white
    spread = float(np.sqrt(np.mean(np.square(above)))) if above.size else 0.0
    limit = min(white - 5 * spread, white * (1 - FAINTEST_INK))
    dark = flat[smooth < limit]
    ink = float(np.percentile(dark, 20)) if dark.size >= FEWEST_PIXELS else white
    if ink >= white * (1 - PALEST_GLYPH):
        return white, None
    return white - 2 * spread, ink
