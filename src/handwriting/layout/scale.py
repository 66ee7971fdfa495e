"""The slope of a page's lines and the distance between them."""

import cv2
import numpy as np

STEEPEST = 8.0  # degrees
MOST_POINTS = 20_000
SMALLEST = 8  # distance between lines in pixels
# Changes slower than these, in pixels, are taken out; the distance is at most so much of one.
WINDOWS = (64, 128, 256, 512)
REACH = 0.8
WEAKEST = -0.1  # correlation at the distance between lines
# The distance lies between these multiples of what the strokes' height says.
LEAST, MOST = 0.45, 1.9
PART = 1.9  # distances between lines are this much larger than words are high


def find_angle(ink: np.ndarray) -> float:
    """Slope of the lines in degrees, positive where they fall to the right; 0 without ink.

    Along the right slope the rows are alternately full and empty: the squares of their
    differences are largest (Postl 1986).

    Args:
        ink: (H, W) uint8 mask.
    """
    rows, columns = np.nonzero(ink)
    if not len(rows):
        return 0.0
    step = -(-len(rows) // MOST_POINTS)
    rows, columns = rows[::step].astype(np.float32), columns[::step].astype(np.float32)
    best = 0.0
    for spread, count in ((STEEPEST, 17), (0.75, 7)):
        angles = best + np.linspace(-spread, spread, count)
        best = float(max(angles, key=lambda angle: _sharpness(rows, columns, angle)))
    return best


def _sharpness(rows: np.ndarray, columns: np.ndarray, angle: float) -> float:
    level = rows - columns * np.float32(np.tan(np.deg2rad(angle)))
    counts = np.bincount((level - level.min()).astype(np.int32))
    counts = np.convolve(counts, np.ones(3), "same")
    return float((np.diff(counts, prepend=0, append=0) ** 2).sum())


def find_spacing(ink: np.ndarray) -> float:
    """Distance between lines in pixels, from the rhythm of full and empty rows.

    Strips of a sixth of the page's width are correlated with themselves, so that lines need
    not be level all across. Slow changes, such as paragraphs, are taken out at several
    scales; the clearest rhythm counts that agrees with the height of the strokes. Where
    there is none, that height alone. `SMALLEST` means dust: letters are higher.

    Args:
        ink: (H, W) uint8 mask, its lines about level.
    """
    height, width = ink.shape
    guess = spacing_of_parts(ink)
    if guess <= SMALLEST:
        return guess
    strip = max(1, width // 6)
    starts = range(0, max(1, width - strip + 1), max(1, strip // 2))
    profiles = np.array([ink[:, x : x + strip].sum(axis=1, dtype=np.float32) for x in starts])
    profiles = np.minimum(profiles, 3 * profiles.mean(axis=1, keepdims=True))
    peaks = [(WEAKEST, guess)]
    for window in WINDOWS:
        if window < height:
            bounds = LEAST * guess, min(MOST * guess, REACH * window)
            peaks += _peak(_autocorrelation(profiles, window), *bounds)
    return max(peaks)[1]


def _autocorrelation(profiles: np.ndarray, window: int) -> np.ndarray:
    """Mean autocorrelation of (S, H) profiles without changes slower than the window."""
    even = profiles - cv2.blur(profiles, (window + 1, 1))
    spectrum = np.fft.rfft(even, 2 * even.shape[1], axis=1)
    correlation = np.fft.irfft((np.abs(spectrum) ** 2).sum(axis=0))
    correlation = correlation[: min(window, even.shape[1])]
    return correlation / max(correlation[0], 1e-9)


def _peak(correlation: np.ndarray, least: float, most: float) -> list[tuple[float, float]]:
    """Height and place of the first high peak within bounds, as a list of one or none."""
    smooth = np.convolve(correlation, np.ones(5) / 5, "same")
    inner = smooth[1:-1]
    peaks = np.flatnonzero((inner >= smooth[:-2]) & (inner > smooth[2:])) + 1
    peaks = peaks[(peaks >= max(least, SMALLEST)) & (peaks < most)]
    if not len(peaks):
        return []
    # Twice the distance correlates as well as the distance itself.
    high = smooth[peaks].max()
    first = peaks[smooth[peaks] >= high - 0.4 * abs(high)][0]
    return [(float(smooth[first]), float(first))]


def spacing_of_parts(ink: np.ndarray) -> float:
    """Distance between lines guessed from the height of connected strokes.

    Half of all ink is in parts less high than the one looked at; words are some two thirds
    of the distance between lines high.
    """
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    height, area = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_AREA]
    if not len(height):
        return float(SMALLEST)
    order = np.argsort(height)
    total = np.cumsum(area[order])
    middle = height[order][np.searchsorted(total, total[-1] / 2)]
    return float(np.clip(PART * middle, SMALLEST, max(SMALLEST, ink.shape[0])))
