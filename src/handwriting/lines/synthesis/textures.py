"""Noise to take pieces from: making it anew for every line would cost more than all the rest."""

import cv2
import numpy as np

from handwriting.lines.data import LINE_HEIGHT

LONGEST_WIDTH = 3000  # pixels of a line

_WIDTH = 2 * LONGEST_WIDTH
_HEIGHT = 4 * LINE_HEIGHT


class Textures:
    """Sheets of noise by what they are for, mixed beforehand.

    They are the same in every process: a line depends on its own generator alone.

    `grain`, `fibre` (paper), `letter`, `hand` (slow drift) have mean 0 and standard deviation
    1. `spacing` displaces letters and words, in pixels; `fading` and `gaps` are 0 where the
    ink is full, about 1 where it is palest.
    """

    def __init__(self):
        rng = np.random.default_rng(64)
        grain, letter, word = _noise(rng, 1, 1), _noise(rng, 14, 24), _noise(rng, 70, 60)
        fibre = 0.6 * _noise(rng, 3, 2) + 0.6 * _noise(rng, 12, 8) + 0.5 * _noise(rng, 90, 50)
        self._sheets = {
            "grain": grain,
            "fibre": fibre,
            "letter": letter,
            "hand": _noise(rng, 300, 200),
            "spacing": 1.1 * _noise(rng, 14, 24) + 2.5 * word,
            "fading": np.minimum(0.7 * np.abs(word + letter[::-1]), 1.8),
            "gaps": np.maximum(grain - 0.2, 0),
        }

    def piece(self, name: str, width: int, rng: np.random.Generator) -> np.ndarray:
        """(64, width) float32 from a random place, half of the time mirrored; not to be changed."""
        sheet = self._sheets[name]
        y = int(rng.integers(_HEIGHT - LINE_HEIGHT))
        x = int(rng.integers(_WIDTH - width))
        piece = sheet[y : y + LINE_HEIGHT, x : x + width]
        return piece[:, ::-1] if rng.random() < 0.5 else piece


def _noise(rng: np.random.Generator, across: float, down: float) -> np.ndarray:
    """Smooth noise whose bumps are `across` × `down` pixels."""
    size = (int(_HEIGHT / down) + 4, int(_WIDTH / across) + 4)
    coarse = rng.standard_normal(size, np.float32)
    if across > 1:
        coarse = cv2.resize(coarse, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_CUBIC)
    coarse = coarse[:_HEIGHT, :_WIDTH]
    return (coarse - coarse.mean()) / coarse.std()
