"""Digits drawn by a program, in MNIST's files: for tests and trials without a download.

Each digit is a few strokes, varied as a hand would, drawn with a pen of random width and
brought into MNIST's form. They are far easier than real handwriting: scores on them say
that the code runs, nothing more.
"""

from pathlib import Path

import numpy as np

from handwriting.datasets.base import Split
from handwriting.datasets.idx import write_idx
from handwriting.datasets.strokes import make_drawing, render, vary
from handwriting.images import MNIST_FORMAT, to_character

PEN = (2.0, 3.5)


def generated_digits(count: int, seed: int = 0) -> Split:
    """Drawn digits, every class as often as the others (give or take one), in random order.

    Returns:
        images (count, 28, 28) uint8, 255 = ink, and labels (count,) int64.
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % len(STROKES))
    images = [_draw(int(label), rng) for label in labels]
    return Split(np.array(images, np.uint8).reshape(count, 28, 28), labels)


def write_generated_mnist(folder: Path, train: int = 600, test: int = 200, seed: int = 0) -> None:
    """Write the four files of MNIST with generated digits into `folder/mnist/`.

    Args:
        folder: a data folder, to be named in `HANDWRITING_DATA`. Never one with real data:
            files of the same names are overwritten.
    """
    for number, (name, count) in enumerate((("train", train), ("t10k", test))):
        split = generated_digits(count, 2 * seed + number)
        stem = Path(folder) / "mnist" / name
        write_idx(stem.with_name(f"{name}-images-idx3-ubyte.gz"), split.images)
        write_idx(stem.with_name(f"{name}-labels-idx1-ubyte.gz"), split.labels.astype(np.uint8))


def _draw(digit: int, rng: np.random.Generator) -> np.ndarray:
    drawing = vary(_DRAWINGS[digit], rng)
    picture = 255 - render(drawing, rng.uniform(*PEN))
    character = to_character(picture, MNIST_FORMAT)[..., 0]
    return np.rint(character * 255).astype(np.uint8)


def _arc(centre, radii, start: float, end: float) -> np.ndarray:
    """Part of an ellipse, clockwise from `start` to `end` degrees, 0 = right, 90 = below."""
    angles = np.deg2rad(np.linspace(start, end, 24))
    return np.array(centre) + np.array(radii) * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _join(*parts) -> np.ndarray:
    return np.concatenate([np.array(part, np.float64) for part in parts])


# Strokes on a grid of 100 × 100, x right and y down.
STROKES = (
    [_arc((50, 50), (31, 45), -90, 270)],
    [[(34, 26), (56, 5), (54, 95)]],
    [_join(_arc((50, 31), (29, 26), 190, 395), [(20, 94), (84, 92)])],
    [_join(_arc((46, 27), (27, 22), 200, 450), _arc((46, 72), (31, 24), 270, 510))],
    [[(42, 6), (18, 58), (86, 58)], [(68, 28), (64, 97)]],
    [[(74, 6), (33, 6)], _join([(33, 6), (28, 46)], _arc((45, 68), (33, 28), 245, 500))],
    [_join([(66, 5), (40, 30), (24, 56)], _arc((49, 71), (27, 24), 180, 540))],
    [[(16, 9), (82, 8), (44, 96)]],
    [_arc((51, 27), (24, 22), 90, 450), _arc((49, 73), (29, 24), -90, 270)],
    [_join(_arc((47, 31), (26, 25), 0, 360), [(73, 31), (70, 64), (60, 96)])],
)
_DRAWINGS = tuple(
    make_drawing([2.5 * np.array(stroke) for stroke in strokes]) for strokes in STROKES
)
