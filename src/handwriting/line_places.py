"""From the frames of a decoded line to places on its page."""

from collections.abc import Callable
from itertools import groupby
from typing import NamedTuple

import numpy as np

from handwriting.document import BASE_SHARE, Box, Character, Line, Point, Word, bounding_box
from handwriting.lines.decoding.result import Character as DecodedCharacter
from handwriting.lines.decoding.result import Decoded
from handwriting.lines.decoding.result import Word as DecodedWord

# A point of a line's outline and baseline every so many frames.
OUTLINE_STEP = 8


class Places(NamedTuple):
    """Where edges between frames lie, in pixels of the page.

    Attributes:
        points: (N, 2) x, y on the baseline.
        above, below: (N,) how far the line reaches from there, square to the baseline.
    """

    points: np.ndarray
    above: np.ndarray
    below: np.ndarray


# From (N,) float edges to their places. Edge t lies before frame t, so frame t reaches from
# edge t to edge t + 1, and a line of T frames has the edges 0 … T.
FrameMap = Callable[[np.ndarray], Places]


def along(points, above, below) -> FrameMap:
    """Frames along a baseline of any shape: interpolated between edges, held beyond the ends.

    Args:
        points: (T + 1, 2), edge t in row t.
        above, below: (T + 1,) or one number.
    """
    points = np.asarray(points, np.float64)
    rows = np.arange(len(points))
    heights = [np.broadcast_to(np.float64(side), rows.shape) for side in (above, below)]

    def places(edges: np.ndarray) -> Places:
        columns = (*points.T, *heights)
        x, y, up, down = (np.interp(edges, rows, column) for column in columns)
        return Places(np.stack([x, y], axis=1), up, down)

    return places


def evenly(box: Box, frames: int, base: float = BASE_SHARE) -> FrameMap:
    """Frames side by side in a box, for a line of which no more is known.

    Args:
        frames: that the box holds, without those of padding.
        base: share of the height above the baseline.
    """
    x0, y0, x1, y1 = box
    height = y1 - y0
    x = np.linspace(x0, x1, max(frames, 1) + 1)
    points = np.stack([x, np.full_like(x, y0 + base * height)], axis=1)
    return along(points, base * height, (1 - base) * height)


def place_line(
    decoded: Decoded,
    frame_map: FrameMap,
    frames: int,
    polygon=None,
    baseline=None,
) -> Line:
    """A decoded line on its page.

    Args:
        frames: of the line without padding; outline and baseline span them.
        polygon, baseline: (N, 2) as the layout found them; else made from the frames.
    """
    edges = _Edges.of(frame_map, max(frames, 1))
    outline, base = edges.outline(OUTLINE_STEP)
    outline = outline if polygon is None else _points(polygon)
    base = base if baseline is None else _points(baseline)
    words = _words(decoded, edges)
    box = bounding_box(outline)
    return Line(decoded.text, box, decoded.confidence, words, outline, base)


class _Edges(NamedTuple):
    """All edges between the frames of a line on its page: the map is asked once for a line.

    Attributes:
        above, base, below: (T + 1, 2) x, y of their ends, and of where they cross the baseline.
    """

    above: np.ndarray
    base: np.ndarray
    below: np.ndarray

    @classmethod
    def of(cls, frame_map: FrameMap, frames: int) -> "_Edges":
        points, above, below = frame_map(np.arange(frames + 1.0))
        way = np.gradient(points, axis=0)
        length = np.hypot(way[:, 0], way[:, 1])
        way = np.where(length[:, None] > 0, way / np.maximum(length, 1e-9)[:, None], (1.0, 0.0))
        up = np.stack([way[:, 1], -way[:, 0]], axis=1)
        return cls(points + up * above[:, None], points, points - up * below[:, None])

    def outline(self, step: int) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
        """Polygon of the line (above from left to right, back below), and its baseline."""
        count = len(self.base)
        chosen = np.unique([*range(0, count, step), count - 1])
        polygon = np.concatenate([self.above[chosen], self.below[chosen[::-1]]])
        return _points(polygon), _points(self.base[chosen])

    def box(self, start: int, end: int) -> Box:
        """Of the frames from `start` to before `end`; beyond the line, its end."""
        inside = slice(min(start, len(self.base) - 1), end + 1)
        return bounding_box(np.concatenate([self.above[inside], self.below[inside]]))

    def baseline(self, start: int, end: int) -> tuple[Point, Point]:
        """The ends of these frames' part of it."""
        return _points(self.base.take([start, end], axis=0, mode="clip"))


def _words(decoded: Decoded, edges: _Edges) -> tuple[Word, ...]:
    groups = groupby(decoded.characters, key=lambda character: character.text == " ")
    characters = [tuple(group) for is_space, group in groups if not is_space]
    if len(characters) != len(decoded.words):
        characters = [()] * len(decoded.words)
    pairs = zip(decoded.words, characters, strict=True)
    return tuple(_word(word, inside, edges) for word, inside in pairs)


def _word(word: DecodedWord, characters: tuple[DecodedCharacter, ...], edges: _Edges) -> Word:
    placed = tuple(Character(c.text, edges.box(c.start, c.end), c.confidence) for c in characters)
    box, ends = edges.box(word.start, word.end), edges.baseline(word.start, word.end)
    return Word(word.text, box, word.confidence, word.alternatives, placed, ends)


def _points(array) -> tuple[Point, ...]:
    return tuple((x, y) for x, y in np.asarray(array, np.float64).tolist())
