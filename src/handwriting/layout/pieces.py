"""Lines as they are written: a course's strokes, parted at wide gaps and freed of dirt."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from handwriting.layout.assign import Owned
from handwriting.layout.linemap import UNIT
from handwriting.layout.ridges import Course
from handwriting.layout.strokes import Strokes

# Lengths in distances between lines, areas in their squares.
WORD_GAP = 0.3  # strokes nearer than this along a line are one cluster
LINE_GAP = 3.5  # a wider gap parts two lines
FEWEST = 0.012  # ink of a cluster that counts
WIDE, FULL = 0.6, 0.08  # doubtful strokes count where they are this wide and this full of ink
FLAT = 0.07  # … and no dash
FAR, FAINT = 0.6, 0.03  # a cluster at an end, this far off and with less ink, is dirt
PALE = 0.65  # so is one less dark than this share of its line
CORE, OWN = 0.4, 0.6  # so is one with less than this share of its ink near the course
DASH = 0.6  # width and distance of a dash or a point that ends a line
OFF_LEVEL = 0.3  # middle of a word that is not on the line
# Nearly empty rows in so long a line part two lines, each with this share of the ink.
SMALL_LENGTH, VALLEY, SHARE = 4.0, 0.3, 0.25
TILTS = np.linspace(-0.15, 0.15, 9)  # of such lines against the course, from end to end


class _Clusters(NamedTuple):
    """Strokes that stand close together along a line, (K,) each; areas in squared distances.

    `shade` is how dark they are in the line's usual darkness.
    """

    first: np.ndarray
    last: np.ndarray
    ink: np.ndarray
    firm: np.ndarray
    core: np.ndarray
    level: np.ndarray
    spread: np.ndarray
    shade: np.ndarray

    def take(self, which) -> "_Clusters":
        return _Clusters(*(values[which] for values in self))

    @property
    def gaps(self) -> np.ndarray:
        """Columns between each and the next."""
        return self.first[1:] - self.last[:-1] - 1


def find_pieces(
    owned: Owned, courses: Sequence[Course], dark: np.ndarray, spacing: float
) -> list[Strokes]:
    """The strokes of each line; a course with wide gaps holds several lines.

    Args:
        owned: the ink pixels of each course.
        courses: in pixels of the map.
        dark: (H, W) uint8, grey levels below the paper.
        spacing: distance between lines in pixels of `dark`.
    """
    ends = np.searchsorted(owned.line, np.arange(len(courses) + 1))
    pieces = []
    for number, course in enumerate(courses):
        mine = slice(ends[number], ends[number + 1])
        if ends[number] < ends[number + 1]:
            x, y, firm = owned.x[mine], owned.y[mine], owned.firm[mine]
            pieces += _pieces(_strokes(x, y, firm, course, spacing), dark, spacing)
    return pieces


def _strokes(x, y, firm, course: Course, spacing: float) -> Strokes:
    left, scale = int(x.min()), UNIT / spacing
    columns = np.arange(left, int(x.max()) + 1)
    rows = (course.at((columns + 0.5) * scale - 0.5) + 0.5) / scale - 0.5
    return Strokes(x, y, firm, left, rows)


def _pieces(strokes: Strokes, dark: np.ndarray, spacing: float) -> list[Strokes]:
    clusters = _clusters(strokes, dark, spacing)
    width = (clusters.last - clusters.first + 1) / spacing
    real = clusters.firm > FEWEST
    real |= (width > WIDE) & (clusters.core > FULL * width) & (clusters.spread > FLAT)
    numbers = np.flatnonzero(real)
    wide = np.flatnonzero(clusters.take(real).gaps > LINE_GAP * spacing) + 1
    pieces = []
    for part in np.split(numbers, wide):
        if not len(part):
            continue
        groups = [(_trim(part, clusters, spacing), 0.0), *_beside(part, clusters, spacing)]
        for group, level in groups:
            first, last = _with_dashes(group[0], group[-1], clusters, spacing)
            piece = strokes.between(int(clusters.first[first]), int(clusters.last[last]))
            pieces += _split_rows(piece.moved(level * spacing), spacing)
    return pieces


def _with_dashes(first: int, last: int, clusters: _Clusters, spacing: float) -> tuple[int, int]:
    """The clusters at the ends, with a dash or a point there that alone would not count."""
    small = (clusters.last - clusters.first < DASH * spacing) & (np.abs(clusters.level) < OFF_LEVEL)
    near = clusters.gaps < DASH * spacing
    while first > 0 and small[first - 1] and near[first - 1]:
        first -= 1
    while last < len(small) - 1 and small[last + 1] and near[last]:
        last += 1
    return first, last


def _clusters(strokes: Strokes, dark: np.ndarray, spacing: float) -> _Clusters:
    columns = np.unique(strokes.x)
    breaks = np.flatnonzero(np.diff(columns) > WORD_GAP * spacing)
    first, last = columns[np.r_[0, breaks + 1]], columns[np.r_[breaks, len(columns) - 1]]
    number = np.searchsorted(first, strokes.x, side="right") - 1
    offset = strokes.offset / spacing

    def total(values):
        return np.bincount(number, values, minlength=len(first))

    count, area = total(None), spacing**2
    level = total(offset) / count
    spread = np.sqrt(np.maximum(total(offset**2) / count - level**2, 0))
    core = total(np.abs(offset) < CORE) / area
    firm = total(strokes.firm) / area
    strength = dark[strokes.y, strokes.x]
    shade = total(strength) / count / max(float(np.median(strength)), 1.0)
    return _Clusters(first, last, count / area, firm, core, level, spread, shade)


def _trim(part: np.ndarray, clusters: _Clusters, spacing: float) -> np.ndarray:
    """Without dirt at the ends.

    Clusters far off that have little ink, or most of it beside the line; and what is much
    fainter than the line, as the words of the other side that shine through the paper.
    """
    pale = clusters.shade < PALE
    stray = (clusters.ink < FAINT) | (clusters.core < OWN * clusters.ink)
    while len(part) > 1:
        far_first, far_last = (_far(*pair, clusters, spacing) for pair in (part[:2], part[-2:]))
        if pale[part[0]] or (stray[part[0]] and far_first):
            part = part[1:]
        elif pale[part[-1]] or (stray[part[-1]] and far_last):
            part = part[:-1]
        else:
            break
    return part


def _far(one: int, other: int, clusters: _Clusters, spacing: float) -> bool:
    return clusters.first[other] - clusters.last[one] - 1 > FAR * spacing


def _beside(part: np.ndarray, clusters: _Clusters, spacing: float) -> list[tuple]:
    """Words at the ends that are higher or lower than the line, such as page numbers."""
    if len(part) < 2:
        return []
    ends = ((part[0], part[0], part[1]), (part[-1], part[-2], part[-1]))
    return [
        (np.array([end]), clusters.level[end])
        for end, one, other in ends
        if _far(one, other, clusters, spacing)
        and abs(clusters.level[end]) > OFF_LEVEL
        and clusters.ink[end] > FAINT
    ]


def _split_rows(piece: Strokes, spacing: float) -> list[Strokes]:
    """Two lines of small writing that one course took for one line, as two."""
    width = len(piece.course)
    if width < SMALL_LENGTH * spacing:
        return [piece]
    along = np.linspace(-0.5, 0.5, width)
    straight = np.polyval(np.polyfit(along, piece.course, 1), along)
    tilted = [piece._replace(course=straight + tilt * spacing * along) for tilt in TILTS]
    valleys = [_valley(each.offset, round(0.7 * spacing)) for each in tilted]
    (depth, row), best = min(zip(valleys, tilted, strict=True), key=lambda pair: pair[0][0])
    upper = best.offset < row
    if depth > VALLEY or not SHARE < upper.mean() < 1 - SHARE:
        return [piece]
    return [best.take(part).moved(float(np.median(best.offset[part]))) for part in (upper, ~upper)]


def _valley(offset: np.ndarray, reach: int) -> tuple[float, int]:
    """The emptiest row between two full ones, as a share of the emptier of them; and where."""
    rows = np.rint(offset[np.abs(offset) < reach]).astype(int) + reach
    profile = np.bincount(rows, minlength=2 * reach + 1) + 0.0
    profile = np.convolve(profile, np.ones(3) / 3, "same")
    above = np.maximum.accumulate(profile)
    below = np.maximum.accumulate(profile[::-1])[::-1]
    peaks = np.minimum(above, below)
    depth = np.where(peaks > profile.max() / 3, profile / np.maximum(peaks, 1), 1)
    return float(depth.min()), int(depth.argmin()) - reach
