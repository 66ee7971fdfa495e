"""Teaching a second reader beside a trained network that stays as it is.

It shares the network's convolutions and hears nothing of its recurrence, so that it makes other
mistakes (`decoding.second`). Little is learned, so little time is enough.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path

import keras
from tqdm import tqdm

from handwriting import paths
from handwriting.cards import ModelCard, read_card
from handwriting.errors import UserError
from handwriting.lines.augment import LineAugmentation
from handwriting.lines.batches import training_batches, usable_lines
from handwriting.lines.charset import Charset
from handwriting.lines.ctc import ctc_loss
from handwriting.lines.data import Line, LineData
from handwriting.lines.models import AUXILIARY_HEAD, build_line_model, is_beside
from handwriting.lines.network import targets, transfer_line_weights
from handwriting.lines.options import LineOptions
from handwriting.lines.recognizer import TASK
from handwriting.lines.saving import write_line_model
from handwriting.lines.schedule import draw_real
from handwriting.precision import training_precision
from handwriting.results import append_result, command
from handwriting.saving import load_keras
from handwriting.schedule import WeightAverage, cosine_with_warmup


@dataclass(frozen=True)
class SecondExperiment:
    """How a second reader is taught.

    Attributes:
        blocks: gated convolutions (`LineOptions.second`).
        epochs: times that every real line is seen.
        emphasis: see `LineExperiment.emphasis`.
        learning_rate: highest; it rises over `warmup_steps` and then falls as a cosine.
        average: momentum of the weight average, which is what is kept.
    """

    blocks: int = 1
    epochs: int = 3
    emphasis: str = ""
    batch_columns: int = 12_000
    learning_rate: float = 2e-3
    warmup_steps: int = 300
    weight_decay: float = 0.02
    clip: float = 5.0
    average: float = 0.995
    seed: int = 0
    augmentation: LineAugmentation = field(
        default_factory=lambda: LineAugmentation(show_through=0.2)
    )


class TaughtReader(keras.Model):
    """A second reader alone, with its CTC loss; never saved itself."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return keras.ops.mean(ctc_loss(y[:, 2:], y[:, 0], y_pred, y[:, 1]))


def teach_second_reader(
    model: str | Path, data: LineData, experiment: SecondExperiment, name: str = ""
) -> ModelCard:
    """Write `model` with a second reader taught on the training lines; tune its decoding.

    Args:
        model: a `crnn` by name or path; a second reader that it has is replaced.
        name: of the model written; default: that of `model`, which it replaces.

    Raises:
        UserError: no such model, or not one that can have a second reader; no usable line.
    """
    card = read_card(model)
    check_can_have_second(card, model)
    charset, height = Charset(card.classes), card.preprocessing["height"]
    lines = usable_lines(data.train, height, charset)
    if not lines or not len(data.validation):
        raise UserError(f"{data.name}: no lines to train on or to validate with")
    base, _ = load_keras(model)
    keras.utils.set_random_seed(experiment.seed)
    options = replace(LineOptions(**card.options), second=experiment.blocks)
    build = (card.architecture, height, len(charset), options)
    network = build_line_model(*build, training_precision())
    transfer_line_weights(without_second(base, card), network)
    started = time.perf_counter()
    _teach(network, lines, charset, height, experiment)
    finished = build_line_model(*build)
    transfer_line_weights(network, finished)
    taught = {
        **asdict(experiment),
        "minutes": round((time.perf_counter() - started) / 60, 1),
        "command": command(),
        "date": date.today().isoformat(),
    }
    card = replace(card, name=name or card.name, options=asdict(options), second_reader=taught)
    return write_with_second(finished, card, data)


def check_can_have_second(card: ModelCard, model: str | Path) -> None:
    """Raises: UserError: the model cannot have a second reader."""
    if card.task != TASK or card.architecture != "crnn":
        raise UserError(f"{model}: only a crnn of lines can have a second reader")


def write_with_second(network: keras.Model, card: ModelCard, data: LineData) -> ModelCard:
    """Write the files of a network with its second reader, and a row of results.

    Args:
        card: complete but for what depends on the files (`write_line_model`).
    """
    card = replace(card, parameters=network.count_params(), test={})
    card = write_line_model(network, card, data.validation, paths.models_dir())
    append_result(
        experiment=f"{card.name} second reader",
        data=data.name,
        data_hash=data.fingerprint()[:12],
        seed=card.second_reader["seed"],
        epochs=card.second_reader["epochs"],
        train_n=len(data.train),
        validation_score=card.validation["cer"],
        validation_n=card.validation["n"],
        metric="CER",
        minutes=card.second_reader["minutes"],
        command=card.second_reader["command"],
    )
    return card


def without_second(base: keras.Model, card: ModelCard) -> keras.Model:
    """The network with its first output alone."""
    if len(base.outputs) == 1:
        return base
    options = replace(LineOptions(**card.options), second=0)
    single = build_line_model(
        card.architecture, card.preprocessing["height"], len(card.classes), options
    )
    transfer_line_weights(base, single)
    return single


def _teach(
    network: keras.Model,
    lines: Sequence[Line],
    charset: Charset,
    height: int,
    experiment: SecondExperiment,
) -> None:
    """Train the layers of the second reader; `network` then has their averaged weights."""
    for layer in network.layers:
        layer.trainable = is_beside(layer)
    reader = TaughtReader(network.inputs, network.get_layer(AUXILIARY_HEAD).output)
    reader.compile(
        keras.optimizers.AdamW(
            experiment.learning_rate,
            weight_decay=experiment.weight_decay,
            global_clipnorm=experiment.clip,
        ),
        jit_compile=keras.backend.backend() == "jax",
    )
    average = WeightAverage(reader.get_weights(), experiment.average)
    for epoch in range(experiment.epochs):
        _teach_epoch(reader, lines, charset, height, experiment, epoch, average)
    reader.set_weights(average.values)


def _teach_epoch(reader, lines, charset, height, experiment, epoch: int, average) -> None:
    drawn = draw_real(lines, experiment, epoch)
    steps, batches = training_batches(
        drawn,
        height,
        charset,
        experiment.batch_columns,
        experiment.augmentation,
        experiment.seed,
        epoch,
        short_first=epoch == 0,
    )
    label, total, started = f"epoch {epoch + 1}/{experiment.epochs}", 0.0, time.perf_counter()
    bar = tqdm(batches, total=steps, leave=False, desc=label, disable=not sys.stderr.isatty())
    for step, batch in enumerate(bar):
        reader.optimizer.learning_rate = cosine_with_warmup(
            epoch * steps + step,
            experiment.epochs * steps,
            experiment.learning_rate,
            experiment.warmup_steps,
        )
        total += float(reader.train_on_batch(batch.images, targets(batch)))
        average.update(reader.get_weights())
    seconds = time.perf_counter() - started
    print(f"{label}  loss {total / steps:.3f}  ({seconds:.0f} s)", flush=True)
