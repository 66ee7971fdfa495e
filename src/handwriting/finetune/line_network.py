"""A line network for fine-tuning: the base's weights, a wider head, parts of it held."""

from dataclasses import replace

import keras
import numpy as np

from handwriting.cards import ModelCard
from handwriting.finetune.lesson import LessonBatch
from handwriting.finetune.mixing import Weights, is_upper
from handwriting.lines.charset import Charset
from handwriting.lines.ctc import ctc_loss
from handwriting.lines.models import HEAD, build_line_model, is_beside
from handwriting.lines.options import LineOptions
from handwriting.precision import training_precision


def build_like(card: ModelCard, charset: Charset, training: bool = False) -> keras.Model:
    """The architecture of a saved model for another charset, without a second reader.

    That one would have to learn the hand as well, for little.

    Args:
        training: with what is faster there; the weights are 32 bits always.
    """
    precision = training_precision() if training else "float32"
    options = replace(LineOptions(**card.options), second=0)
    height = card.preprocessing["height"]
    return build_line_model(
        card.architecture, height, len(charset), options, precision, training=training
    )


def widen_head(base: keras.Model, new: int, blank: bool = True) -> Weights:
    """The base's weights with `new` more outputs, before the blank if there is one.

    Those of a second reader are left out.
    A new character starts as the mean of all characters: as improbable as any that is not
    there, and close to what it will become. The blank keeps its weights.
    """
    weights = []
    for layer in base.layers:
        if is_beside(layer):
            continue
        values = layer.get_weights()
        weights += [widen(v, new, blank) for v in values] if layer.name == HEAD else values
    return weights


def widen(values: np.ndarray, new: int, blank: bool) -> np.ndarray:
    """Weights (…, C + 1) of a head to (…, C + new + 1); without a blank, (…, C) to (…, C + new)."""
    classes, last = (values[..., :-1], [values[..., -1:]]) if blank else (values, [])
    mean = classes.mean(axis=-1, keepdims=True)
    return np.concatenate([classes, *[mean] * new, *last], axis=-1)


class Student(keras.Model):
    """A line network with the losses of a `lesson.LessonBatch`; never saved itself."""

    replay_weight = 1.0

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """CTC for corrections; for other lines the divergence from the base, over all frames."""
        ctc = ctc_loss(y["labels"], y["lengths"], y_pred, y["frames"])
        taught = y["taught"]
        logs = keras.ops.log(taught + 1e-8) - keras.ops.log_softmax(y_pred, axis=-1)
        divergence = keras.ops.sum(taught * logs, axis=(1, 2))
        return keras.ops.mean(ctc * y["own"] + self.replay_weight * divergence)


class Learner:
    """A network that learns, and can do so again from other weights.

    The statistics of batch normalisation and its scales never change: a few lines of one
    hand are no sample to estimate them from.

    With the convolutions held and with all released, there is a model of its own over the
    same layers, so that its step is traced once, not once for each run: that takes seconds.

    Args:
        network: from `build_like`.
        clip: largest norm of all gradients together.
        replay_weight: of other lines, relative to corrections.
    """

    def __init__(self, network: keras.Model, clip: float, replay_weight: float):
        self.network = network
        self._students = {free: self._student(clip, replay_weight) for free in (False, True)}
        self._free: bool | None = None

    def _student(self, clip: float, replay_weight: float) -> keras.Model:
        model = Student(self.network.inputs, self.network.outputs)
        model.replay_weight = replay_weight
        model.compile(
            keras.optimizers.AdamW(weight_decay=0.0, global_clipnorm=clip),
            jit_compile=keras.backend.backend() == "jax",
        )
        return model

    def start(self, weights: Weights) -> None:
        """Begin a run, with nothing left of an earlier one."""
        self.network.set_weights(weights)
        for model in self._students.values():
            for variable in model.optimizer.variables:
                variable.assign(keras.ops.zeros_like(variable))

    def step(self, batch: LessonBatch, free: bool, rate: float) -> None:
        """Learn from one batch.

        Args:
            free: all learns, else only the recurrence and the head.
            rate: of learning.
        """
        if free != self._free:
            self._release(free)
        model = self._students[free]
        model.optimizer.learning_rate = rate
        model.train_on_batch(batch.images, batch.targets)

    def _release(self, free: bool) -> None:
        self._free = free
        for layer in self.network.layers:
            normalises = isinstance(layer, keras.layers.BatchNormalization)
            layer.trainable = (free or is_upper(layer)) and not normalises
