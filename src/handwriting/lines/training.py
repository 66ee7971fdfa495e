"""Training of a line network with CTC: one loop, resumable after every epoch.

The best epoch on validation wins, measured with the averaged weights by the character error
rate of the plain best path. The test splits are never seen here.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from tqdm import tqdm

from handwriting.checkpoints import Checkpoint, TrainingState
from handwriting.errors import UserError
from handwriting.lines.augment import LineAugmentation
from handwriting.lines.batches import plain_batches, training_batches, usable_lines
from handwriting.lines.charset import DEFAULT_CHARSET, Charset
from handwriting.lines.composing import Composer
from handwriting.lines.data import Line, LineSplit
from handwriting.lines.decoding import greedy
from handwriting.lines.experiments import LineExperiment
from handwriting.lines.metrics import edit_distance
from handwriting.lines.network import (
    build_training_model,
    final_model,
    targets,
    transfer_line_weights,
)
from handwriting.lines.schedule import draw_lines, learning_rate_at
from handwriting.lines.splicing import Splicer

EVALUATION_COLUMNS = 40_000


@dataclass
class LineTrainingResult:
    """A trained line model and how it came about.

    Attributes:
        model: float32, logits alone, with the averaged weights of the best epoch.
        history: one dict an epoch: loss, validation_cer (mean over sources), the CER of
            each source as cer_SOURCE, learning_rate, lines, seconds, and cpu_seconds of all
            cores together.
        best_epoch: counted from 1.
    """

    model: keras.Model
    history: list[dict]
    best_epoch: int

    @property
    def minutes(self) -> float:
        return sum(row["seconds"] for row in self.history) / 60


def train_lines(
    experiment: LineExperiment,
    train: LineSplit,
    validation: LineSplit,
    synthetic: Sequence[Line] = (),
    checkpoint: Checkpoint | None = None,
    base: keras.Model | None = None,
    charset: Charset = DEFAULT_CHARSET,
    splicer: Splicer | None = None,
    composer: Composer | None = None,
    cpu_minutes: float = 0.0,
    quiet: bool = False,
) -> LineTrainingResult:
    """Train `experiment`, choosing the epoch on `validation`.

    Args:
        synthetic: lines of which each epoch draws some, as the experiment says.
        checkpoint: where to keep the state after every epoch; one that holds a state is
            continued from there.
        base: a trained model of the same architecture and charset to start from.
        splicer, composer: make the lines that the experiment wants `spliced` and `composed`.
        cpu_minutes: stop after the epoch in which the run has used so much processor time,
            all cores together; 0 = no limit.
        quiet: print nothing.

    Raises:
        UserError: no line is usable, or the validation split is empty.
    """
    keras.utils.set_random_seed(experiment.seed)
    model = build_training_model(experiment, charset)
    if base is not None:
        transfer_line_weights(base, model)
    real = usable_lines(train, experiment.height, charset)
    drawn = usable_lines(synthetic, experiment.height, charset)
    if not real or not len(validation):
        raise UserError(f"{experiment.dataset}: no lines to train on or to validate with")
    state = (checkpoint and checkpoint.load(model)) or TrainingState.start(model, experiment)
    while state.epoch < experiment.epochs and not _spent(state, cpu_minutes):
        lines = draw_lines(real, drawn, splicer, composer, experiment, state.epoch)
        lines = usable_lines(lines, experiment.height, charset)
        _train_epoch(model, experiment, lines, validation, charset, state, quiet)
        if checkpoint:
            checkpoint.save(model, state)
    return LineTrainingResult(
        final_model(experiment, charset, state.best_weights), state.history, state.best_epoch
    )


def _spent(state: TrainingState, cpu_minutes: float) -> bool:
    used = sum(row["cpu_seconds"] for row in state.history)
    return bool(cpu_minutes) and used >= 60 * cpu_minutes


def _train_epoch(model, experiment, lines, validation, charset, state, quiet: bool) -> None:
    started, cpu_started = time.perf_counter(), time.process_time()
    loss = _train_steps(model, experiment, lines, charset, state, quiet)
    trained = model.get_weights()
    model.set_weights(state.average.values)
    scores = validation_scores(model, validation, experiment.height, charset)
    model.set_weights(trained)
    state.epoch += 1
    row = {
        "epoch": state.epoch,
        "loss": loss,
        "validation_cer": float(np.mean(list(scores.values()))),
        **{f"cer_{source}": value for source, value in scores.items()},
        "learning_rate": float(model.optimizer.learning_rate),
        "lines": len(lines),
        "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(time.process_time() - cpu_started, 2),
    }
    state.record(row)
    if not quiet:
        print(_epoch_line(row, experiment.epochs), flush=True)


def _train_steps(model, experiment, lines, charset, state: TrainingState, quiet: bool) -> float:
    augmentation: LineAugmentation = experiment.augmentation
    if state.epoch >= experiment.epochs - experiment.cooldown_epochs:
        augmentation = augmentation.scaled(experiment.cooldown_augmentation)
    steps, batches = training_batches(
        lines,
        experiment.height,
        charset,
        experiment.batch_columns,
        augmentation,
        experiment.seed,
        state.epoch,
        short_first=state.epoch == 0 and not experiment.init_from,
        views=2 if experiment.consistency else 1,
    )
    total, count = 0.0, 0
    bar = tqdm(
        batches,
        total=steps,
        leave=False,
        desc=f"epoch {state.epoch + 1}/{experiment.epochs}",
        disable=quiet or not sys.stderr.isatty(),
    )
    for step, batch in enumerate(bar):
        model.optimizer.learning_rate = learning_rate_at(state.epoch + step / steps, experiment)
        loss = float(model.train_on_batch(batch.images, targets(batch)))
        total, count = total + loss * len(batch), count + len(batch)
        state.average.update(model.get_weights())
        bar.set_postfix(loss=f"{total / count:.3f}")
    return total / count


def validation_scores(model, lines: LineSplit, height: int, charset: Charset) -> dict[str, float]:
    """CER of the best path by source."""
    edits, lengths = {}, {}
    usable = usable_lines(lines, height, charset)
    for rows, batch in plain_batches(usable, height, charset, EVALUATION_COLUMNS):
        logits = keras.ops.convert_to_numpy(model.predict_on_batch(batch.images)[0])
        for row, frames, count in zip(rows, logits, batch.frame_counts, strict=True):
            line = usable[row]
            text = charset.decode(greedy(frames[:count]))
            edits[line.source] = edits.get(line.source, 0) + edit_distance(line.text, text)
            lengths[line.source] = lengths.get(line.source, 0) + len(line.text)
    return {source: edits[source] / lengths[source] for source in sorted(edits)}


def _epoch_line(row: dict, epochs: int) -> str:
    sources = "  ".join(f"{k[4:]} {v:.3f}" for k, v in row.items() if k.startswith("cer_"))
    return (
        f"epoch {row['epoch']:3d}/{epochs}  loss {row['loss']:.3f}  "
        f"validation CER {row['validation_cer']:.4f}  ({sources})  ({row['seconds']:.0f} s)"
    )
