"""Lines out of a page: one strip of 64 pixels for each outline, as the training lines have it."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from handwriting.lines.data import PAPER
from handwriting.lines.outlines import Outline, with_polygons
from handwriting.lines.paper import (
    DARK,
    FAINTEST,
    flatten_paper,
    frame_line,
    ink_level,
    ink_rows,
    strengthen,
    with_margins,
)
from handwriting.lines.straighten import Strip, straighten

# How far one line may differ from its page's median: one page keeps nearly one scale, and
# polygons that reach into the lines around do not shrink the writing.
ABOVE_BOUNDS = (0.9, 1.45)
BELOW_BOUNDS = (0.8, 1.7)
# Share of its height that a line needs below its baseline, where no page says more.
LEAST_BELOW = 0.15
# Shares of a part's pixels within the polygon: of this line, or of one of its neighbours.
OWN = 0.8
WHOLLY_OWN = 0.9
# The middle of a line, in polygon heights above the baseline: its small letters stand here.
MIDDLE = (0.45, 0.1)

OWN_PART, FOREIGN_PART = 1, 2


class Extent(NamedTuple):
    """How far writing reaches from its baseline, in pixels of the page."""

    above: float
    below: float


class Piece(NamedTuple):
    """A line by itself: (h, w) uint8 on even paper, (h, w) bool ink, and where it was cut."""

    flat: np.ndarray
    ink: np.ndarray
    strip: Strip

    @property
    def base(self) -> int:
        return self.strip.base

    @property
    def scale(self) -> float:
        return self.strip.scale


class CutLine(NamedTuple):
    """A line as it was cut out, and the way back.

    Attributes:
        image: (64, W) uint8, dark ink on paper 235.
        strip: the straightened page that it is a part of.
        box: top, bottom, left, right of that part, ends excluded, margins included.
    """

    image: np.ndarray
    strip: Strip
    box: tuple[int, int, int, int]

    def place(self, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Where columns (N,) of the image lie: points (N, 2) on the baseline, above, below (N,).

        All in pixels of the page, above and below square to the baseline.
        """
        top, bottom, left, right = self.box
        strip, columns = self.strip, np.asarray(columns, np.float64)
        across = left + columns * (right - left) / self.image.shape[1]
        along = strip.start + across / strip.scale
        above = np.full(len(along), (strip.base - top) / strip.scale)
        below = np.full(len(along), (bottom - strip.base) / strip.scale)
        return strip.frame.place(along, np.zeros(len(along))), above, below


def cut_page(page: np.ndarray, outlines: Sequence[Outline]) -> list[CutLine | None]:
    """Cut all lines of a page, in their order, at nearly one scale.

    Args:
        page: (H, W) uint8, dark ink, as `images.load` returns it.
        outlines: polygon or baseline or both of each line.

    Returns:
        A line for each outline, or None where it encloses no writing.
    """
    pieces = [_try_piece(page, outline) for outline in with_polygons(outlines)]
    typical = typical_extent([piece for piece in pieces if piece is not None])
    return [None if piece is None else _render(piece, typical) for piece in pieces]


def cut_line(
    page: np.ndarray, polygon: np.ndarray, baseline=None, typical: Extent | None = None
) -> np.ndarray:
    """Cut one line: (64, W) uint8, dark ink on paper 235.

    Args:
        page: (H, W) uint8, dark ink.
        polygon: (N, 2) x, y in pixels.
        baseline: (M, 2) in reading direction, or None to estimate it.
        typical: the page's median extent, where it is known.

    Raises:
        ValueError: the polygon encloses no pixels of the page, or no writing.
    """
    piece = isolate(straighten(page, Outline(polygon, baseline)))
    return _render(piece, typical).image


def _try_piece(page: np.ndarray, outline: Outline) -> Piece | None:
    try:
        return isolate(straighten(page, outline))
    except ValueError:
        return None


def isolate(strip: Strip) -> Piece:
    """Even the paper, keep whole letters that cross the edge, take the neighbours out.

    Raises:
        ValueError: nothing is written here.
    """
    inside = strip.inside
    flat = flatten_paper(strip.gray, inside)
    level = ink_level(flat, inside)
    if PAPER - level < FAINTEST:
        raise ValueError("there is no writing in the polygon")
    ink = (flat < PAPER - DARK * (PAPER - level)).view(np.uint8)
    sorted_parts = _sort_parts(ink, strip)
    kernel = np.ones((3, 3), np.uint8)
    # Soft edges go with their stroke; what belongs to this line wins where both meet.
    foreign = cv2.dilate((sorted_parts == FOREIGN_PART).view(np.uint8), kernel)
    own = cv2.dilate((sorted_parts == OWN_PART).view(np.uint8), kernel)
    keep = (inside & (foreign == 0)) | own.view(bool)
    own_ink = ink.view(bool) & keep
    if not own_ink.any():
        raise ValueError("there is only writing of other lines in the polygon")
    flat = strengthen(flat, level)
    flat[~keep] = PAPER
    return Piece(flat, own_ink, strip)


def _sort_parts(ink: np.ndarray, strip: Strip) -> np.ndarray:
    """(h, w) uint8: `OWN_PART` where whole letters are kept, `FOREIGN_PART` for neighbours."""
    count, labels = cv2.connectedComponents(ink, connectivity=8)
    sides = np.bincount((2 * labels + strip.inside).ravel(), minlength=2 * count)
    share = sides[1::2] / np.maximum(sides[::2] + sides[1::2], 1)
    rows = np.flatnonzero(strip.inside.any(axis=1))
    above = max(strip.base - rows[0], (rows[-1] - rows[0]) // 2)
    first, last = (max(strip.base - round(height * above), 0) for height in MIDDLE)
    middle = slice(first, last + 1)
    reached = np.bincount(labels[middle][strip.inside[middle]], minlength=count) > 0
    kinds = np.zeros(count, np.uint8)
    kinds[share >= np.where(reached, OWN, WHOLLY_OWN)] = OWN_PART
    kinds[~reached & (share < WHOLLY_OWN)] = FOREIGN_PART
    kinds[0] = 0
    return kinds[labels]


def _extent(piece: Piece) -> Extent:
    """From the ink, few outliers left aside, in pixels of the page."""
    top, bottom = ink_rows(piece.ink)
    return Extent((piece.base - top) / piece.scale, (bottom - piece.base) / piece.scale)


def typical_extent(pieces: Sequence[Piece]) -> Extent | None:
    """Median extent of the lines of a page; None without lines."""
    if not pieces:
        return None
    extents = np.array([_extent(piece) for piece in pieces])
    above, below = np.median(extents, axis=0)
    return Extent(max(above, 1.0), max(below, LEAST_BELOW * above, 1.0))


def _render(piece: Piece, typical: Extent | None) -> CutLine:
    above, below = _extent(piece)
    if typical is None:
        above = max(above, 1.0)
        below = max(below, LEAST_BELOW * above)
    else:
        above = np.clip(above, *(typical.above * bound for bound in ABOVE_BOUNDS))
        below = np.clip(below, *(typical.below * bound for bound in BELOW_BOUNDS))
    top = piece.base - round(above * piece.scale)
    bottom = max(piece.base + round(below * piece.scale), top + 1)
    columns = np.flatnonzero(piece.ink[max(top, 0) : max(bottom, 1)].any(axis=0))
    if not len(columns):
        columns = np.array([0, piece.ink.shape[1] - 1])
    box = top, bottom, int(columns[0]), int(columns[-1]) + 1
    return CutLine(frame_line(piece.flat, *box), piece.strip, with_margins(*box))
