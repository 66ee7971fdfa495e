"""The state of an unfinished run: enough to continue as if it had never stopped."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import keras
import numpy as np

from handwriting.errors import UserError
from handwriting.schedule import WeightAverage


@dataclass
class TrainingState:
    """What changes from epoch to epoch besides the model and its optimizer.

    Attributes:
        average: moving average of the weights; follows exactly when its momentum is 0.
        epoch: finished epochs.
        history: one dict of scores for each of them.
        best_epoch, best_weights: the epoch with the best validation score so far, counted
            from 1, and its averaged weights.
    """

    average: WeightAverage
    epoch: int = 0
    history: list[dict] = field(default_factory=list)
    best_epoch: int = 0
    best_weights: list[np.ndarray] = field(default_factory=list)

    @classmethod
    def start(cls, model: keras.Model, experiment) -> "TrainingState":
        return cls(WeightAverage(model.get_weights(), experiment.average))

    def record(self, row: dict) -> None:
        """Add an epoch's scores; keep its weights if validation is the best so far."""
        self.history.append(row)
        if self.best_epoch == 0 or _rank(row) > _rank(self.history[self.best_epoch - 1]):
            self.best_epoch = self.epoch
            self.best_weights = [value.copy() for value in self.average.values]


def _rank(row: dict) -> tuple[float, float]:
    """Accuracy decides, or the error rate of lines; the loss decides between equals."""
    if "validation_cer" in row:
        return -row["validation_cer"], -row["loss"]
    return row["validation_accuracy"], -row["validation_loss"]


class Checkpoint:
    """One `.npz` file a run, replaced after every epoch.

    Args:
        path: where to keep it.
        settings: what the run depends on; a checkpoint of other settings is refused.
    """

    def __init__(self, path: Path, settings: dict):
        self.path = path
        self.settings = json.loads(json.dumps(settings))

    def save(self, model: keras.Model, state: TrainingState) -> None:
        """Write the whole state beside the old file, then replace it in one step."""
        meta = {
            "settings": self.settings,
            "epoch": state.epoch,
            "history": state.history,
            "best_epoch": state.best_epoch,
            "momentum": state.average.momentum,
            "updates": state.average.updates,
        }
        groups = {
            "weights": model.get_weights(),
            "optimizer": [np.asarray(v) for v in model.optimizer.variables],
            "average": state.average.values,
            "best": state.best_weights,
        }
        arrays = {f"{name}_{i}": a for name, group in groups.items() for i, a in enumerate(group)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial.npz")
        with open(partial, "wb") as file:
            np.savez(file, meta=json.dumps(meta), **arrays)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path)

    def load(self, model: keras.Model) -> TrainingState | None:
        """Put weights and optimizer back; None where there is nothing to continue.

        Raises:
            UserError: the checkpoint was made with other settings, or is broken.
        """
        if not self.path.is_file():
            return None
        try:
            with np.load(self.path) as file:
                meta = json.loads(str(file["meta"]))
                arrays = {key: file[key] for key in file.files if key != "meta"}
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise UserError(f"{self.path}: broken checkpoint ({error}); delete it") from None
        self._check_settings(meta["settings"])
        groups = {
            name: _group(arrays, name) for name in ("weights", "optimizer", "average", "best")
        }
        model.set_weights(groups["weights"])
        model.optimizer.build(model.trainable_variables)
        for variable, value in zip(model.optimizer.variables, groups["optimizer"], strict=True):
            variable.assign(value)
        average = WeightAverage(groups["average"], meta["momentum"])
        average.updates = meta["updates"]
        return TrainingState(
            average, meta["epoch"], meta["history"], meta["best_epoch"], groups["best"]
        )

    def delete(self) -> None:
        self.path.unlink(missing_ok=True)

    def _check_settings(self, found: dict) -> None:
        changed = [key for key, value in self.settings.items() if found.get(key) != value]
        if changed:
            raise UserError(
                f"{self.path}: made with other {', '.join(changed)}; "
                "train without --resume to start again"
            )


def _group(arrays: dict[str, np.ndarray], name: str) -> list[np.ndarray]:
    count = sum(key.startswith(f"{name}_") for key in arrays)
    return [arrays[f"{name}_{i}"] for i in range(count)]
