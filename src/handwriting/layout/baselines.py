"""Scores of found baselines against true ones, and bands drawn around baselines.

Baselines are (K, 2) arrays of points, x and y in pixels of one page, in reading direction.
"""

from collections.abc import Sequence

import numpy as np

from handwriting.layout.metrics import match, overlaps

# Share of the distance between lines by which a baseline may be off, see `baseline_scores`.
TOLERANCE = 0.25
STEP = 5.0  # pixels between the points at which baselines are compared
BAND = 0.75, 0.25  # how far a band reaches above and below, in its height
SAME = 0.5  # share of a band on a true one that makes it that line
ALONE = 50.0  # pixels from line to line where no line of the page has a neighbour


def baseline_scores(found: Sequence[np.ndarray], truth: Sequence[np.ndarray]) -> tuple:
    """Precision and recall of baselines after Grüning et al. 2018 (arXiv:1705.03311).

    The measure of the cBAD competitions, with points `STEP` pixels apart on each baseline
    and distances between such points. A point counts 1 where it is at most t from the other
    baseline, falling to 0 at 3 t, where t is a quarter of the distance from the true
    baseline to its nearest neighbour (at most the page's median, see `line_distances`).

    Recall: mean over true baselines of their points' scores against all found ones.
    Precision: found and true baselines are paired one to one, best pair first; mean over
    found baselines of their points' scores against their partner, 0 without one. A line
    found in two parts therefore costs precision, not recall.

    Returns:
        Precision and recall; NaN for a mean over nothing.
    """
    truth, found = ([_points(b) for b in group] for group in (truth, found))
    tolerances = TOLERANCE * line_distances(truth)
    cover = np.zeros((len(found), len(truth)))
    recall = np.zeros(len(truth))
    for j, (line, tolerance) in enumerate(zip(truth, tolerances, strict=True)):
        credit = np.zeros(len(line))
        for i, other in enumerate(found):
            if _apart(line, other) < 3 * tolerance:
                squares = ((line[:, None] - other[None]) ** 2).sum(axis=2)
                credit = np.maximum(credit, _credit(squares.min(axis=1), tolerance))
                cover[i, j] = _credit(squares.min(axis=0), tolerance).mean()
        recall[j] = credit.mean()
    precision = np.zeros(len(found))
    for i, j in match(cover, least=1e-9):
        precision[i] = cover[i, j]
    return tuple(float(s.mean()) if len(s) else float("nan") for s in (precision, recall))


def _points(baseline) -> np.ndarray:
    """Points at equal steps along a baseline, (N, 2)."""
    baseline = np.asarray(baseline, np.float64).reshape(-1, 2)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(baseline, axis=0).T))])
    at = np.linspace(0, along[-1], max(2, round(along[-1] / STEP) + 1))
    return np.stack([np.interp(at, along, side) for side in baseline.T], axis=1)


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """Distance between the boxes around two baselines along the axis where it is larger."""
    gaps = np.maximum(one.min(axis=0) - other.max(axis=0), other.min(axis=0) - one.max(axis=0))
    return float(gaps.max())


def _credit(squares: np.ndarray, tolerance: float) -> np.ndarray:
    return np.clip((3 * tolerance - np.sqrt(squares)) / (2 * tolerance), 0, 1)


def line_distances(baselines: Sequence[np.ndarray]) -> np.ndarray:
    """Distance to the nearest baseline that runs beside, (N,) float64, at most the median.

    "Beside" means over or under it for some stretch; without neighbours it is the median
    of the page, and `ALONE` where no line has one.
    """
    distances = np.full(len(baselines), np.nan)
    for i, line in enumerate(baselines):
        gaps = [_gap(line, other) for j, other in enumerate(baselines) if j != i]
        distances[i] = min(gaps, default=np.inf)
    known = distances[np.isfinite(distances)]
    median = float(np.median(known)) if len(known) else ALONE
    return np.minimum(np.nan_to_num(distances, nan=median, posinf=median), median).clip(4)


def _gap(line: np.ndarray, other: np.ndarray) -> float:
    """Mean height between two lines where they run beside each other, or infinity."""
    left = max(line[:, 0].min(), other[:, 0].min())
    right = min(line[:, 0].max(), other[:, 0].max())
    if right - left < STEP:
        return np.inf
    at = np.linspace(left, right, 16)
    heights = []
    for points in (line, other):
        points = points[np.argsort(points[:, 0], kind="stable")]
        heights.append(np.interp(at, *points.T))
    return float(np.abs(heights[0] - heights[1]).mean())


def band(baseline: np.ndarray, height: float) -> np.ndarray:
    """A strip of this height around a baseline, (N, 2): `BAND` says what is above and below.

    >>> band(np.array([[0, 8], [10, 8]]), 4).tolist()
    [[0.0, 5.0], [10.0, 5.0], [10.0, 9.0], [0.0, 9.0]]
    """
    baseline = np.asarray(baseline, np.float64).reshape(-1, 2)
    chord = baseline[-1] - baseline[0]
    along = chord / length if (length := np.hypot(*chord)) else np.array([1.0, 0.0])
    down = np.array([-along[1], along[0]]) * height
    return np.concatenate([baseline - BAND[0] * down, baseline[::-1] + BAND[1] * down])


def read_twice(found: Sequence[np.ndarray], truth: Sequence[np.ndarray]) -> int:
    """How many found bands lie on a true one of which another holds the same stretch.

    A band lies on a line where it shares more than half of its area with it. Two that lie
    one after the other are a line in two parts; where more than half of the shorter one is
    over or under the other, the line is read twice. A found band that is the best match of
    another true line, such as an insertion close by, is that line's.

    Args:
        found, truth: polygons (N, 2), as `band` draws them.
    """
    shared, area, true_area = overlaps(found, truth)
    on_line = shared > SAME * area
    for i, j in match(shared / np.maximum(area + true_area - shared, 1)):
        on_line[i, np.arange(len(truth)) != j] = False
    ends = np.array([(p[:, 0].min(), p[:, 0].max()) for p in found]).reshape(-1, 2)
    twice = 0
    for line in on_line.T:
        kept = np.zeros((0, 2))
        for left, right in sorted(ends[line].tolist(), key=lambda e: e[0] - e[1]):
            common = np.minimum(kept[:, 1], right) - np.maximum(kept[:, 0], left)
            if (common > SAME * (right - left)).any():
                twice += 1
            else:
                kept = np.vstack([kept, (left, right)])
    return twice
