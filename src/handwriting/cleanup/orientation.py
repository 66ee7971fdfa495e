"""Which way up a page is: from how its lines of writing stand, and from their shapes."""

import cv2
import numpy as np

from handwriting.layout.ink import find_ink
from handwriting.layout.level import shear
from handwriting.layout.ruling import remove_rules
from handwriting.layout.scale import find_angle, find_spacing, spacing_of_parts

SIDE = 1000  # long side in pixels at which the page is looked at
MOST_POINTS = 8000
# Fewer strokes, or fewer lines, say nothing: a single letter has bars like lines, too.
FEWEST_PARTS, FEWEST_LINES = 25, 4
SHORTEST_LINE = 0.3  # of the extent across: a line of letters is no column of short lines
SPACING = 35.0  # between lines in pixels, about
# Rows and strips in which the ink is counted, and what counts as a slow change, in pixels.
ROW, STRIP, SLOW = 6, 300, 60
LEVEL = 8.0  # degrees: the layout finds lines of such a slope by itself
COARSE, FINE = 3.0, 0.5  # degrees between the slopes that are tried
# How much clearer than level lines others must be before the page is turned.
TURN, LEAN = 1.15, 1.15
OBVIOUS = 0.2  # clarity of lines that need no comparison with leaning ones
# Delay, in distances between lines, after which the profile is compared with itself.
DELAY = 0.2
CENTRE = 1000  # of the rows and strips: no point is farther from the middle


def find_writing(page: np.ndarray) -> np.ndarray:
    """The ink of a page (H, W) uint8, at most `SIDE` pixels long, without ruled lines."""
    return remove_rules(find_ink(page).mask, SPACING)


def find_direction(mask: np.ndarray) -> float:
    """Direction of the lines in degrees, -45 to 135, positive where they fall to the right.

    0 where they are level within `LEVEL` degrees, and where nothing clearly says otherwise:
    pages are upright unless shown not to be. 90 is said only of lines that stand upright.

    Along the lines, rows of ink and of paper alternate. What counts is how much of the
    ink's profile, in strips, is such a change.

    Args:
        mask: (H, W) uint8, 1 = ink.
    """
    points = _points(mask)
    if cv2.connectedComponents(mask)[0] <= FEWEST_PARTS:
        return 0.0
    direction = _direction(points)
    return direction if direction and _is_long(points, direction) else 0.0


def _direction(points: np.ndarray) -> float:
    """See `find_direction`."""
    near = np.arange(-LEVEL, LEVEL + 1, 4.0)
    level, upright = (_clearest(points, near + turn) for turn in (0.0, 90.0))
    best = max(level[0], upright[0])
    if level[0] > max(OBVIOUS, 2 * upright[0]) and abs(level[1]) < LEVEL:
        return 0.0
    lean = _clearest(points, _leaning())
    if lean[0] > LEAN * best:
        fine = lean[1] + np.arange(-COARSE, COARSE + FINE, FINE)
        return _clearest(points, fine)[1]
    return 90.0 if upright[0] > TURN * level[0] else 0.0


def _leaning() -> np.ndarray:
    every = np.arange(-45.0, 135.0, COARSE)
    off = np.abs((every + 45) % 90 - 45)
    return every[off > LEVEL]


def _is_long(points: np.ndarray, angle: float) -> bool:
    """Whether the ink reaches far along this direction, compared with across it."""
    along, across = _along_across(points, angle)
    extents = [np.subtract(*np.percentile(places, (97, 3))) for places in (along, across)]
    return bool(extents[0] > SHORTEST_LINE * extents[1])


def _along_across(points: np.ndarray, angle: float) -> tuple[np.ndarray, np.ndarray]:
    turn = np.float32(np.deg2rad(angle))
    cos, sin = np.cos(turn), np.sin(turn)
    x, y = points.T
    return x * cos + y * sin, y * cos - x * sin


def _points(mask: np.ndarray) -> np.ndarray:
    """Some of the ink as points (N, 2) float32 around the middle.

    They are shaken by half a pixel, or the grid of pixels would have directions, too.
    """
    rows, columns = np.nonzero(mask)
    if len(rows) > MOST_POINTS:
        some = np.linspace(0, len(rows) - 1, MOST_POINTS).astype(int)
        rows, columns = rows[some], columns[some]
    points = np.stack([columns, rows], axis=1) - np.array(mask.shape[::-1]) / 2
    shaken = points + np.random.default_rng(0).uniform(-0.5, 0.5, points.shape)
    return shaken.astype(np.float32)


def _clearest(points: np.ndarray, angles: np.ndarray) -> tuple[float, float]:
    """The highest clarity over some directions, and the direction."""
    clarity = [_clarity(points, angle) for angle in angles]
    best = int(np.argmax(clarity))
    return clarity[best], float(angles[best])


def _clarity(points: np.ndarray, angle: float) -> float:
    """Share of the ink's profile across lines of this direction that changes fast."""
    along, across = _along_across(points, angle)
    rows, strips = 2 * CENTRE // ROW, 2 * CENTRE // STRIP + 1
    row = ((across + CENTRE) / ROW).astype(np.int32).clip(0, rows - 1)
    strip = ((along + CENTRE) / STRIP).astype(np.int32)
    counts = np.bincount(strip * rows + row, minlength=rows * strips)
    profile = counts[: rows * strips].reshape(strips, rows).astype(np.float32)
    # A frame or the edge of a book is fuller than any line of writing.
    profile = np.minimum(profile, 4 * profile[profile > 0].mean())
    fast = profile - cv2.blur(profile, (SLOW // ROW | 1, 1))
    # Points thrown at random would give the ink's own number.
    return float((fast**2).sum() - profile.sum()) / float((profile**2).sum())


def uprightness(mask: np.ndarray) -> float:
    """How surely level lines stand the right way up: > 0 upright, < 0 upside down.

    Small letters are cut off sharply at the baseline, and more strokes rise above them than
    hang below. So the profile of ink over rows does not look the same from below: it is
    compared with itself after a delay (its third-order correlation changes sign with the
    direction), and its falls are steeper than its rises.

    Args:
        mask: (H, W) uint8, 1 = ink, lines level within `LEVEL` degrees.
    """
    level = shear(mask, float(np.tan(np.deg2rad(find_angle(mask)))))
    spacing = find_spacing(level)
    if spacing > level.shape[0] / 4:
        spacing = min(spacing_of_parts(level), level.shape[0] / 4)
    written = np.flatnonzero(level.any(axis=1))
    if not len(written) or np.ptp(written) < FEWEST_LINES * spacing:
        return 0.0
    profiles = _profiles(level, spacing)
    if not profiles:
        return 0.0
    every = np.concatenate(profiles)
    delay = max(1, round(DELAY * spacing))
    late = sum(float((p[:-delay] * p[delay:] * (p[delay:] - p[:-delay])).sum()) for p in profiles)
    late /= max(len(every) * float((every**2).mean()) ** 1.5, 1e-9)
    steps = np.concatenate([np.diff(profile) for profile in profiles])
    skew = float((steps**3).sum() / max((np.abs(steps) ** 3).sum(), 1e-9))
    return late - skew


def _profiles(level: np.ndarray, spacing: float) -> list[np.ndarray]:
    """Ink over rows in strips of a few words, smoothed, without slow changes."""
    height, width = level.shape
    strip = int(min(max(60, 3 * spacing), max(width / 4, 1)))
    profiles = []
    for left in range(0, max(1, width - strip // 2), max(1, strip // 2)):
        profile = level[:, left : left + strip].sum(axis=1, dtype=np.float32)[:, None]
        if np.count_nonzero(profile) < 0.03 * height:
            continue
        profile = cv2.GaussianBlur(profile, (1, 2 * int(0.15 * spacing) + 1), 0.04 * spacing)
        profiles.append((profile - cv2.blur(profile, (1, 2 * int(spacing) + 1)))[:, 0])
    return profiles
