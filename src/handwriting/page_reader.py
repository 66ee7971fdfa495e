"""From a picture of a page to its text: find lines, cut them out, read them, put them in place."""

from collections.abc import Sequence

import numpy as np

from handwriting.document import Block, Line, Page, enclosing_box
from handwriting.layout import Layout, find_lines
from handwriting.line_places import FrameMap, Places, place_line
from handwriting.lines.cutting import CutLine, cut_page
from handwriting.lines.data import LINE_HEIGHT
from handwriting.lines.decoding import Decoded
from handwriting.lines.geometry import STRIDE, frame_count
from handwriting.lines.outlines import Outline
from handwriting.lines.recognizer import LineRecognizer


class PageReader:
    """Reads pages with a line recogniser.

    Attributes:
        recognizer: reads the lines.
    """

    def __init__(self, recognizer: LineRecognizer):
        self.recognizer = recognizer

    def read(self, image: np.ndarray, layout: Layout | None = None, **about) -> Page:
        """Read a page.

        Args:
            image: (H, W) uint8, 0 = ink, as `images.load` returns it.
            layout: where its lines are; found if not given.
            about: file, number, dpi and what else a `Page` knows.
        """
        height, width = image.shape
        layout = layout or find_lines(image)
        lines = self.read_lines(image, layout)
        blocks = []
        for index, block in enumerate(layout.blocks):
            inside = tuple(
                line
                for line, found in zip(lines, layout.lines, strict=True)
                if line is not None and found.block == index
            )
            if inside:
                blocks.append(Block(inside, enclosing_box(line.box for line in inside), block.kind))
        return Page(width, height, tuple(blocks), **about)

    def read_lines(self, image: np.ndarray, layout: Layout) -> list[Line | None]:
        """A line for each of the layout's, None where nothing could be read."""
        outlines = [Outline(line.polygon, line.baseline) for line in layout.lines]
        cut = cut_page(image, outlines)
        pictures = [self.recognizer.to_input(line.image) for line in cut if line]
        read = iter(self.recognizer.read(pictures))
        lines: list[Line | None] = []
        for found, line in zip(layout.lines, cut, strict=True):
            decoded = next(read) if line else None
            lines.append(self._place(found, line, decoded) if decoded and decoded.text else None)
        return lines

    def _place(self, found, line: CutLine, decoded: Decoded) -> Line:
        scale = STRIDE * LINE_HEIGHT / self.recognizer.height
        frames = frame_count(round(line.image.shape[1] * self.recognizer.height / LINE_HEIGHT))
        return place_line(decoded, _frame_map(line, scale), frames, found.polygon, found.baseline)


def _frame_map(line: CutLine, scale: float) -> FrameMap:
    """Edges between frames to places on the page; `scale` is columns of the cut line a frame."""
    width = line.image.shape[1]

    def places(edges: Sequence[float]) -> Places:
        return Places(*line.place(np.minimum(np.asarray(edges) * scale, width)))

    return places
