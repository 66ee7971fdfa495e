"""Whether strokes found along a course are a line of writing."""

import numpy as np

from handwriting.layout.strokes import Strokes

# Lengths in distances between lines.
SHORTEST = 0.55
THINNEST = 0.045  # spread of the ink's rows: less is a stroke of the pen
TALLEST = 0.6  # reach of a character from its middle
NEAR = 0.3  # from the course: in a line most of the ink is here
LONG = 6.0  # chance seldom makes so long a line: less is asked of it
ENDLESS, UNBROKEN = 9.0, 0.98  # a line so long has gaps between words …
FULL = 0.16  # … or, on a rule that closes them, not so much ink for its length
SMOOTH, STEP = 0.45, 0.07  # an edge with less up and down, in such steps, is a pen's stroke
# Letters that stand on a rule: little up and down below, much above.
ON_RULE, LIVELY = 0.65, 1.0
# Of the darkness of the page's lines: what shines through is fainter, and a few words of it
# are enough to be left out.
FAINT, FAINT_WORD = 0.5, 0.62
WORD = 2.5  # length of such words
SPARSE, STRETCH = 0.15, 3.0  # columns with ink in a line at least so long, in thin pencil
FAINTEST = 0.02  # ink in squared distances, for each distance of length


def is_writing(strokes: Strokes, spacing: float) -> bool:
    """Tell writing from what is left of frames, stamps, edges and writing that runs upwards.

    In a line the ink keeps near its course all along, in parts that do not reach into the
    lines around.
    """
    offset = strokes.offset / spacing
    length = len(strokes.course) / spacing
    dense = len(offset) / spacing**2 / length
    near = np.abs(offset) < NEAR
    core, firm, spread = near.mean(), strokes.firm.mean(), offset.std()
    if length < SHORTEST or spread < THINNEST or dense < FAINTEST:
        return False
    columns, top, bottom = strokes.edges(offset)
    full = len(np.unique(strokes.x[near])) / len(strokes.course)
    smoother, livelier = sorted(_variation(edge, columns, spacing) for edge in (top, bottom))
    if length > ENDLESS and full > UNBROKEN and dense > FULL:
        return smoother < ON_RULE and livelier > LIVELY
    if length > LONG:
        return core > 0.55 and spread < 0.45 and (firm > 0.3 or core > 0.7)
    if livelier < SMOOTH:
        return False
    whole = firm > 0.5 or core > 0.85
    least = 0.5 if core < 0.9 else SPARSE if length > STRETCH else 0.25
    return bool(core > 0.7 and spread < 0.32 and full > least and whole)


def is_character(strokes: Strokes, spacing: float) -> bool:
    """Whether the only strokes of a page are one character, too narrow for a line."""
    offset = strokes.offset / spacing
    dense = len(offset) / spacing / len(strokes.course)
    return bool(offset.std() > THINNEST and dense > FAINTEST and np.abs(offset).max() < TALLEST)


def _variation(edge: np.ndarray, columns: np.ndarray, spacing: float) -> float:
    """Up and down along an edge, as a share of its length: letters climb and fall."""
    step = max(1, round(STEP * spacing))
    return float(np.abs(np.diff(edge[::step])).sum() * spacing / max(len(columns), 1))


def without_faint(lines: list[Strokes], dark: np.ndarray, spacing: float) -> list[Strokes]:
    """Without lines much fainter than the others: they shine through the paper, or are dirt.

    Args:
        lines: of the level page.
        dark: (H, W) uint8, grey levels below the paper.
        spacing: distance between lines.
    """
    strength = np.array([dark[line.y, line.x].mean() for line in lines])
    usual = np.median(strength) if lines else 0
    short = np.array([len(line.course) < WORD * spacing for line in lines], bool)
    kept = strength > np.where(short, FAINT_WORD, FAINT) * usual
    return [line for line, keep in zip(lines, kept, strict=True) if keep]
