"""The learning itself, for characters: a network for each fold, mixed with the base."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np

from handwriting.batches import to_input, training_batches
from handwriting.cards import ModelCard
from handwriting.datasets.base import Split
from handwriting.finetune.budget import Budget
from handwriting.finetune.class_folders import CharacterCorrections, character_folds
from handwriting.finetune.general_characters import GeneralCharacters
from handwriting.finetune.line_network import widen_head
from handwriting.finetune.mixing import Weights, interpolate, mean
from handwriting.finetune.recipe import CharacterRecipe
from handwriting.models import HEAD, build_model
from handwriting.options import ModelOptions
from handwriting.schedule import WeightAverage, cosine_with_warmup
from handwriting.training import smoothed_cross_entropy

EVALUATION_BATCH = 256


@dataclass
class TunedCharacters:
    """What a run gives.

    Attributes:
        weights: of the version.
        share: the one chosen of `CharacterRecipe.mixes`.
        rows: places of the corrections held out.
        answers: (N,) classes of those, each from a network that did not learn from it.
        learned: how many corrections the version has learned from.
    """

    weights: Weights
    share: float
    rows: np.ndarray
    answers: np.ndarray
    learned: int


@dataclass
class CharacterRun:
    """Everything that training depends on, besides the base's weights and the time."""

    card: ModelCard
    corrections: CharacterCorrections
    general: GeneralCharacters
    recipe: CharacterRecipe
    seed: int

    def build(self) -> keras.Model:
        options = ModelOptions(**self.card.options)
        return build_model(self.card.architecture, len(self.corrections.classes), options)

    def train(
        self, base: keras.Model, seconds: float, report: Callable[[float], None]
    ) -> TunedCharacters:
        """Train on each fold, choose the mix, and take the mean of the folds' networks."""
        start, folds = self._start(base), character_folds(self.corrections.split)
        ends = []
        for number, rows in enumerate(folds):
            budget = Budget(seconds / len(folds) / 60)

            def told(share: float, number=number) -> None:
                report((number + share) / len(folds))

            ends.append(self._learn(start, rows, number, budget, told))
        model = self.build()
        share = self._choose_share(model, start, ends, folds)
        mixed = [self._mix(start, end, share) for end in ends]
        answers = [self._answers(model, w, rows) for w, rows in zip(mixed, folds, strict=True)]
        rows = np.concatenate(folds)
        learned = len(self.corrections.split) - (len(rows) if len(folds) == 1 else 0)
        return TunedCharacters(mean(mixed), share, rows, np.concatenate(answers), learned)

    def _start(self, base: keras.Model) -> Weights:
        """The base's weights; a new class begins as the mean of all classes."""
        return widen_head(base, len(self.corrections.new), blank=False)

    def _learn(self, start, held_out, number: int, budget: Budget, told) -> Weights:
        recipe, seed = self.recipe, self.seed + number
        keras.utils.set_random_seed(seed)
        model, split = self.build(), self._lesson(held_out)
        model.set_weights(start)
        average, best, worst = WeightAverage(start, recipe.average), None, -1.0
        for epoch in range(recipe.epochs):
            if epoch in (0, recipe.head_epochs):
                self._set_free(model, backbone=epoch >= recipe.head_epochs)
            batches = training_batches(split, recipe.batch_size, recipe.augmentation, seed, epoch)
            for images, labels in batches:
                progress = max(epoch / recipe.epochs, budget.share)
                rate = recipe.learning_rate * cosine_with_warmup(int(1000 * progress), 1000, 1.0, 0)
                rate *= recipe.released_rate if epoch >= recipe.head_epochs else 1.0
                model.optimizer.learning_rate = rate
                model.train_on_batch(images, labels)
                average.update(model.get_weights())
                told(progress)
            trained = model.get_weights()
            model.set_weights(average.values)
            score = self._accuracy(model, self.corrections.split.take(held_out))
            model.set_weights(trained)
            if score >= worst:
                best, worst = [value.copy() for value in average.values], score
            if not budget.left:
                break
        return best

    def _lesson(self, held_out: np.ndarray) -> Split:
        """The other corrections, repeated up to `per_class`, and what is replayed."""
        own = np.setdiff1d(np.arange(len(self.corrections.split)), held_out)
        labels = self.corrections.split.labels[own]
        rows = [
            np.resize(own[labels == label], max(self.recipe.per_class, (labels == label).sum()))
            for label in np.unique(labels)
        ]
        parts = (self.corrections.split.take(np.concatenate(rows)), self.general.replay)
        return Split(
            *(np.concatenate([getattr(p, f) for p in parts]) for f in ("images", "labels"))
        )

    def _set_free(self, model: keras.Model, backbone: bool) -> None:
        for layer in model.layers:
            normalises = isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = (backbone or layer.name == HEAD) and not normalises
        model.compile(
            keras.optimizers.AdamW(self.recipe.learning_rate, weight_decay=0.0),
            loss=smoothed_cross_entropy(len(self.corrections.classes), self.recipe.label_smoothing),
            jit_compile=keras.backend.backend() == "jax",
        )

    def _choose_share(self, model, start, ends: list[Weights], folds: list[np.ndarray]) -> float:
        """The mix that reads held-out corrections best, of those that keep general ones."""
        model.set_weights(start)
        least = self._accuracy(model, self.general.choice) - self.recipe.choice_loss
        found: list[tuple[float, float]] = []
        for share in sorted(self.recipe.mixes):
            mixed = [self._mix(start, end, share) for end in ends]
            model.set_weights(mean(mixed))
            if found and self._accuracy(model, self.general.choice) < least:
                break
            right = [
                self._answers(model, weights, rows) == self.corrections.split.labels[rows]
                for weights, rows in zip(mixed, folds, strict=True)
            ]
            found.append((-float(np.concatenate(right).mean()), share))
        return min(found)[1]

    def _mix(self, start: Weights, end: Weights, share: float) -> Weights:
        """A new class has its tuned weights in the head whatever the share."""
        mixed = [interpolate(a, b, share) for a, b in zip(start, end, strict=True)]
        if new := len(self.corrections.new):
            for values, tuned in zip(mixed[-2:], end[-2:], strict=True):
                values[..., -new:] = tuned[..., -new:]
        return mixed

    def _answers(self, model, weights: Weights, rows: np.ndarray) -> np.ndarray:
        model.set_weights(weights)
        return answers(model, self.corrections.split.take(rows))

    def _accuracy(self, model, split: Split) -> float:
        return float((answers(model, split) == split.labels).mean()) if len(split) else 0.0


def answers(model: keras.Model, split: Split) -> np.ndarray:
    """(N,) the class with the highest logit."""
    found = [
        model.predict_on_batch(to_input(split.images[i : i + EVALUATION_BATCH])).argmax(axis=1)
        for i in range(0, len(split), EVALUATION_BATCH)
    ]
    return np.concatenate([np.zeros(0, int), *found])
