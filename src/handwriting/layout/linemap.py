"""Where lines of writing run: a small map, high along the middle of each line's small letters."""

import cv2
import numpy as np

UNIT = 10.0  # pixels of the map from one line to the next
# The filter, in pixels of the map: half a line's width across, about a word's along.
ACROSS, ALONG = 2.2, 9.0
SLOPES = np.tan(np.deg2rad([-6, -3, 0, 3, 6]))
DENSEST = 0.5  # share of ink in a pixel of the map; blots count no more


def text_line_map(ink: np.ndarray, spacing: float) -> np.ndarray:
    """How much each place looks like the middle of a line, by oriented filters.

    The second derivative across lines of a Gaussian that is long along them, the best of
    several slopes (after the adaptive local connectivity map of Shi, Setlur and Govindaraju
    2009, and the steerable filters of the same group).

    Args:
        ink: (H, W) uint8 mask, lines about level.
        spacing: distance between lines in pixels.

    Returns:
        (h, w) float32, `UNIT / spacing` times as large; at most 0 between lines.
    """
    density = shrink_mask(ink, UNIT / spacing)
    density = np.minimum(density, DENSEST)
    return np.max([cv2.filter2D(density, -1, _kernel(slope)) for slope in SLOPES], axis=0)


def shrink_mask(mask: np.ndarray, scale: float) -> np.ndarray:
    """The share of set pixels in each pixel of a smaller picture, float32."""
    size = tuple(max(1, round(side * scale)) for side in mask.shape[::-1])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(mask.astype(np.float32), size, interpolation=method)


def _kernel(slope: float) -> np.ndarray:
    """Minus the second derivative of a slanted Gaussian, 1 for an endless line of ink."""
    wide, high = round(2.5 * ALONG), round(3.5 * ACROSS + 2.5 * ALONG * abs(slope))
    x = np.arange(-wide, wide + 1, dtype=np.float32)
    y = np.arange(-high, high + 1, dtype=np.float32)[:, None] - np.float32(slope) * x
    along = np.exp(-0.5 * (x / ALONG) ** 2)
    across = (1 - (y / ACROSS) ** 2) * np.exp(-0.5 * (y / ACROSS) ** 2)
    kernel = along * across
    kernel -= kernel.mean()
    return kernel / kernel[kernel > 0].sum()
