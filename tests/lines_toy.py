"""Lines of made-up writing: each character a pattern of bars that a tiny network can learn."""

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.data import LINE_HEIGHT, PAPER, Line, LineData, LineSplit

CHARSET = Charset(" abc")
# Rows that are ink, as shares of the height: high, low and both.
_BARS = {"a": ((0.15, 0.35),), "b": ((0.6, 0.8),), "c": ((0.15, 0.35), (0.6, 0.8)), " ": ()}
_WIDTH = 28


def draw_text(text: str, rng: np.random.Generator) -> np.ndarray:
    """(64, W) uint8 dark bars on paper."""
    image = np.full((LINE_HEIGHT, _WIDTH * (len(text) + 1)), PAPER, np.uint8)
    for place, character in enumerate(text):
        left = _WIDTH * place + 14 + int(rng.integers(-2, 3))
        for top, bottom in _BARS[character]:
            image[round(64 * top) : round(64 * bottom), left : left + 16] = 40
    return image


def make_line(rng: np.random.Generator, longest: int = 6) -> Line:
    words = rng.choice(list("abc"), int(rng.integers(1, longest)))
    text = "".join(words)
    return Line(draw_text(text, rng), text, "toy", "en", f"w{rng.integers(4)}", "p")


def make_data(train: int = 256, validation: int = 24, seed: int = 0) -> LineData:
    rng = np.random.default_rng(seed)
    splits = [
        LineSplit(tuple(make_line(rng) for _ in range(n))) for n in (train, validation, validation)
    ]
    return LineData("toy", *splits)
