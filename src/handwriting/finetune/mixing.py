"""Weights between those of a base and those of a network tuned from it.

Interpolated weights keep most of what was gained and lose less of what was known: WiSE-FT
(Wortsman et al., arXiv:2109.01903). Here the convolutions and what is behind them have shares
of their own: a hand is mostly a matter of shapes, while a recurrence soon knows a few texts
by heart.
"""

from typing import NamedTuple

import keras
import numpy as np

from handwriting.lines.models import HEAD

Weights = list[np.ndarray]


class Shares(NamedTuple):
    """How far to go from the base, 0 … 1: in the convolutions, in the recurrence and the head."""

    lower: float
    upper: float


class Mixer:
    """Mixes weights of one network.

    Args:
        model: any network of the architecture.
        start: the weights of the base.
        new: characters that the base does not know; their weights in the head, before the
            blank, are always those of the tuned network.
    """

    def __init__(self, model: keras.Model, start: Weights, new: int = 0):
        self.model, self.start, self.new = model, start, new
        layers = [layer for layer in model.layers for _ in layer.weights]
        self._upper = [is_upper(layer) for layer in layers]
        self._head = [layer.name == HEAD for layer in layers]

    def mix(self, end: Weights, shares: Shares) -> Weights:
        mixed = [
            interpolate(a, b, shares[upper])
            for a, b, upper in zip(self.start, end, self._upper, strict=True)
        ]
        if self.new:
            for values, tuned, head in zip(mixed, end, self._head, strict=True):
                if head:
                    values[..., -1 - self.new : -1] = tuned[..., -1 - self.new : -1]
        return mixed


def is_upper(layer) -> bool:
    """Whether it is the recurrence or the head, not one of the convolutions before them."""
    return layer.name == HEAD or isinstance(layer, keras.layers.Bidirectional)


def interpolate(base: np.ndarray, tuned: np.ndarray, share: float) -> np.ndarray:
    return base + np.float32(share) * (tuned - base)


def mean(weights: list[Weights]) -> Weights:
    """Of runs from one start, whose mean reads as well as they do (arXiv:2203.05482)."""
    return [np.mean(values, axis=0, dtype=np.float32) for values in zip(*weights, strict=True)]
