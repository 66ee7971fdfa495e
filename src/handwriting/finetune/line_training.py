"""The training of a line network on a few corrections, within some seconds of processor time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from handwriting.finetune.budget import Budget
from handwriting.finetune.lesson import Lesson, lesson_batches
from handwriting.finetune.line_network import Learner
from handwriting.finetune.mixing import Weights
from handwriting.finetune.recipe import LineRecipe
from handwriting.lines.batches import plain_batches
from handwriting.lines.charset import Charset
from handwriting.lines.data import Line
from handwriting.schedule import WeightAverage

EVALUATION_COLUMNS = 24_000


@dataclass
class _Course:
    """How far a run is: by the lines shown or by the time used, whichever is further."""

    recipe: LineRecipe
    lines: int
    budget: Budget
    shown: int = 0
    steps: int = 0

    @property
    def progress(self) -> float:
        by_lines = self.shown / (self.recipe.rounds * (1 + self.recipe.joined) * self.lines)
        return min(1.0, max(by_lines, self.budget.share))

    @property
    def rate(self) -> float:
        rate = self.recipe.learning_rate * min(1.0, (self.steps + 1) / self.recipe.warmup_steps)
        return rate * min(1.0, max(0.02, (1 - self.progress) / self.recipe.cooldown))


def train_on(
    learner: Learner,
    start: Weights,
    lesson: Lesson,
    charset: Charset,
    recipe: LineRecipe,
    budget: Budget,
    seed: int,
    held: float,
    report: Callable[[float], None],
) -> Weights:
    """The averaged weights at the end.

    No earlier ones are chosen by what was held out: of eight lines or so, the best moment is
    mere chance, and before the rate has fallen most is forgotten.

    Args:
        start: the weights of the base.
        budget: what this run may use.
        held: share of the run in which the convolutions do not learn.
        report: told the share that is done, after every step.
    """
    model, epoch = learner.network, 0
    learner.start(start)
    average = WeightAverage(start, recipe.average)
    course = _Course(recipe, len(lesson.lines), budget)
    while course.progress < 1:
        for batch in lesson_batches(lesson, model.input_shape[1], charset, recipe, [seed, epoch]):
            learner.step(batch, course.progress >= held, course.rate)
            average.update(model.get_weights())
            course.steps += 1
            course.shown += batch.own
            report(course.progress)
            if course.progress >= 1:
                break
        epoch += 1
    return average.values


def line_logits(model: keras.Model, lines: Sequence[Line], charset: Charset) -> list[np.ndarray]:
    """(T, C + 1) float32 of each line."""
    found: list[np.ndarray] = [np.empty(0)] * len(lines)
    for rows, batch in plain_batches(lines, model.input_shape[1], charset, EVALUATION_COLUMNS):
        logits = keras.ops.convert_to_numpy(model.predict_on_batch(batch.images))
        for row, frames, count in zip(rows, logits, batch.frame_counts, strict=True):
            found[row] = frames[:count]
    return found
