"""A whole line experiment: load, synthesise, train, save, record."""

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from handwriting import paths
from handwriting.cards import ModelCard
from handwriting.checkpoints import Checkpoint
from handwriting.errors import UserError
from handwriting.lines.batches import usable_lines
from handwriting.lines.charset import DEFAULT_CHARSET, Charset
from handwriting.lines.collections import find_lines
from handwriting.lines.composing import Composer
from handwriting.lines.data import Line, LineSplit
from handwriting.lines.decoding import greedy
from handwriting.lines.experiments import LineExperiment
from handwriting.lines.plots import plot_line_learning_curve
from handwriting.lines.recognizer import LineRecognizer
from handwriting.lines.saving import model_inputs, save_line_model
from handwriting.lines.splicing import SEEN, Splicer, cut_words
from handwriting.lines.synthesis import cached_synthetic
from handwriting.lines.synthesis.corpus import Corpus
from handwriting.lines.training import LineTrainingResult, train_lines
from handwriting.plots import png_bytes
from handwriting.results import append_result
from handwriting.saving import load_keras


def run_line_experiment(experiment: LineExperiment, resume: bool = False) -> ModelCard:
    """Train an experiment to its end and leave model, card, figure and results row.

    Args:
        resume: continue from the checkpoint of an interrupted run. Its `epochs` and
            `cooldown_epochs` may differ: up to the cool-down the rate is the same.
    """
    print(f"experiment {experiment.name}: {experiment.summary()}")
    data = find_lines(experiment.dataset)
    sizes = ", ".join(f"{name} {len(split):,}" for name, split in data.splits().items())
    print(f"data {data.name}: {sizes}")
    for note in data.notes:
        print(f"note: {note}")
    synthetic = LineSplit()
    if experiment.synthetic or experiment.synthetic_end:
        synthetic = cached_synthetic(experiment.synthetic_pool, experiment.seed)
    checkpoint = Checkpoint(
        paths.checkpoints_dir() / f"{experiment.name}.npz", _settings(experiment, data)
    )
    if not resume:
        checkpoint.delete()
    base, charset = None, DEFAULT_CHARSET
    if experiment.init_from:
        base, base_card = load_keras(experiment.init_from)
        charset = Charset(base_card.classes)
    splicer, composer = _make_new_lines(experiment, data.train)
    result = train_lines(
        experiment,
        data.train,
        data.validation,
        synthetic,
        checkpoint,
        base,
        charset,
        splicer,
        composer,
    )
    card = save_line_model(experiment, data, result, charset)
    _write_learning_curve(experiment.name, result)
    _record(experiment, data, result, card)
    print(
        f"model {card.name}: {card.parameters:,} weights, best epoch {result.best_epoch}, "
        f"{result.minutes:.1f} minutes, validation CER {card.validation['cer']:.4f} "
        f"(best path {card.validation['cer_best_path']:.4f})"
    )
    print(f"test: python src/evaluate.py {card.name} --split test")
    return card


def _make_new_lines(
    experiment: LineExperiment, train: LineSplit
) -> tuple[Splicer | None, Composer | None]:
    """What cuts the lines where the model that training starts from sees gaps and letters."""
    if not (experiment.spliced or experiment.composed):
        return None, None
    if not experiment.init_from:
        raise UserError("spliced, composed: need --init-from, a model that finds gaps and letters")
    finder = LineRecognizer.load(experiment.init_from, language_model=False)
    charset = finder.charset
    lines = usable_lines(train, finder.height, charset)
    logits = finder.logits(model_inputs(lines, finder.height))
    splicer = composer = None
    if experiment.spliced:
        splicer = Splicer(lines, cut_words(lines, logits, charset, SEEN))
    if experiment.composed:
        composer = Composer(lines, logits, charset, lambda made: _read(finder, made), _corpus())
    return splicer, composer


def _read(finder: LineRecognizer, lines: Sequence[Line]) -> list[str]:
    logits = finder.logits(model_inputs(lines, finder.height))
    return [finder.charset.decode(greedy(own)) for own in logits]


def _corpus() -> Corpus | None:
    folder = paths.data_dir() / "text"
    return Corpus(folder) if folder.is_dir() else None


def _settings(experiment: LineExperiment, data) -> dict:
    """What a checkpoint must have been made with; the length of the run may change."""
    settings = {**asdict(experiment), "data_hash": data.fingerprint()}
    for name in ("epochs", "cooldown_epochs"):
        del settings[name]
    return settings


def _write_learning_curve(name: str, result: LineTrainingResult) -> None:
    history = pd.DataFrame(result.history)
    folder = paths.figures_dir()
    folder.mkdir(parents=True, exist_ok=True)
    history.to_csv(folder / f"{name}_history.csv", index=False, float_format="%.6g")
    figure = plot_line_learning_curve(history)
    (folder / f"{name}_learning_curve.png").write_bytes(png_bytes(figure))


def _record(experiment, data, result: LineTrainingResult, card: ModelCard) -> None:
    append_result(
        experiment=experiment.name,
        data=data.name,
        data_hash=data.fingerprint()[:12],
        seed=experiment.seed,
        epochs=len(result.history),
        train_n=len(data.train),
        validation_score=card.validation["cer"],
        validation_n=card.validation["n"],
        metric="CER",
        minutes=round(result.minutes, 1),
        notes="; ".join(data.notes),
    )
