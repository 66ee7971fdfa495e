"""Crests of a text-line map, followed from column to column."""

from dataclasses import dataclass

import numpy as np

from handwriting.layout.linemap import UNIT

STEP = 2  # columns of the map between the points of a course
# Crests count from this height on, and from this share of the page's usual crest.
LOWEST = 0.012
SHARE = 0.2
WANDER = 0.9  # rows of the map from one point of a course to the next
SHORTEST = 3  # points
# A course steeper than this over this many columns steps from one line to another.
STEEPEST, STEP_REACH = 0.28, 1.4 * UNIT
# Two courses nearer than this, in rows of the map, are one.
NEAREST = 0.4 * UNIT
MOST = 500  # courses on a page: what is more comes from texture, the weakest go


@dataclass(frozen=True)
class Course:
    """The middle of one line, in pixels of the map.

    Attributes:
        x, y: (K,) float64, x ascending by `STEP`.
        strength: (K,) height of the crest; 0 where a gap was bridged.
    """

    x: np.ndarray
    y: np.ndarray
    strength: np.ndarray

    def at(self, x: np.ndarray) -> np.ndarray:
        """Rows at columns x; level beyond the ends."""
        return np.interp(x, self.x, self.y)


def follow_crests(line_map: np.ndarray) -> list[Course]:
    """Courses along the crests of a text-line map, broken at wide gaps, in no order.

    Args:
        line_map: (h, w) float32, `UNIT` pixels from line to line.
    """
    courses = [part for course in _follow(*_crests(line_map)) for part in _split_at_steps(course)]
    courses = [course for course in courses if len(course.x) >= SHORTEST]
    courses.sort(key=lambda course: -course.strength.sum())
    return drop_doubles(courses[:MOST])


def _crests(line_map: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Rows and heights of the maxima in every `STEP`th column."""
    columns = np.pad(line_map[:, ::STEP].T, ((0, 0), (2, 2)), constant_values=-1)
    inner, before, after = columns[:, 2:-2], columns[:, 1:-3], columns[:, 3:-1]
    peak = (inner > LOWEST) & (inner >= before) & (inner > after)
    peak &= (inner >= columns[:, :-4]) & (inner >= columns[:, 4:])
    if peak.any():
        peak &= inner > SHARE * np.percentile(inner[peak], 75)
    # The top of the parabola through three rows.
    bend = np.maximum(2 * inner - before - after, 1e-9)
    offset = np.clip((after - before) / bend / 2, -0.5, 0.5)
    found = [np.flatnonzero(column) for column in peak]
    rows = [where + offset[i, where] for i, where in enumerate(found)]
    return rows, [inner[i, where] for i, where in enumerate(found)]


def _follow(rows: list[np.ndarray], heights: list[np.ndarray]) -> list[Course]:
    """Link each crest to the nearest one in the next column, where each is the other's nearest."""
    done, active = [], []
    for number, (here, height) in enumerate(zip(rows, heights, strict=True)):
        points = [(number * STEP, *point) for point in zip(here, height, strict=True)]
        next_of = _nearest(np.array([track[-1][1] for track in active]), here)
        still = []
        for track, j in zip(active, next_of, strict=True):
            if j < 0:
                done.append(track)
            else:
                track.append(points[j])
                still.append(track)
        taken = set(next_of)
        active = still + [[point] for j, point in enumerate(points) if j not in taken]
    return [Course(*np.array(track, np.float64).T) for track in done + active]


def _nearest(last: np.ndarray, here: np.ndarray) -> list[int]:
    """For each of `last` the index into `here` of its partner, or -1."""
    if not len(last) or not len(here):
        return [-1] * len(last)
    distance = np.abs(last[:, None] - here[None])
    choice = distance.argmin(axis=1)
    mutual = distance.argmin(axis=0)[choice] == np.arange(len(last))
    near = distance[np.arange(len(last)), choice] <= WANDER
    return np.where(mutual & near, choice, -1).tolist()


def _split_at_steps(course: Course) -> list[Course]:
    """Parts between places where a course climbs or falls as no line does: from one to another."""
    reach = round(STEP_REACH / STEP)
    if len(course.x) <= reach:
        return [course]
    slope = np.abs(course.y[reach:] - course.y[:-reach]) / (reach * STEP)
    steep = np.zeros(len(course.x), bool)
    steep[reach // 2 : reach // 2 + len(slope)] = slope > STEEPEST
    number = np.cumsum(np.diff(steep, prepend=steep[0]))
    parts = [np.flatnonzero((number == n) & ~steep) for n in np.unique(number)]
    return [Course(course.x[p], course.y[p], course.strength[p]) for p in parts if len(p)]


def drop_doubles(courses: list[Course]) -> list[Course]:
    """Without courses that run close beside a stronger one for most of their length."""
    kept: list[Course] = []
    bounds = np.zeros((0, 4))
    for course in sorted(courses, key=lambda c: -c.strength.sum()):
        box = np.array([course.x[0], course.x[-1], course.y.min(), course.y.max()])
        meet = (bounds[:, 0] <= box[1]) & (bounds[:, 1] >= box[0])
        meet &= (bounds[:, 2] < box[3] + NEAREST) & (bounds[:, 3] > box[2] - NEAREST)
        near = np.zeros(len(course.x), bool)
        for i in np.flatnonzero(meet):
            other = kept[i]
            beside = (course.x >= other.x[0]) & (course.x <= other.x[-1])
            near |= beside & (np.abs(other.at(course.x) - course.y) < NEAREST)
        if near.mean() < 0.5:
            kept.append(course)
            bounds = np.vstack([bounds, box])
    return kept
