"""Weights between those of a base and those of a network tuned from it.

Interpolated weights keep most of what was gained and lose less of what was known: WiSE-FT
(Wortsman et al., arXiv:2109.01903). Here three parts of a line network have shares of their
own: the convolutions over the picture, those along the line, and the recurrence with the head.
With the middle part held back somewhat, the hand is read a little better for the same loss
elsewhere (`outputs/finetune_mixing.csv`).
"""

from typing import NamedTuple

import keras
import numpy as np

from handwriting.lines.models import HEAD

Weights = list[np.ndarray]


class Shares(NamedTuple):
    """How far to go from the base, 0 … 1, in each part."""

    front: float
    middle: float
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
        self._parts = [_part(layer) for layer in layers]
        self._head = [layer.name == HEAD for layer in layers]

    def mix(self, end: Weights, shares: Shares) -> Weights:
        mixed = [
            interpolate(a, b, shares[part])
            for a, b, part in zip(self.start, end, self._parts, strict=True)
        ]
        if self.new:
            for values, tuned, head in zip(mixed, end, self._head, strict=True):
                if head:
                    values[..., -1 - self.new : -1] = tuned[..., -1 - self.new : -1]
        return mixed

    def beyond(self, mixed: Weights, shares: Shares) -> Weights:
        """The tuned weights that `mix` made these of; every share more than 0."""
        back = Shares(*(1 / share for share in shares))
        return self.mix(mixed, back)


def _part(layer) -> int:
    """Which of `Shares`: what is still a picture, with a height, is of the front."""
    return 2 if is_upper(layer) else 1 if len(layer.output.shape) < 4 else 0


def is_upper(layer) -> bool:
    """Whether it is the recurrence or the head, not one of the convolutions before them."""
    return layer.name == HEAD or isinstance(layer, keras.layers.Bidirectional)


def interpolate(base: np.ndarray, tuned: np.ndarray, share: float) -> np.ndarray:
    return base + np.float32(share) * (tuned - base)


def mean(weights: list[Weights]) -> Weights:
    """Of runs from one start, whose mean reads as well as they do (arXiv:2203.05482)."""
    return [np.mean(values, axis=0, dtype=np.float32) for values in zip(*weights, strict=True)]
