"""From a canvas of ink to a line of 64 rows, cut as real lines are, with one warp."""

import cv2
import numpy as np

from handwriting.lines.data import LINE_HEIGHT
from handwriting.lines.synthesis.draws import around, chance
from handwriting.lines.synthesis.textures import LONGEST_WIDTH, Textures
from handwriting.lines.synthesis.writing import Writing

# The rule for real lines: 4.5 % of the height free above and below, 12 % of it at the ends;
# ink counts within multiples of the page's usual ascent and descent, at most 1.45 and 1.7
# times. Fonts with tall capitals get more, lest a label names an accent that was cut off.
_MARGIN = 0.045
_END = 0.12
_ABOVE = (0.9, 1.6)
_BELOW = (0.8, 1.9)


def cut_line(writing: Writing, textures: Textures, rng: np.random.Generator):
    """Slanted, swaying, unevenly spaced ink at its final size.

    Returns:
        (64, W) uint8 ink, the row of its baseline, and the vertical scale.
    """
    above, below = _extent(writing, rng)
    scale = LINE_HEIGHT * (1 - 2 * _MARGIN) / (above + below)
    baseline = LINE_HEIGHT * _MARGIN + above * scale
    columns = np.flatnonzero(writing.ink.max(axis=0) > 60)
    ends = (columns[0], columns[-1] + 1) if len(columns) else (0, writing.ink.shape[1])
    first, last = map(float, ends)
    across = scale * _stretch((last - first) * scale / max(writing.characters, 1), rng)
    shear = float(np.clip(0.15 * rng.standard_normal(), -0.35, 0.35))
    left, right = (LINE_HEIGHT * _END * rng.uniform(0.8, 1.5) for _ in range(2))
    lean_left, lean_right = _lean(shear, baseline)
    width = (last - first) * across + left + right + lean_left + lean_right
    width = int(np.clip(width, 16, LONGEST_WIDTH))
    y = np.arange(LINE_HEIGHT, dtype=np.float32)[:, None] - baseline
    x = np.arange(width, dtype=np.float32)[None, :] - (left + lean_left)
    sway_x, sway_y = _sway(width, textures, rng)
    map_x = (x + shear * y + sway_x) / across + first
    map_y = _proportions(y / scale, writing.ascent, rng) + (sway_y / scale + writing.baseline)
    ink = cv2.remap(writing.ink, map_x, map_y, cv2.INTER_LINEAR)
    return ink, baseline, scale


def _extent(writing: Writing, rng: np.random.Generator) -> tuple[float, float]:
    """Height above and below the baseline that goes into the line, in pixels of the canvas."""
    top, foot = writing.reach()
    if chance(rng, 0.2):
        # Words cut tightly: only what they lack to the usual height is added.
        above, below = max(top, 0.88 * writing.ascent), max(foot, 0.6 * writing.descent)
    else:
        page = np.exp(0.06 * rng.standard_normal(2)) * (writing.ascent, writing.descent)
        above = np.clip(top, _ABOVE[0] * page[0], _ABOVE[1] * page[0])
        below = np.clip(foot, _BELOW[0] * page[1], _BELOW[1] * page[1])
    if chance(rng, 0.12):
        # A line found by a program is cut less well.
        above, below = above * rng.uniform(1, 1.35), below * rng.uniform(0.95, 1.35)
    return float(above), float(below)


def _proportions(y: np.ndarray, ascent: float, rng: np.random.Generator) -> np.ndarray:
    """Rows (64, 1) from the baseline, bent so that small letters get higher or lower.

    The baseline and the top of an l stay where they are.
    """
    power = float(np.clip(np.exp(0.13 * rng.standard_normal()), 0.8, 1.25))
    return np.where(y < 0, -ascent * (np.maximum(-y, 0) / ascent) ** power, y)


def _stretch(natural: float, rng: np.random.Generator) -> float:
    """Factor for the width, half-way from the font's pixels per character to a usual number."""
    wanted = around(rng, 21.5, 0.3, 11, 38)
    return float(np.clip((wanted / max(natural, 1)) ** 0.6, 0.7, 1.6))


def _lean(shear: float, baseline: float) -> tuple[float, float]:
    """Columns that the slant adds at the left and the right end."""
    foot = LINE_HEIGHT - baseline
    return max(shear * foot, -shear * baseline, 0), max(shear * baseline, -shear * foot, 0)


def _sway(width: int, textures: Textures, rng: np.random.Generator):
    """Displacements (64, W) along x and y: no letter twice the same, a baseline not straight."""
    unrest = around(rng, 0.9, 0.4, 0.3, 1.6)
    across = unrest * textures.piece("spacing", width, rng)
    down = 0.8 * unrest * textures.piece("letter", width, rng)
    down = down + around(rng, 1.0, 0.5, 0.2, 2.5) * textures.piece("hand", width, rng)
    return across, down
