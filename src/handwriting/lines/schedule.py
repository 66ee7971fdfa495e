"""What changes over a run: the learning rate, and which lines an epoch has."""

from collections.abc import Sequence

import numpy as np

from handwriting.errors import UserError
from handwriting.lines.composing import Composer
from handwriting.lines.data import Line
from handwriting.lines.experiments import LineExperiment
from handwriting.lines.splicing import Splicer


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


def read_emphasis(text: str) -> dict[str, float]:
    """What `LineExperiment.emphasis` says, by collection.

    Raises:
        UserError: it is not NAME=TIMES,NAME=TIMES with times from 0 to 20.

    >>> read_emphasis("hooker=2, dhsd=0.5")
    {'hooker': 2.0, 'dhsd': 0.5}
    """
    times = {}
    for part in filter(None, text.replace(" ", "").split(",")):
        name, _, value = part.partition("=")
        try:
            times[name] = float(value)
        except ValueError:
            times[name] = -1.0
        if not name or not 0 <= times[name] <= 20:
            raise UserError(f"emphasis {part!r}: not NAME=TIMES with times from 0 to 20")
    return times


def draw_lines(
    real: Sequence[Line],
    synthetic: Sequence[Line],
    splicer: Splicer | None,
    composer: Composer | None,
    experiment: LineExperiment,
    epoch: int,
) -> list[Line]:
    """The lines of an epoch: real ones, some of them spliced or composed, and synthetic ones."""
    drawn = draw_real(real, experiment, epoch)
    if splicer:
        rng = np.random.default_rng([experiment.seed, epoch, 3])
        drawn = splicer.splice(drawn, experiment.spliced, rng)
    if composer:
        rng = np.random.default_rng([experiment.seed, epoch, 4])
        drawn = composer.compose(drawn, experiment.composed, rng)
    return drawn + draw_synthetic(synthetic, len(real), experiment, epoch)


def draw_real(lines: Sequence[Line], experiment: LineExperiment, epoch: int) -> list[Line]:
    """The real lines of an epoch: each once, or as often as its collection's emphasis says.

    Of an emphasis of 1.5 every line comes once and a random half of them again.

    Raises:
        UserError: the emphasis cannot be read, names a collection without lines, or leaves none.
    """
    emphasis = read_emphasis(experiment.emphasis)
    if missing := set(emphasis) - {line.source for line in lines}:
        raise UserError(f"emphasis: no lines of {', '.join(sorted(missing))} to train on")
    rng = np.random.default_rng([experiment.seed, epoch, 2])
    drawn = []
    for line in lines:
        times = emphasis.get(line.source, 1.0)
        drawn += [line] * (int(times) + int(rng.random() < times % 1))
    if not drawn:
        raise UserError(f"emphasis {experiment.emphasis!r}: leaves no line to train on")
    return drawn


def draw_synthetic(pool: Sequence[Line], real_count: int, experiment, epoch: int) -> list[Line]:
    """The synthetic lines of an epoch: their share moves from `synthetic` to `synthetic_end`."""
    if not pool:
        return []
    progress = epoch / max(1, experiment.epochs - 1)
    share = experiment.synthetic + progress * (experiment.synthetic_end - experiment.synthetic)
    rng = np.random.default_rng([experiment.seed, epoch, 1])
    count = min(len(pool), round(share * real_count))
    return [pool[i] for i in rng.choice(len(pool), count, replace=False)]
