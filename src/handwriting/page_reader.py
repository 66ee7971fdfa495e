"""From a picture of a page to its text: find lines, cut them out, read them, put them in place."""

from collections.abc import Callable, Sequence

import numpy as np

from handwriting.document import Block, Line, Page, enclosing_box
from handwriting.layout import Layout, find_lines
from handwriting.layout.page import PRINTED
from handwriting.line_places import FrameMap, Places, place_line
from handwriting.lines.cutting import CutLine, cut_page
from handwriting.lines.data import LINE_HEIGHT
from handwriting.lines.decoding import Decoded
from handwriting.lines.decoding.frames import log_probabilities
from handwriting.lines.geometry import STRIDE, frame_count
from handwriting.lines.outlines import Outline
from handwriting.lines.recognizer import LineRecognizer
from handwriting.pages.kind import is_dark
from handwriting.pages.language import guess_language

# From points (N, 2) of the picture that was read to points of the picture as given.
PointMap = Callable[[np.ndarray], np.ndarray]

BLANK = "no writing found"
CERTAIN = 0.9


class PageReader:
    """Reads pages with a line recogniser.

    Attributes:
        recognizer: reads the lines.
        clean: brings a picture (H, W) uint8 into the form that is read best, as
            `cleanup.clean_page` does; None reads pictures as they are.
    """

    def __init__(self, recognizer: LineRecognizer, clean: Callable | None = None):
        self.recognizer = recognizer
        self.clean = clean

    def read(self, image: np.ndarray, layout: Layout | None = None, **about) -> Page:
        """Read a page.

        Args:
            image: (H, W) uint8, 0 = ink, as `images.load` returns it.
            layout: where its lines are, in its pixels; the picture is then read as it is.
                Without, it is cleaned and its lines are found.
            about: file, number, dpi and what else a `Page` knows.

        Returns:
            The page, all places in pixels of `image`. Print is read as well, in blocks of
            the kind `printed`, and a note says so.
        """
        height, width = image.shape
        to_input: PointMap = _same
        if layout is None:
            image, to_input, layout = self._find_lines(image)
        lines = self.read_lines(image, layout, to_input)
        blocks = _blocks(lines, layout)
        known = {"language": guess_language(" ".join(line.text for line in lines if line))}
        known |= {"notes": tuple(_notes(lines, blocks))} | about
        return Page(width, height, blocks, **known)

    def _find_lines(self, image: np.ndarray) -> tuple[np.ndarray, PointMap, Layout]:
        """The clean page, the way back, and its lines."""
        found = self._clean(image)
        if not found[2].lines and is_dark(image):
            inverse = self._clean(255 - image)
            found = inverse if len(inverse[2].lines) > 1 else found
        return found

    def _clean(self, image: np.ndarray) -> tuple[np.ndarray, PointMap, Layout]:
        if self.clean is None:
            return image, _same, find_lines(image)
        cleaned = self.clean(image, judge=self.legibility)
        return cleaned.image, cleaned.to_input, find_lines(cleaned.image)

    def legibility(self, image: np.ndarray) -> float:
        """How surely lines on (H, W) uint8 can be read: a page upside down gets far less.

        Returns:
            Share of the frames in which some character is nearly certain.
        """
        layout = find_lines(image)
        pictures = [self.recognizer.to_input(line.image) for line in _cut(image, layout) if line]
        frames = self.recognizer.logits(pictures)
        if not frames:
            return 0.0
        best = [log_probabilities(one)[:, :-1].max(axis=1) for one in frames]
        return float((np.concatenate(best) > np.log(CERTAIN)).mean())

    def read_lines(
        self, image: np.ndarray, layout: Layout, to_input: PointMap | None = None
    ) -> list[Line | None]:
        """A line for each of the layout's, None where nothing could be read.

        Args:
            to_input: where the lines are to be placed, if not on `image`.
        """
        cut = _cut(image, layout)
        pictures = [self.recognizer.to_input(line.image) for line in cut if line]
        read = iter(self.recognizer.read(pictures))
        lines: list[Line | None] = []
        for found, line in zip(layout.lines, cut, strict=True):
            decoded = next(read) if line else None
            is_read = decoded is not None and decoded.text
            lines.append(self._place(found, line, decoded, to_input or _same) if is_read else None)
        return lines

    def _place(self, found, line: CutLine, decoded: Decoded, to_input: PointMap) -> Line:
        scale = STRIDE * LINE_HEIGHT / self.recognizer.height
        frames = frame_count(round(line.image.shape[1] * self.recognizer.height / LINE_HEIGHT))
        places = _mapped(_frame_map(line, scale), to_input)
        return place_line(
            decoded, places, frames, to_input(found.polygon), to_input(found.baseline)
        )


def _cut(image: np.ndarray, layout: Layout) -> list[CutLine | None]:
    return cut_page(image, [Outline(line.polygon, line.baseline) for line in layout.lines])


def _same(points: np.ndarray) -> np.ndarray:
    return points


def _blocks(lines: Sequence[Line | None], layout: Layout) -> tuple[Block, ...]:
    inside: list[list[Line]] = [[] for _ in layout.blocks]
    for line, found in zip(lines, layout.lines, strict=True):
        if line is not None:
            inside[found.block].append(line)
    return tuple(
        Block(tuple(own), enclosing_box(line.box for line in own), block.kind)
        for own, block in zip(inside, layout.blocks, strict=True)
        if own
    )


def _notes(lines: Sequence[Line | None], blocks: Sequence[Block]):
    """What a reader of the text should know."""
    if not blocks:
        yield BLANK
        return
    unread = sum(line is None for line in lines)
    if unread:
        yield f"{_count(unread)} could not be read"
    printed = sum(len(block.lines) for block in blocks if block.kind == PRINTED)
    if printed:
        yield f"{_count(printed)} may be print, which this model was not made for"


def _count(lines: int) -> str:
    return f"{lines} line{'s' if lines > 1 else ''}"


def _frame_map(line: CutLine, scale: float) -> FrameMap:
    """Edges between frames to places on the page; `scale` is columns of the cut line a frame."""
    width = line.image.shape[1]

    def places(edges: Sequence[float]) -> Places:
        return Places(*line.place(np.minimum(np.asarray(edges) * scale, width)))

    return places


def _mapped(frame_map: FrameMap, to_input: PointMap) -> FrameMap:
    """The same places in the picture as given, where the line may run in any direction."""
    if to_input is _same:
        return frame_map

    def places(edges: np.ndarray) -> Places:
        points, above, below = frame_map(edges)
        base = to_input(points)
        up = np.stack([np.zeros(len(points)), -np.ones(len(points))], axis=1)
        heights = [
            np.hypot(*(to_input(points + side[:, None] * up) - base).T) for side in (above, -below)
        ]
        return Places(base, *heights)

    return places
