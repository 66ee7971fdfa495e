"""What a line is written on: plain, ruled and squared paper, stains, writing near and behind."""

import cv2
import numpy as np

from handwriting.lines.data import LINE_HEIGHT, PAPER
from handwriting.lines.synthesis.draws import around, chance, pick
from handwriting.lines.synthesis.textures import Textures


def make_paper(width: int, baseline: float, textures: Textures, rng) -> np.ndarray:
    """(64, W) float32 grey around 235, with what a page has before it is written on."""
    paper = PAPER + around(rng, 1.2, 0.7, 0.2, 4.5) * textures.piece("fibre", width, rng)
    if chance(rng, 0.3):
        paper = paper + rng.uniform(0.5, 3) * textures.piece("hand", width, rng)
    kind = rng.random()
    if kind < 0.28:
        _rule(paper, baseline, rng)
    elif kind < 0.38:
        _square(paper, baseline, rng)
    if chance(rng, 0.12):
        _stain(paper, rng)
    if chance(rng, 0.07):
        _margin(paper, rng)
    return paper


def _strokes(paper: np.ndarray, lines, grey: float, thickness: int) -> None:
    """Straight strokes (x0, y0, x1, y1), darker than the paper by `grey`, in quarter pixels."""
    mask = np.zeros(paper.shape, np.uint8)
    for line in lines:
        start, end = (
            (round(4 * line[0]), round(4 * line[1])),
            (round(4 * line[2]), round(4 * line[3])),
        )
        cv2.line(mask, start, end, 255, thickness, cv2.LINE_AA, 2)
    paper -= mask * np.float32(grey / 255)


def _rule(paper: np.ndarray, baseline: float, rng) -> None:
    """Lines to write on; the writing stands on one of them, or little above or below."""
    height, width = paper.shape
    spacing = LINE_HEIGHT * rng.uniform(0.45, 1.5)
    stands_on_it = chance(rng, 0.75)
    first = baseline + rng.normal(1.5, 3) if stands_on_it else rng.uniform(0, height)
    rows = first + spacing * np.arange(-3, 4)
    fall = rng.normal(0, 0.004) * width
    lines = [(0, y, width, y + fall) for y in rows if -20 < y < height + 20]
    # A dark line through the middle of the words would strike them out.
    _strokes(paper, lines, rng.uniform(12, 95 if stands_on_it else 45), pick(rng, (1, 1, 2)))


def _square(paper: np.ndarray, baseline: float, rng) -> None:
    height, width = paper.shape
    spacing = rng.uniform(14, 44)
    fall = rng.normal(0, 0.004)
    rows = baseline + rng.normal(0, 4) + spacing * np.arange(-6, 6)
    columns = rng.uniform(0, spacing) + spacing * np.arange(-1, width / spacing + 1)
    lines = [(0, y, width, y + fall * width) for y in rows if -20 < y < height + 20]
    lines += [(x, 0, x - fall * height, height) for x in columns]
    _strokes(paper, lines, rng.uniform(10, 60), pick(rng, (1, 1, 2)))


def _stain(paper: np.ndarray, rng) -> None:
    """A soft spot, large or small, darker than the paper."""
    height, width = paper.shape
    mask = np.zeros((height // 4, width // 4 + 1), np.float32)
    centre = (int(rng.integers(mask.shape[1])), int(rng.integers(mask.shape[0])))
    axes = (int(rng.integers(2, 30)), int(rng.integers(2, 9)))
    cv2.ellipse(mask, centre, axes, rng.uniform(0, 180), 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.8, 3))
    paper -= rng.uniform(6, 45) * cv2.resize(soft, (width, height))


def _margin(paper: np.ndarray, rng) -> None:
    """A stroke from top to bottom at one end, as margins and cut brackets are."""
    height, width = paper.shape
    at = rng.uniform(0, 7) if chance(rng, 0.6) else width - rng.uniform(1, 7)
    lean = rng.normal(0, 3)
    _strokes(paper, [(at, -4, at + lean, height + 4)], rng.uniform(30, 130), pick(rng, (1, 2)))


def add_neighbours(cover: np.ndarray, rng) -> np.ndarray:
    """Ink with feet of the line above or heads of the line below in a few places.

    The line's own ink serves as its neighbour, moved along and up or down by a line's distance.
    """
    height, width = cover.shape
    moved = np.roll(cover, int(rng.integers(width)), axis=1)
    distance = int(rng.uniform(0.72, 1.0) * height)
    other = np.zeros_like(cover)
    if chance(rng, 0.5):
        other[: height - distance] = moved[distance:]
    else:
        other[distance:] = moved[: height - distance]
    # Most of a neighbour was taken out of real lines; pieces stay.
    kept = np.zeros(width, bool)
    for _ in range(int(rng.integers(1, 5))):
        at = int(rng.integers(width))
        kept[at : at + int(rng.uniform(20, 160))] = True
    return np.maximum(cover, other * kept)


def show_through(paper: np.ndarray, cover: np.ndarray, rng) -> None:
    """Darken the paper by the writing of its other side: mirrored, soft and faint."""
    behind = cover[:, ::-1] if chance(rng, 0.7) else cover[::-1, ::-1]
    behind = np.roll(behind, (int(rng.normal(0, 14)), int(rng.integers(cover.shape[1]))), (0, 1))
    paper -= rng.uniform(8, 40) * cv2.GaussianBlur(behind, (0, 0), rng.uniform(1.2, 2.5))
