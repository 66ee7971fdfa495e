"""A small random search over learning rate, dropout and augmentation strength.

Random draws cover each knob better than a grid of the same size (Bergstra & Bengio,
JMLR 2012). Every trial is scored on validation; the test split is not touched.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from handwriting import paths
from handwriting.datasets import load_dataset
from handwriting.datasets.base import CharacterData
from handwriting.datasets.splits import stratified_split
from handwriting.errors import UserError
from handwriting.experiments import Experiment
from handwriting.training import train

KNOBS = ("learning_rate", "dropout", "augmentation_strength")
SCORES = ("validation_accuracy", "validation_loss", "minutes")


def draw_trials(experiment: Experiment, count: int, seed: int) -> list[dict]:
    """`count` settings of `KNOBS`; the first is the experiment as it stands.

    The learning rate is drawn from a third to three times the experiment's, evenly in its
    logarithm; dropout from 0 to 0.6; the strength of the augmentation from 0 to 2 times.
    """
    rng = np.random.default_rng(seed)
    trials = [
        {
            "learning_rate": experiment.learning_rate,
            "dropout": experiment.options.dropout,
            "augmentation_strength": 1.0,
        }
    ]
    while len(trials) < count:
        factor, dropout, strength = rng.uniform((-1, 0, 0), (1, 0.6, 2))
        rate = float(f"{experiment.learning_rate * 3**factor:.3g}")
        values = (rate, round(float(dropout), 2), round(float(strength), 2))
        trials.append(dict(zip(KNOBS, values, strict=True)))
    return trials


def with_trial(experiment: Experiment, trial: dict) -> Experiment:
    """The experiment with one trial's settings."""
    return replace(
        experiment,
        learning_rate=trial["learning_rate"],
        options=replace(experiment.options, dropout=trial["dropout"]),
        augmentation=experiment.augmentation.scaled(trial["augmentation_strength"]),
    )


def subset(data: CharacterData, share: float, seed: int) -> CharacterData:
    """The data set with a stratified share of its training images."""
    if not 0 < share <= 1:
        raise UserError(f"--share {share}: must be above 0 and at most 1")
    if share == 1:
        return data
    chosen = stratified_split(data.train.labels, share, seed)[1]
    return replace(data, train=data.train.take(chosen))


def search(
    experiment: Experiment, count: int, share: float, path: Path | None = None
) -> pd.DataFrame:
    """Train every trial and write the table after each; trials already in it are kept.

    Args:
        experiment: where the trials start from; its `epochs` are those of a trial.
        share: of the training images used.
        path: of the table, default `outputs/search_NAME.csv`.

    Returns:
        One row a trial: its settings and scores, the best on validation first.
    """
    path = path or paths.outputs_dir() / f"search_{experiment.name}.csv"
    data = subset(load_dataset(experiment.dataset, experiment.seed), share, experiment.seed)
    common = {"epochs": experiment.epochs, "train_n": len(data.train), "seed": experiment.seed}
    rows = pd.read_csv(path).to_dict("records") if path.is_file() else []
    for number, trial in enumerate(draw_trials(experiment, count, experiment.seed), 1):
        settings = {**common, **trial}
        if any(all(row.get(k) == v for k, v in settings.items()) for row in rows):
            continue
        print(f"trial {number}/{count}: " + "  ".join(f"{k} {v}" for k, v in trial.items()))
        rows.append(settings | _scores(train(with_trial(experiment, trial), data)))
        _write(rows, path)
    return _write(rows, path)


def _scores(result) -> dict:
    best = result.history[result.best_epoch - 1]
    values = (best["validation_accuracy"], best["validation_loss"], result.minutes)
    return {name: round(value, 5) for name, value in zip(SCORES, values, strict=True)}


def _write(rows: list[dict], path: Path) -> pd.DataFrame:
    table = pd.DataFrame(rows).sort_values("validation_accuracy", ascending=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False)
    return table
