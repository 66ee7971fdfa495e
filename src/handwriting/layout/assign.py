"""Which line each stroke of a page belongs to."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from handwriting.layout.letters import Letters
from handwriting.layout.linemap import UNIT
from handwriting.layout.ridges import Course

# How far a line's own zone reaches above and below its course, and beyond its ends.
ABOVE, BELOW = 0.95 * UNIT, 0.9 * UNIT
BEYOND = 1.2 * UNIT
CORE = 0.25 * UNIT  # small letters stand this near to their course
CORE_WEIGHT = 4
# A part belongs to one line where that line has this share of it, or where it is no taller
# than letters are, in distances between lines; other parts are cut between the lines.
SHARE, HALF = 0.7, 0.4
TALL, TALLEST = 1.25, 2.6


class Owned(NamedTuple):
    """The ink pixels that belong to lines, sorted by line.

    Attributes:
        line: (N,) index into the courses.
        x, y: (N,) columns and rows.
        firm: (N,) bool, a letter's, in a part that belongs to this line as a whole.
    """

    line: np.ndarray
    x: np.ndarray
    y: np.ndarray
    firm: np.ndarray


def assign(parts: Letters, courses: Sequence[Course], spacing: float) -> Owned:
    """Which line each ink pixel belongs to.

    Connected parts go whole to the line through whose small letters they mostly run. A part
    that runs through several lines, as where a descender touches an ascender, is cut.

    Args:
        parts: the strokes of a page, lines about level.
        courses: in pixels of the map.
        spacing: distance between lines in pixels of the mask.
    """
    ink, scale = parts.letters | parts.doubtful, UNIT / spacing
    zones, core = _zones(courses, tuple(max(1, round(side * scale)) for side in ink.shape))
    size = ink.shape[::-1]
    zones = cv2.resize(zones, size, interpolation=cv2.INTER_NEAREST)
    core = cv2.resize(core, size, interpolation=cv2.INTER_NEAREST)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    rows, columns = np.nonzero(ink)
    part, zone = labels[rows, columns], zones[rows, columns]
    weight = 1.0 + (CORE_WEIGHT - 1) * core[rows, columns]
    best, share = _elect(part, zone, weight, count)
    height = stats[:, cv2.CC_STAT_HEIGHT] / spacing
    whole = (height < TALLEST) & ((share >= SHARE) | ((height < TALL) & (share >= HALF)))
    line = np.where(whole[part], best[part], zone) - 1
    order = np.argsort(line, kind="stable")
    order = order[np.searchsorted(line[order], 0) :]
    firm = whole[part] & (parts.letters[rows, columns] > 0)
    return Owned(line[order], columns[order], rows[order], firm[order])


def _elect(part, zone, weight, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The zone with the most weight in each part, none (0) aside, and its share: (count,) each."""
    most = int(zone.max(initial=0)) + 1
    pairs, pair = np.unique(part * most + zone, return_inverse=True)
    votes = np.bincount(pair, weight, minlength=len(pairs))
    total = np.bincount(part, weight, minlength=count)
    pairs_part, pairs_zone = np.divmod(pairs, most)
    order = np.lexsort((np.where(pairs_zone > 0, votes, -1), pairs_part))
    best, share = np.zeros(count, np.int64), np.zeros(count)
    # Of several values for one index numpy keeps the last: the one with the most votes.
    best[pairs_part[order]] = pairs_zone[order]
    share[pairs_part[order]] = votes[order]
    return best, share / np.maximum(total, 1)


def _zones(courses: Sequence[Course], shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Each line's zone, (h, w) int16 with index + 1, and the zones of small letters, uint8."""
    zones, core = np.zeros(shape, np.int16), np.zeros(shape, np.uint8)
    columns = np.arange(shape[1])
    table = np.full((len(courses), shape[1]), np.inf)
    for number, course in enumerate(courses):
        near = (columns >= course.x[0] - BEYOND) & (columns <= course.x[-1] + BEYOND)
        table[number, near] = course.at(columns[near])
    rows = np.arange(shape[0])
    for column in columns:
        here = np.flatnonzero(np.isfinite(table[:, column]))
        if not len(here):
            continue
        here = here[np.argsort(table[here, column], kind="stable")]
        y = table[here, column]
        nearest = np.searchsorted((y[1:] + y[:-1]) / 2, rows)
        off = rows - y[nearest]
        inside = (off > -ABOVE) & (off < BELOW)
        zones[inside, column] = here[nearest[inside]] + 1
        core[np.abs(off) < CORE, column] = 1
    return zones, core
