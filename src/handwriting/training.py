"""Training of a classifier, in the open: one loop, resumable bit for bit.

The best epoch on validation wins, measured with the averaged weights. The test split is
never seen here.
"""

import sys
import time
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops
from tqdm import tqdm

from handwriting.batches import steps_per_epoch, to_input, training_batches
from handwriting.checkpoints import Checkpoint, TrainingState
from handwriting.datasets.base import CharacterData, Split
from handwriting.errors import UserError
from handwriting.experiments import Experiment
from handwriting.models import HEAD, build_model
from handwriting.precision import training_precision
from handwriting.schedule import CALM_AUGMENTATION, first_calm_epoch, learning_rate_at

EVALUATION_BATCH = 256


@dataclass
class TrainingResult:
    """A trained model and how it came about.

    Attributes:
        model: float32, with the averaged weights of the best epoch.
        history: one dict an epoch: loss, accuracy, validation_loss, validation_accuracy,
            learning_rate, seconds.
        best_epoch: counted from 1.
    """

    model: keras.Model
    history: list[dict]
    best_epoch: int

    @property
    def minutes(self) -> float:
        return sum(row["seconds"] for row in self.history) / 60


def train(
    experiment: Experiment,
    data: CharacterData,
    checkpoint: Checkpoint | None = None,
    base: keras.Model | None = None,
    keep_head: bool = False,
    quiet: bool = False,
) -> TrainingResult:
    """Train `experiment` on `data.train`, choosing the epoch on `data.validation`.

    Args:
        checkpoint: where to keep the state after every epoch; one that holds a state is
            continued from there.
        base: a trained model whose backbone is taken over (see `transfer_weights`).
        keep_head: take its head over too; its classes must be those of `data`.
        quiet: print nothing.
    """
    keras.utils.set_random_seed(experiment.seed)
    class_count = len(data.classes)
    precision = training_precision(experiment.precision)
    model = build_model(experiment.architecture, class_count, experiment.options, precision)
    if base is not None:
        transfer_weights(base, model, keep_head)
    compile_model(model, experiment, class_count)
    state = (checkpoint and checkpoint.load(model)) or TrainingState.start(model, experiment)
    while state.epoch < experiment.epochs and not _stalled(state, experiment.patience):
        _freeze_backbone(model, experiment, class_count, state.epoch, base)
        _train_epoch(model, experiment, data, state, quiet)
        if checkpoint:
            checkpoint.save(model, state)
    final = build_model(experiment.architecture, class_count, experiment.options)
    final.set_weights(state.best_weights)
    return TrainingResult(final, state.history, state.best_epoch)


def compile_model(model: keras.Model, experiment: Experiment, class_count: int) -> None:
    """AdamW and smoothed cross-entropy; the schedule sets the learning rate step by step."""
    model.compile(
        optimizer=keras.optimizers.AdamW(
            experiment.learning_rate, weight_decay=experiment.weight_decay
        ),
        loss=smoothed_cross_entropy(class_count, experiment.label_smoothing),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        jit_compile=keras.backend.backend() == "jax",  # XLA is several times slower on a CPU
    )


def smoothed_cross_entropy(class_count: int, smoothing: float):
    """Cross-entropy of logits with integer labels; `smoothing` is spread over all classes."""

    def loss(labels, logits):
        target = ops.one_hot(ops.cast(ops.reshape(labels, (-1,)), "int32"), class_count)
        target = target * (1 - smoothing) + smoothing / class_count
        return ops.categorical_crossentropy(target, logits, from_logits=True)

    return loss


def transfer_weights(base: keras.Model, model: keras.Model, keep_head: bool = False) -> None:
    """Copy every layer, the head only if asked, from `base`, a model of the same architecture.

    Raises:
        UserError: the two have different layers.
    """
    sources, targets = (
        [layer for layer in m.layers if layer.weights and (keep_head or layer.name != HEAD)]
        for m in (base, model)
    )
    if [_shapes(layer) for layer in sources] != [_shapes(layer) for layer in targets]:
        raise UserError(
            f"cannot start {model.name} from {base.name}: "
            "--init-from needs a model of the same architecture, width and batch_norm"
        )
    for source, target in zip(sources, targets, strict=True):
        target.set_weights(source.get_weights())


def _shapes(layer) -> list[tuple]:
    return [tuple(weight.shape) for weight in layer.weights]


def evaluate_split(model: keras.Model, split: Split) -> tuple[float, float]:
    """(loss, accuracy) of a compiled model, without augmentation."""
    scores = model.evaluate(
        to_input(split.images),
        split.labels,
        batch_size=EVALUATION_BATCH,
        verbose=0,
        return_dict=True,
    )
    return scores["loss"], scores["accuracy"]


def _train_epoch(model, experiment, data, state: TrainingState, quiet: bool) -> None:
    started = time.perf_counter()
    scores = _train_steps(model, experiment, data.train, state, quiet)
    loss, accuracy = _evaluate_average(model, data.validation, state)
    state.epoch += 1
    row = {
        "epoch": state.epoch,
        "loss": scores["loss"],
        "accuracy": scores["accuracy"],
        "validation_loss": loss,
        "validation_accuracy": accuracy,
        "learning_rate": float(model.optimizer.learning_rate),
        "seconds": round(time.perf_counter() - started, 2),
    }
    state.record(row)
    if not quiet:
        print(_epoch_line(row, experiment.epochs), flush=True)


def _train_steps(model, experiment, split: Split, state: TrainingState, quiet: bool) -> dict:
    steps = steps_per_epoch(split, experiment.batch_size)
    augmentation = experiment.augmentation
    if state.epoch >= first_calm_epoch(experiment):
        augmentation = augmentation.scaled(CALM_AUGMENTATION)
    batches = training_batches(
        split, experiment.batch_size, augmentation, experiment.seed, state.epoch
    )
    _seed_dropout(model, experiment.seed, state.epoch)
    totals = np.zeros(2)
    bar = tqdm(
        batches,
        total=steps,
        leave=False,
        desc=f"epoch {state.epoch + 1}/{experiment.epochs}",
        disable=quiet or not sys.stderr.isatty(),
    )
    for step, (images, labels) in enumerate(bar, state.epoch * steps):
        model.optimizer.learning_rate = learning_rate_at(step, steps, experiment)
        totals += model.train_on_batch(images, labels)
        state.average.update(model.get_weights())
        loss, accuracy = totals / (step % steps + 1)
        bar.set_postfix(loss=f"{loss:.4f}", accuracy=f"{accuracy:.4f}")
    return {"loss": float(loss), "accuracy": float(accuracy)}


def _evaluate_average(model, validation: Split, state: TrainingState) -> tuple[float, float]:
    """Score the averaged weights, then put the training weights back."""
    trained = model.get_weights()
    model.set_weights(state.average.values)
    scores = evaluate_split(model, validation)
    model.set_weights(trained)
    return scores


def _seed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """Start the epoch's dropout masks from (seed, epoch), so that a resumed run repeats them."""
    rng = np.random.default_rng([seed, epoch])
    for variable in model.variables:
        if variable.path.endswith("seed_generator_state"):
            variable.assign(rng.integers(0, 2**31, variable.shape).astype(variable.dtype))


def _freeze_backbone(model, experiment, class_count, epoch: int, base) -> None:
    """Hold the backbone for the first epochs of a transfer; release it once, then recompile."""
    frozen = base is not None and epoch < experiment.freeze_epochs
    if frozen == getattr(model, "_backbone_frozen", False):
        return
    for layer in model.layers:
        if layer.name != HEAD:
            layer.trainable = not frozen
    model._backbone_frozen = frozen
    compile_model(model, experiment, class_count)


def _stalled(state: TrainingState, patience: int) -> bool:
    return bool(patience) and state.epoch - state.best_epoch >= patience


def _epoch_line(row: dict, epochs: int) -> str:
    return (
        f"epoch {row['epoch']:3d}/{epochs}  loss {row['loss']:.4f}  "
        f"accuracy {row['accuracy']:.4f}  validation {row['validation_accuracy']:.4f}  "
        f"({row['seconds']:.0f} s)"
    )
