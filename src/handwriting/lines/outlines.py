"""Where lines lie on a page, as people and programs give it: often not quite."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Coordinates beyond this, and outlines of more points, are a mistake in the file.
FARTHEST = 30_000
MOST_POINTS = 10_000
# A band around a bare baseline: above and below, in distances between the page's lines.
BAND = (0.8, 0.35)
# A polygon that reaches less far above its baseline, in the same measure, is only a strip.
STRIP_HEIGHT = 0.35


@dataclass(frozen=True)
class Outline:
    """Where a line lies on its page, in pixels, x to the right and y down.

    Attributes:
        polygon: (N, 2), its outline, or None.
        baseline: (M, 2) in reading direction, or None. One of the two is needed.
    """

    polygon: np.ndarray | None = None
    baseline: np.ndarray | None = None


def clean_points(points) -> np.ndarray:
    """Points (N, 2) float64 without repetitions in a row and points that are no numbers.

    None, too many points and points off every page give none: (0, 2).
    """
    points = np.zeros((0, 2)) if points is None else np.asarray(points, np.float64).reshape(-1, 2)
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) > MOST_POINTS or np.abs(points).max(initial=0) > FARTHEST:
        return np.zeros((0, 2))
    new = np.ones(len(points), bool)
    new[1:] = (points[1:] != points[:-1]).any(axis=1)
    return points[new]


def with_polygons(outlines: Sequence[Outline]) -> list[Outline]:
    """The outlines of a page, each with a polygon as far as one can be had.

    Where a polygon is missing, or only a strip along the baseline, a band around the
    baseline takes its place, as high as the page's distance between lines suggests.
    """
    clean = [Outline(clean_points(o.polygon), clean_points(o.baseline)) for o in outlines]
    chords = [_Chord(o.baseline) for o in clean if _is_line(o.baseline)]
    distance = line_distance(chords)
    if distance is None:
        return clean
    return [_with_polygon(outline, distance) for outline in clean]


def _is_line(baseline: np.ndarray) -> bool:
    return len(baseline) > 1 and np.hypot(*(baseline[-1] - baseline[0])) >= 1


class _Chord:
    """The straight line from the first to the last point of a baseline."""

    def __init__(self, baseline: np.ndarray):
        chord = baseline[-1] - baseline[0]
        self.length = np.hypot(*chord)
        self.start, self.middle = baseline[0], (baseline[0] + baseline[-1]) / 2
        self.along = chord / self.length
        self.across = np.array([-self.along[1], self.along[0]])


def line_distance(chords: Sequence[_Chord]) -> float | None:
    """Median distance from a line to the next one below it; None without two such lines."""
    if not chords:
        return None
    middles = np.array([chord.middle for chord in chords])
    distances = []
    for chord in chords:
        aside = np.abs((middles - chord.middle) @ chord.along)
        below = (middles - chord.middle) @ chord.across
        candidates = below[(aside < chord.length / 2) & (below > 3)]
        distances += [candidates.min()] if len(candidates) else []
    return float(np.median(distances)) if distances else None


def _with_polygon(outline: Outline, distance: float) -> Outline:
    polygon, baseline = outline.polygon, outline.baseline
    if not _is_line(baseline):
        return outline
    chord = _Chord(baseline)
    if len(polygon) > 2 and _height_above(polygon, baseline, chord) > STRIP_HEIGHT * distance:
        return outline
    above, below = (share * distance * chord.across for share in BAND)
    return Outline(np.concatenate([baseline - above, baseline[::-1] + below]), baseline)


def _height_above(polygon: np.ndarray, baseline: np.ndarray, chord: _Chord) -> float:
    """How far a polygon reaches above the baseline."""
    axes = np.stack([chord.along, chord.across], axis=1)
    at, below = ((baseline - chord.start) @ axes).T
    order = np.argsort(at, kind="stable")
    corners = (polygon - chord.start) @ axes
    return float((np.interp(corners[:, 0], at[order], below[order]) - corners[:, 1]).max())
