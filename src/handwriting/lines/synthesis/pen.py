"""What a pen leaves: stroke width, pressure, darkness and grain."""

from dataclasses import dataclass
from statistics import NormalDist

import cv2
import numpy as np

from handwriting.lines.synthesis.draws import around, pick
from handwriting.lines.synthesis.textures import Textures

_BROADEST = 0.18  # stroke width, share of the height of small letters
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


@dataclass(frozen=True)
class Pen:
    """Ranges that the lines of one kind of pen are drawn from.

    Attributes:
        width: median stroke width, pixels at height 64.
        grey: lowest and highest grey of its full ink.
        softness: lowest and highest blur of its edges, pixels.
        pressure: how much the width changes along the line.
        fading: how much the darkness changes along the line.
        grain: how rough the ink lies on the paper.
    """

    width: float
    grey: tuple[int, int]
    softness: tuple[float, float]
    pressure: float
    fading: float
    grain: float


PENS = {
    "ballpoint": Pen(2.7, (40, 115), (0.5, 0.9), 0.10, 0.12, 0.22),
    "fountain": Pen(3.3, (25, 110), (0.6, 1.1), 0.16, 0.22, 0.06),
    "dip": Pen(2.9, (35, 120), (0.6, 1.1), 0.24, 0.30, 0.10),
    "pencil": Pen(3.0, (85, 140), (0.6, 1.1), 0.10, 0.18, 0.45),
    "felt": Pen(4.4, (20, 70), (0.5, 0.9), 0.06, 0.05, 0.05),
    "scan": Pen(
        3.4, (10, 30), (0.3, 0.5), 0.14, 0.0, 0.0
    ),  # black on white, as binarised scans are
}
_NAMES = ("ballpoint",) * 5 + ("fountain",) * 3 + ("dip",) * 3 + ("pencil",) * 3
_NAMES += ("felt",) * 2 + ("scan",) * 2


def draw_ink(
    ink: np.ndarray, stroke: float, small: float, textures: Textures, rng: np.random.Generator
):
    """Ink with a pen's character.

    Args:
        ink: (64, W) uint8 plain ink.
        stroke: its stroke width, pixels.
        small: height of its small letters, pixels; a broader pen would fill them.

    Returns:
        (64, W) float32 cover, 0 = bare paper, 1 = full ink; and the grey of full ink.
    """
    pen = PENS[pick(rng, _NAMES)]
    width = min(around(rng, pen.width, 0.25, 1.7, 7.0), max(_BROADEST * small, 1.7))
    shape = _strokes(ink, stroke, width - stroke, pen, textures, rng)
    cover = np.ones_like(shape)
    columns = ink.shape[1]
    if pen.fading:
        cover -= pen.fading * textures.piece("fading", columns, rng)
    if pen.grain:
        cover -= pen.grain * rng.uniform(0.4, 1.2) * textures.piece("gaps", columns, rng)
    return shape * np.clip(cover, 0.4, 1), rng.uniform(*pen.grey)


def underline(ink: np.ndarray, baseline: float, stroke: float, rng: np.random.Generator) -> None:
    """Draw a stroke under some words, nearly level."""
    width = ink.shape[1]
    start, end = np.sort(rng.uniform(0.02, 0.98, 2)) * width
    row = baseline + rng.uniform(4, 11)
    line = [(round(start), round(row)), (round(end), round(row + rng.normal(0, 1.5)))]
    cv2.line(ink, *line, 255, max(round(stroke), 1), cv2.LINE_AA)


def _strokes(ink, stroke: float, growth: float, pen: Pen, textures: Textures, rng) -> np.ndarray:
    """Strokes grown by so many pixels, unevenly, as cover 0 … 1 with soft edges."""
    while growth > 1.6:
        ink, growth, stroke = cv2.dilate(ink, _CROSS), growth - 1.6, stroke + 1.6
    while growth < -2 and stroke > 3.5:
        ink, growth, stroke = cv2.erode(ink, _CROSS), growth + 1.6, stroke - 1.6
    blur = rng.uniform(*pen.softness) + 0.15 * abs(growth)
    soft = cv2.GaussianBlur(ink, (0, 0), blur).astype(np.float32)
    # A blurred edge crosses this level where the grown stroke would end.
    level = NormalDist().cdf(-np.clip(growth, -1.5, 1.6) / 2 / blur)
    # Thin strokes lose height when blurred: the level stays well below what is left.
    left = 2 * NormalDist().cdf(max(stroke, 0.8) / 2 / blur) - 1
    level = float(np.clip(level, 0.15, 0.55 * left))
    uneven = pen.pressure * rng.uniform(0.5, 1.2) * textures.piece("letter", ink.shape[1], rng)
    steepness = rng.uniform(1.2, 2.2)
    return np.clip((soft / 255 - level - 0.5 * uneven * level) * steepness + 0.5, 0, 1) * (
        soft > 12
    )
