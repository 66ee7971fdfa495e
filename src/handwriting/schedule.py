"""Learning-rate schedule and weight averaging: pure arithmetic, so a resumed run repeats it."""

import math

import numpy as np


def cosine_with_warmup(step: int, total_steps: int, peak: float, warmup_steps: int) -> float:
    """Linear rise to `peak`, then half a cosine down to zero (arXiv:1608.03983).

    >>> [round(cosine_with_warmup(s, 10, 1.0, 2), 2) for s in (0, 1, 2, 6, 9)]
    [0.5, 1.0, 1.0, 0.5, 0.04]
    """
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    progress = (step - warmup_steps) / max(1, total_steps - warmup_steps)
    return peak * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


# Learning rate and augmentation of the calm epochs, relative to those before.
CALM_RATE = 0.2
CALM_AUGMENTATION = 0.3


def learning_rate_at(step: int, steps_per_epoch: int, experiment) -> float:
    """The rate at a step of the whole run: a cosine with warm-up, then small ones.

    The calm epochs start again at a fifth of the peak, once a cycle, and see pictures that
    are hardly varied: closing on undistorted images (as in YOLOX, arXiv:2107.08430) brings
    back the small differences, a slant or a width, that strong augmentation blurs.
    """
    main = first_calm_epoch(experiment) * steps_per_epoch
    if step < main:
        warmup = round(experiment.warmup_epochs * steps_per_epoch)
        return cosine_with_warmup(step, main, experiment.learning_rate, warmup)
    cycle = experiment.calm_epochs * steps_per_epoch
    return cosine_with_warmup((step - main) % cycle, cycle, CALM_RATE * experiment.learning_rate, 0)


def first_calm_epoch(experiment) -> int:
    """Epochs before the calm ones, from the fields of an `experiments.Experiment`."""
    return experiment.epochs - experiment.calm_epochs * experiment.calm_cycles


class WeightAverage:
    """Exponential moving average of a model's weights (Polyak averaging).

    The average of the first steps follows the weights closely (momentum (1+t)/(10+t)),
    so that a run of a few hundred steps is averaged sensibly too. Batch-normalisation
    statistics are averaged with the weights they belong to.

    Attributes:
        values: list of arrays in the order of `model.weights`.
        updates: how often it was updated.
    """

    def __init__(self, weights: list[np.ndarray], momentum: float):
        self.values = [np.array(w, copy=True) for w in weights]
        self.momentum = momentum
        self.updates = 0

    def update(self, weights: list[np.ndarray]) -> None:
        momentum = min(self.momentum, (1 + self.updates) / (10 + self.updates))
        for value, weight in zip(self.values, weights, strict=True):
            value += (1 - momentum) * (weight - value)
        self.updates += 1
