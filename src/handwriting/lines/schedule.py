"""What changes over a run: the learning rate and the share of synthetic lines."""

import numpy as np

from handwriting.lines.data import Line
from handwriting.lines.experiments import LineExperiment


def learning_rate_at(epoch: float, experiment: LineExperiment) -> float:
    """Linear warm-up, a plateau, then down to zero as one minus a square root.

    The square root cools better than a line (Hägele et al., arXiv:2405.18392).

    Args:
        epoch: finished epochs with their fraction.
    """
    if epoch < experiment.warmup_epochs:
        return experiment.learning_rate * max(0.01, epoch / experiment.warmup_epochs)
    start = experiment.epochs - experiment.cooldown_epochs
    if epoch < start or not experiment.cooldown_epochs:
        return experiment.learning_rate
    progress = (epoch - start) / experiment.cooldown_epochs
    return experiment.learning_rate * max(0.0, 1 - progress**0.5)


def draw_synthetic(pool: list[Line], real_count: int, experiment, epoch: int) -> list[Line]:
    """The synthetic lines of an epoch: their share moves from `synthetic` to `synthetic_end`."""
    if not pool:
        return []
    progress = epoch / max(1, experiment.epochs - 1)
    share = experiment.synthetic + progress * (experiment.synthetic_end - experiment.synthetic)
    rng = np.random.default_rng([experiment.seed, epoch, 1])
    count = min(len(pool), round(share * real_count))
    return [pool[i] for i in rng.choice(len(pool), count, replace=False)]
