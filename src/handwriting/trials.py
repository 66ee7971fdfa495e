"""Short trainings side by side, each done once: what a notebook's comparisons are made of."""

from dataclasses import dataclass, field

import keras
import numpy as np
import pandas as pd

from handwriting.batches import to_input
from handwriting.datasets.base import CharacterData, Split
from handwriting.evaluation import Evaluation, score_logits
from handwriting.experiments import Experiment
from handwriting.training import train


@dataclass(frozen=True)
class Trial:
    """One training.

    Attributes:
        model: with the averaged weights of its best epoch.
        history: a row an epoch, see `training.TrainingResult`.
        minutes: of training, with the scoring of validation after each epoch.
        logits: (N, C) float32 on validation.
        scores: on validation, without a temperature.
    """

    model: keras.Model
    history: pd.DataFrame = field(repr=False)
    minutes: float
    logits: np.ndarray = field(repr=False)
    scores: Evaluation = field(repr=False)

    def test(self, data: CharacterData) -> Evaluation:
        """Scores on `data.test`."""
        return score_logits(predict(self.model, data.test), data.test.labels, data.classes)


class Trials:
    """Trains, and remembers: asked again for the same training, it gives what came of it.

    A cell that was interrupted can so be run again and goes on with what is missing.
    """

    def __init__(self):
        self._done: dict[tuple, Trial] = {}

    def run(
        self, experiment: Experiment, data: CharacterData, base: keras.Model | None = None
    ) -> Trial:
        """Train `experiment` on `data`, quietly.

        Args:
            base: a trained model whose backbone is taken over, of the same architecture.
        """
        key = experiment, data.fingerprint(), base and id(base)
        if key not in self._done:
            result = train(experiment, data, base=base, quiet=True)
            logits = predict(result.model, data.validation)
            scores = score_logits(logits, data.validation.labels, data.classes)
            history = pd.DataFrame(result.history)
            self._done[key] = Trial(result.model, history, result.minutes, logits, scores)
        return self._done[key]


def predict(model: keras.Model, split: Split) -> np.ndarray:
    """(N, C) float32 logits of a model for the images of a split."""
    return model.predict(to_input(split.images), batch_size=256, verbose=0)
