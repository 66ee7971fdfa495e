"""The order in which lines are read, and the blocks they form."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

# Lengths in distances between lines.
COLUMN = 3  # lines at least, side by side, make two columns …
NARROW = 3.0  # … of which each is wider than this
SAME_ROW = 0.5
CORNER = 3.5  # a short line so far right of the first line, in its row, is a page's number
FARTHEST = 3.5  # lines of one block are never farther apart …
PARAGRAPH = 1.6  # … nor this many times as far as lines of the page usually are


class Place(NamedTuple):
    """Where a line stands on the level page: its ends, and the row of its middle."""

    left: float
    right: float
    row: float


def reading_order(places: Sequence[Place], spacing: float) -> list[int]:
    """Indices in reading order: columns from the left, in a column from the top.

    Lines that cross the gap between columns, as a heading does, part what stands above them
    from what stands below. Single notes in a margin come beside their line, a number in the
    upper right corner before the first.
    """
    rows = sorted(range(len(places)), key=lambda i: places[i].row)
    return [i for group in _groups(rows, places, spacing) for i in _by_row(group, places, spacing)]


def _groups(rows: list[int], places, spacing: float) -> list[list[int]]:
    """Groups of lines to be read one after the other, each from top to bottom."""
    best: list[tuple] = []
    most = 0
    for at in sorted({places[i].left for i in rows}):
        sections = [(run, _sides(run, at, places, spacing)) for run in _runs(rows, at, places)]
        beside = sum(min(map(len, sides)) for _, sides in sections if sides)
        if beside > most:
            best, most = sections, beside
    if not best:
        return [rows] if rows else []
    groups = []
    for run, sides in best:
        parts = [_groups(side, places, spacing) for side in sides] if sides else [[run]]
        groups += [group for part in parts for group in part]
    return groups


def _runs(rows: list[int], at: float, places) -> list[list[int]]:
    """Lines from the top, parted where lines cross the column `at`."""
    runs, crossed = [], True
    for i in rows:
        crosses = places[i].left < at - 1 and places[i].right > at
        if crosses != crossed or not runs:
            runs.append([])
        runs[-1].append(i)
        crossed = crosses
    return runs


def _sides(run: list[int], at: float, places, spacing: float) -> list[list[int]]:
    """The two columns of lines left and right of a cut; none where either is too short."""
    left = [i for i in run if places[i].right <= at]
    right = [i for i in run if places[i].left >= at - 1]
    wide = [[i for i in side if _width(places[i]) > NARROW * spacing] for side in (left, right)]
    if min(map(len, wide)) < COLUMN:
        return []
    top = max(places[side[0]].row for side in wide)
    bottom = min(places[side[-1]].row for side in wide)
    reach = SAME_ROW * spacing
    beside = [sum(top - reach <= places[i].row <= bottom + reach for i in side) for side in wide]
    return [left, right] if min(beside) >= COLUMN else []


def _width(place: Place) -> float:
    return place.right - place.left


def _by_row(group: list[int], places, spacing: float) -> list[int]:
    """From the top; lines of one row from the left."""
    group = list(group)
    for _ in range(len(group)):
        swapped = False
        for k in range(len(group) - 1):
            one, other = places[group[k]], places[group[k + 1]]
            same = abs(one.row - other.row) < SAME_ROW * spacing
            if same and other.right <= one.left + 1:
                group[k : k + 2] = group[k + 1], group[k]
                swapped = True
        if not swapped:
            break
    return _number_first(group, places, spacing)


def _number_first(group: list[int], places, spacing: float) -> list[int]:
    """A number or date in the upper right corner before the line on its left."""
    if len(group) < 2:
        return group
    first, second = places[group[0]], places[group[1]]
    corner = second.left - first.right > CORNER * spacing and _width(second) < NARROW * spacing
    if corner and abs(first.row - second.row) < SAME_ROW * spacing < _width(first):
        group[:2] = group[1], group[0]
    return group


def find_blocks(order: Sequence[int], places, kinds: Sequence[str], spacing: float) -> list[int]:
    """The block of each line in reading order: (N,) numbers from 0, as blocks begin.

    A line joins the latest block of its kind whose last line it stands under, if no more
    than the usual space is between them: an empty line begins another block.
    """
    farthest = PARAGRAPH * _usual_step([places[i] for i in order], spacing)
    last: list[int] = []
    blocks = []
    for i in order:
        fits = [
            number
            for number, above in enumerate(last)
            if kinds[above] == kinds[i] and _is_next(places[i], places[above], spacing, farthest)
        ]
        number = fits[-1] if fits else len(last)
        last[number : number + 1] = [i]
        blocks.append(number)
    return blocks


def _usual_step(places: Sequence[Place], spacing: float) -> float:
    """Rows from one line to that below it, in distances between lines: the median."""
    steps = [
        (place.row - above.row) / spacing
        for above, place in pairwise(places)
        if _is_next(place, above, spacing, FARTHEST)
    ]
    return float(np.median(steps)) if steps else 1.0


def _is_next(place: Place, above: Place, spacing: float, farthest: float) -> bool:
    """Whether a line stands under another, within so many distances between lines."""
    shared = min(place.right, above.right) - max(place.left, above.left)
    shorter = min(place.right - place.left, above.right - above.left)
    down = (place.row - above.row) / spacing
    return bool(shared > 0.5 * shorter and -SAME_ROW < down < min(farthest, FARTHEST))


def boxes(outlines: Sequence[np.ndarray], blocks: Sequence[int]) -> list[tuple]:
    """Left, top, right, bottom of each block's outlines, (N, 2) points each."""
    found = []
    for number in range(max(blocks, default=-1) + 1):
        points = np.concatenate([o for o, b in zip(outlines, blocks, strict=True) if b == number])
        found.append((*map(float, points.min(axis=0)), *map(float, points.max(axis=0))))
    return found
