"""A line of a page along its baseline: from a polygon on the page to an upright strip."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from handwriting.lines.outlines import Outline, clean_points

# Twice the height that lines are kept at: enough to scale down from, and quick.
WORK_HEIGHT = 128
WIDEN = 0.03  # of the polygon's height, on each side
# Room around the polygon, in its heights, for letters that cross its edge.
ROOM = 0.25


@dataclass(frozen=True)
class Strip:
    """A line with its baseline made straight.

    Attributes:
        gray: (h, w) uint8, the page's grey.
        inside: (h, w) bool, within the polygon.
        base: the row of the baseline.
        scale: pixels of the strip in one pixel of the page.
        frame: the baseline that was made straight.
        start: where the first column lies along the frame.
    """

    gray: np.ndarray
    inside: np.ndarray
    base: int
    scale: float
    frame: "Frame"
    start: float


@dataclass(frozen=True)
class Frame:
    """Coordinates along and across a baseline.

    Attributes:
        origin, along: (2,) a point of the page and the unit vector of reading direction.
        at, shift: (K,) the baseline's distance from its chord, `shift`, at places `at`.
    """

    origin: np.ndarray
    along: np.ndarray
    at: np.ndarray
    shift: np.ndarray

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 2) of the page as (along the chord, below the chord)."""
        x, y = self.along
        return (points - self.origin) @ np.array([[x, -y], [y, x]])

    def place(self, along: np.ndarray, below: np.ndarray) -> np.ndarray:
        """The page's (N, 2) points at distances (N,) along the chord and below the baseline."""
        across = np.array([-self.along[1], self.along[0]])
        below = below + np.interp(along, self.at, self.shift)
        return self.origin + np.outer(along, self.along) + np.outer(below, across)


def straighten(page: np.ndarray, outline: Outline) -> Strip:
    """Cut out a line, turned by its baseline's chord, each column shifted by the baseline.

    Args:
        page: (H, W) uint8.
        outline: with a polygon; a missing baseline is estimated from the ink.

    Raises:
        ValueError: no polygon that encloses pixels of the page.
    """
    polygon, baseline = clean_points(outline.polygon), clean_points(outline.baseline)
    if len(polygon) < 3 or cv2.contourArea(polygon.astype(np.float32)) < 4:
        raise ValueError("the polygon encloses nothing")
    bounds = polygon.clip(0, np.array(page.shape[::-1]) - 1)
    if np.ptp(bounds, axis=0).min() < 2:
        raise ValueError("the polygon lies outside the page")
    if not _is_baseline_of(baseline, polygon):
        baseline = estimate_baseline(page, polygon)
    return _strip(page, polygon, _frame(baseline, polygon))


def _is_baseline_of(baseline: np.ndarray, polygon: np.ndarray) -> bool:
    """Whether points are a line of some length that lies with the polygon."""
    if len(baseline) < 2 or np.hypot(*(baseline[-1] - baseline[0])) < 2:
        return False
    room = np.ptp(polygon, axis=0).max()
    low, high = polygon.min(axis=0) - room, polygon.max(axis=0) + room
    return bool(((baseline > low) & (baseline < high)).all())


def _frame(baseline: np.ndarray, polygon: np.ndarray) -> Frame:
    """The frame of a baseline, turned round where it runs against the writing."""
    frame = _chord_frame(baseline)
    heights = frame.project(polygon)[:, 1]
    # Most of a line stands above its baseline: else a level baseline was drawn from the right.
    backwards = frame.along[0] < -abs(frame.along[1])
    if backwards and heights.max() > -1.2 * heights.min():
        frame = _chord_frame(baseline[::-1])
    height = np.ptp(frame.project(polygon)[:, 1] - np.interp(0, frame.at, frame.shift))
    return replace(frame, shift=_smooth(frame, height))


def _chord_frame(baseline: np.ndarray) -> Frame:
    chord = baseline[-1] - baseline[0]
    frame = Frame(baseline[0], chord / np.hypot(*chord), np.zeros(1), np.zeros(1))
    along, below = frame.project(baseline).T
    order = np.argsort(along, kind="stable")
    return replace(frame, at=along[order], shift=below[order])


def _smooth(frame: Frame, height: float) -> np.ndarray:
    """The shift at the baseline's points, averaged over one line height."""
    reach = np.linspace(-height / 2, height / 2, 9)
    near = np.interp(frame.at[:, None] + reach, frame.at, frame.shift)
    return near.mean(axis=1)


def _strip(page: np.ndarray, polygon: np.ndarray, frame: Frame) -> Strip:
    along, below = frame.project(_dense(polygon)).T
    below = below - np.interp(along, frame.at, frame.shift)
    # Where the baseline is off, the strip must still hold it.
    top, bottom = min(below.min(), -1.0), max(below.max(), 1.0)
    height = bottom - top
    scale = min(1.0, WORK_HEIGHT / height)
    room = ROOM * height
    columns = np.arange(round(np.ptp(along) * scale) + 1) / scale + along.min()
    base = round((room - top) * scale)
    rows = (np.arange(base + round((bottom + room) * scale) + 1) - base) / scale
    gray = _sample(page, frame, columns, rows, scale)
    corners = np.stack([along - columns[0], below - rows[0]], axis=1) * scale
    inside = _filled(corners, gray.shape, max(1, round(WIDEN * height * scale)))
    return Strip(gray, inside, base, scale, frame, float(columns[0]))


def _dense(polygon: np.ndarray) -> np.ndarray:
    """A polygon with a point about every eight pixels, so that it can be bent."""
    following = np.roll(polygon, -1, axis=0)
    steps = np.ceil(np.hypot(*(following - polygon).T) / 8).astype(int).clip(1)
    start = np.repeat(np.arange(len(polygon)), steps)
    share = (np.arange(len(start)) - np.repeat(np.cumsum(steps) - steps, steps)) / steps[start]
    return polygon[start] + (following - polygon)[start] * share[:, None]


def _sample(page, frame: Frame, columns, rows, scale: float) -> np.ndarray:
    """The page's grey at (rows, columns) of the frame: (len(rows), len(columns)) uint8."""
    points = frame.place(columns, np.zeros(len(columns)))
    across = np.array([-frame.along[1], frame.along[0]])
    ends = np.concatenate([points + rows[0] * across, points + rows[-1] * across])
    last = np.array(page.shape[::-1]) - 1
    left, top = np.floor(ends.min(axis=0) - 2).astype(int).clip(0, last)
    right, bottom = np.ceil(ends.max(axis=0) + 3).astype(int).clip(0, last) + 1
    part = page[top:bottom, left:right]
    shrunk = max(1, int(1 / scale))
    points = (points - (left, top) + 0.5) / shrunk - 0.5
    rows = rows[:, None] * across / shrunk
    if shrunk > 1:
        # Reading single pixels of a large page would alias: it is averaged first.
        size = max(1, part.shape[1] // shrunk), max(1, part.shape[0] // shrunk)
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    maps = [
        np.add.outer(row.astype(np.float32), column.astype(np.float32))
        for row, column in zip(rows.T, points.T, strict=True)
    ]
    return cv2.remap(part, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _filled(corners: np.ndarray, shape: tuple[int, int], widen: int) -> np.ndarray:
    mask = np.zeros(shape, np.uint8)
    corners = np.rint(corners).astype(np.int32)[None]
    cv2.fillPoly(mask, corners, 1)
    cv2.polylines(mask, corners, True, 1, 2 * widen + 1)
    return mask.astype(bool)


def estimate_baseline(page: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """The baseline of a polygon without one, from the ink in it: (9, 2), left to right.

    A parabola (a straight line where the polygon is short) is laid through the ink's
    pixels; the lower edge of the dense rows along it is the baseline.
    """
    frame = _chord_frame(_middle(polygon))
    along = frame.project(polygon)[:, 0]
    strip = _strip(page, polygon, frame)
    dark = np.where(strip.inside, strip.gray, 255)
    level, _ = cv2.threshold(strip.gray[strip.inside][None], 0, 255, cv2.THRESH_OTSU)
    rows, columns = np.nonzero(dark <= level)
    height, width = strip.gray.shape
    degree = (width > 1.5 * height) + (width > 2.5 * height)
    if len(rows) < 50:
        degree = 0
    course = np.polyfit(columns, rows, degree) if len(rows) else np.array([0.6 * height])
    offset = rows - np.polyval(course, columns)
    profile = np.bincount(np.rint(offset).astype(int) + height, minlength=2 * height)
    profile = cv2.blur(profile.astype(np.float32)[None], (5, 1))[0]
    lower = np.flatnonzero(profile >= profile.max() / 2)[-1] - height if len(rows) else 0
    at = np.linspace(0, width - 1, 9)
    below = (np.polyval(course, at) + lower - strip.base) / strip.scale
    return frame.place(at / strip.scale + along.min(), below)


def _middle(polygon: np.ndarray) -> np.ndarray:
    """The middle axis of a polygon, (2, 2), left to right; level where it is not long."""
    (x, y), sides, angle = cv2.minAreaRect(polygon.astype(np.float32))
    length, height = max(sides), max(min(sides), 1e-3)
    if sides[1] > sides[0]:
        angle -= 90
    angle = np.deg2rad(angle if length > 3 * height else 0)
    along = np.array([np.cos(angle), np.sin(angle)])
    along = along if along[0] >= -1e-9 else -along
    return np.array([x, y]) + np.outer([-length / 2, length / 2], along)
