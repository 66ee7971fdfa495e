"""A whole experiment: load, train, save, score, record."""

from dataclasses import asdict

import pandas as pd

from handwriting import paths
from handwriting.checkpoints import Checkpoint
from handwriting.datasets import load_dataset
from handwriting.evaluation import Evaluation, save_figures
from handwriting.experiments import Experiment
from handwriting.plots import plot_learning_curve, png_bytes
from handwriting.priors import correct_prior
from handwriting.results import append_result
from handwriting.saving import load_keras, save_model
from handwriting.training import TrainingResult, train


def run_experiment(experiment: Experiment, resume: bool = False) -> Evaluation | None:
    """Train an experiment to its end and leave model, card, figure and results row.

    Args:
        resume: continue from the checkpoint of an interrupted run of the same settings.

    Returns:
        The test scores, None where the data set has no test split.
    """
    print(f"experiment {experiment.name}: {experiment.summary()}")
    data = load_dataset(experiment.dataset, seed=experiment.seed)
    sizes = ", ".join(f"{name} {len(split):,}" for name, split in data.splits().items())
    print(f"data {data.name}: {len(data.classes)} classes; {sizes}")
    for note in data.notes:
        print(f"note: {note}")
    settings = {**asdict(experiment), "data_hash": data.fingerprint()}
    checkpoint = Checkpoint(paths.checkpoints_dir() / f"{experiment.name}.npz", settings)
    if not resume:
        checkpoint.delete()
    base, same_classes = None, False
    if experiment.init_from:
        base, card = load_keras(experiment.init_from)
        same_classes = card.classes == data.classes
    result = train(experiment, data, checkpoint, base, keep_head=same_classes)
    correct_prior(result.model, data, experiment.class_prior)
    card, test = save_model(experiment, data, result)
    _write_learning_curve(experiment.name, result)
    _record(experiment, data, result, card.validation, test)
    print(
        f"model {experiment.name}: {card.parameters:,} weights, best epoch {result.best_epoch}, "
        f"{result.minutes:.1f} minutes, validation {card.validation['accuracy']:.4f}"
    )
    if test:
        print(f"test, scored once\n{test.summary_text()}")
        prefix = f"{experiment.name}_{data.name}_test"
        save_figures(test, data.test, paths.figures_dir(), prefix)
    return test


def _write_learning_curve(name: str, result: TrainingResult) -> None:
    history = pd.DataFrame(result.history)
    folder = paths.figures_dir()
    folder.mkdir(parents=True, exist_ok=True)
    history.to_csv(folder / f"{name}_history.csv", index=False, float_format="%.6g")
    (folder / f"{name}_learning_curve.png").write_bytes(png_bytes(plot_learning_curve(history)))


def _record(experiment, data, result: TrainingResult, validation: dict, test) -> None:
    append_result(
        experiment=experiment.name,
        data=data.name,
        data_hash=data.fingerprint()[:12],
        seed=experiment.seed,
        epochs=len(result.history),
        train_n=len(data.train),
        validation_score=validation["accuracy"],
        validation_n=validation["n"],
        test_score=test.accuracy if test else None,
        test_n=test.count if test else None,
        metric="accuracy",
        minutes=round(result.minutes, 1),
        notes="; ".join(data.notes),
    )
