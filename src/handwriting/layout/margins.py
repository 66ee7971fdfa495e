"""Lines that run on across a margin or between two columns, parted there."""

import numpy as np

from handwriting.layout.strokes import Strokes

# Lengths in distances between lines.
GAP = 0.5  # blank on the left of a margin where other lines begin
WIDE = 1.0  # blank that is wider than between words: it bears witness, too
ALIGNED = 0.5  # how far beginnings may be apart
NEIGHBOURS = 7.0  # lines above and below that bear witness
WITNESSES = 4  # at least so many begin at the margin …
CROSSING = 0.15  # … and at most this share of those lines write over it
SHORTEST = 0.8  # what stands on the left; a number of an item is shorter


def split_at_margins(pieces: list[Strokes], spacing: float) -> list[Strokes]:
    """Part lines at gaps where the lines around begin, as notes in the margin and columns do.

    Args:
        pieces: lines on the level page.
    """
    gaps = [_gaps(piece, GAP * spacing) for piece in pieces]
    parts = []
    for piece, ends in zip(pieces, gaps, strict=True):
        cuts = [
            (before, after)
            for before, after in ends[1:]
            if before - piece.left > SHORTEST * spacing
            and _is_margin(before, after, piece, pieces, gaps, spacing)
        ]
        firsts = [piece.left, *(after for _, after in cuts)]
        lasts = [*(before for before, _ in cuts), piece.right]
        parts += [piece.between(*ends) for ends in zip(firsts, lasts, strict=True)]
    return parts


def _gaps(piece: Strokes, least: float) -> np.ndarray:
    """Last column before and first column after each gap, (K, 2); the first is the beginning."""
    columns = np.unique(piece.x)
    wide = np.flatnonzero(np.diff(columns) > least)
    beginning = [[-np.inf, piece.left]]
    return np.concatenate([beginning, np.stack([columns[wide], columns[wide + 1]], axis=1)])


def _is_margin(before, after, piece, pieces, gaps, spacing: float) -> bool:
    aligned = crossing = 0
    for other, ends in zip(pieces, gaps, strict=True):
        far = abs(other.middle - piece.middle) / spacing
        if other is piece or far > NEIGHBOURS or other.right < after:
            continue
        begins = np.abs(ends[:, 1] - after) < ALIGNED * spacing
        begins &= ends[:, 1] - ends[:, 0] > WIDE * spacing
        if begins.any():
            aligned += 1
        elif other.left < before and not ((ends[:, 0] <= after) & (ends[:, 1] >= before)).any():
            crossing += 1
    return aligned >= WITNESSES and crossing <= CROSSING * (aligned + crossing)
