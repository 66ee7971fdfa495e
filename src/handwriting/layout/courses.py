"""Courses of whole lines: crests joined across gaps and made as smooth as writing is."""

import numpy as np

from handwriting.layout.linemap import UNIT
from handwriting.layout.ridges import STEP, Course, drop_doubles, follow_crests

# The widest gap, and how far a course may be off where the next one begins.
WIDEST_GAP = 3.5 * UNIT
OFF = 0.3 * UNIT
PER_GAP = 0.03  # … and how much farther for each column of the gap
OVERLAP = UNIT
BEND = 0.15 * UNIT  # how far a line may be off a cubic parabola
STRETCH = 6 * UNIT  # of a line for each degree of its parabola
END = 2.5 * UNIT  # stretch from which the slope at an end is taken


def find_courses(line_map: np.ndarray) -> list[Course]:
    """The courses of all lines in a text-line map, in no order.

    Args:
        line_map: (h, w) float32, `UNIT` pixels from line to line.
    """
    return [smooth(course) for course in drop_doubles(join(follow_crests(line_map)))]


def join(courses: list[Course]) -> list[Course]:
    """Courses that go on after a gap, joined, the best fitting pairs first."""
    while True:
        used: set[int] = set()
        joined = []
        for _, i, j in sorted(_pairs(courses)):
            if not used & {i, j}:
                used |= {i, j}
                joined.append(_joined(courses[i], courses[j]))
        if not joined:
            return courses
        courses = [course for i, course in enumerate(courses) if i not in used] + joined


def _pairs(courses: list[Course]) -> list[tuple[float, int, int]]:
    """Misfit and indices of the pairs of which the second goes on where the first ends."""
    if not courses:
        return []
    left, right, first, last = np.array([(c.x[0], c.x[-1], c.y[0], c.y[-1]) for c in courses]).T
    head, tail = np.array([(_slope(c, 0), _slope(c, -1)) for c in courses]).T
    gap = left[None] - right[:, None]
    open_gap = np.maximum(gap, 0)
    # Both ends are drawn on to the middle of the gap; where that is worse, level.
    ahead = last[:, None] + open_gap / 2 * tail[:, None]
    back = first[None] - open_gap / 2 * head[None]
    off = np.minimum(np.abs(ahead - back), np.abs(last[:, None] - first[None]))
    fits = (gap > -OVERLAP) & (gap < WIDEST_GAP) & (off < OFF + PER_GAP * open_gap)
    fits &= (right[None] > right[:, None]) & (left[None] > left[:, None])
    cost = off + 0.05 * open_gap
    return [(float(cost[i, j]), int(i), int(j)) for i, j in np.argwhere(fits)]


def _slope(course: Course, end: int) -> float:
    """Slope near the start (0) or the end (-1) of a course."""
    count = max(2, round(END / STEP))
    part = slice(None, count) if end == 0 else slice(-count, None)
    x, y = course.x[part], course.y[part]
    if len(x) < 5:
        return 0.0
    x = x - x.mean()
    return float(x @ y / (x @ x))


def _joined(one: Course, other: Course) -> Course:
    ahead = other.x > one.x[-1]
    start = other.x[ahead][0]
    x = np.arange(one.x[-1] + STEP, start, STEP)
    y = np.interp(x, [one.x[-1], start], [one.y[-1], other.y[ahead][0]])
    return Course(
        np.concatenate([one.x, x, other.x[ahead]]),
        np.concatenate([one.y, y, other.y[ahead]]),
        np.concatenate([one.strength, np.zeros(len(x)), other.strength[ahead]]),
    )


def smooth(course: Course) -> Course:
    """Near a cubic parabola: large letters and page numbers bend no line."""
    if len(course.x) < 5:
        return course
    degree = int(np.clip(np.ptp(course.x) / STRETCH, 1, 3))
    x = (course.x - course.x.mean()) / max(np.ptp(course.x) / 2, 1)
    trust = weight = np.sqrt(course.strength + 1e-6)
    for _ in range(3):
        fit = np.polyval(np.polyfit(x, course.y, degree, w=weight), x)
        weight = trust / (1 + (np.abs(course.y - fit) / BEND) ** 2)
    return Course(course.x, fit + np.clip(course.y - fit, -BEND, BEND), course.strength)
