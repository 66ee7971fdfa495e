"""What is known of a page's layout: its lines in reading order, and the blocks they form."""

from dataclasses import dataclass

import numpy as np

HANDWRITTEN, PRINTED = "handwritten", "printed"


@dataclass(frozen=True)
class TextLine:
    """One line of writing, all points as x, y in pixels of the page.

    Attributes:
        polygon: (N, 2) float64, the outline of its writing, closed from last to first.
        baseline: (K, 2) float64, left to right.
        block: index into `Layout.blocks`.
    """

    polygon: np.ndarray
    baseline: np.ndarray
    block: int


@dataclass(frozen=True)
class Block:
    """Lines that stand together.

    Attributes:
        box: left, top, right, bottom in pixels of the page.
        kind: `handwritten` or `printed`.
    """

    box: tuple[float, float, float, float]
    kind: str


@dataclass(frozen=True)
class Layout:
    """A page's lines in reading order.

    Attributes:
        angle: slope of the lines in degrees, positive where they fall to the right.
    """

    lines: tuple[TextLine, ...] = ()
    blocks: tuple[Block, ...] = ()
    angle: float = 0.0

    def of_kind(self, kind: str) -> tuple[TextLine, ...]:
        """The lines in blocks of one kind, in reading order."""
        return tuple(line for line in self.lines if self.blocks[line.block].kind == kind)
