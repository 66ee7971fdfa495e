"""From a trained network to the three files of a model, and back."""

import os
import tempfile
from contextlib import redirect_stdout
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import keras
import numpy as np
import onnxruntime
from keras import ops

from handwriting import paths
from handwriting.calibration import fit_temperature
from handwriting.cards import ModelCard, card_path, checked_file, read_card, sha256, write_card
from handwriting.compact import store_in_16_bits
from handwriting.datasets.base import CharacterData
from handwriting.evaluation import Evaluation, evaluate_characters
from handwriting.experiments import Experiment
from handwriting.machine import quiet_logging
from handwriting.models import IMAGE_SIZE
from handwriting.recognizer import CharacterRecognizer
from handwriting.results import command, hardware
from handwriting.training import TrainingResult

LICENCE = "Weights: MIT. The data sets keep their own licences; see data/README.md."


def save_model(
    experiment: Experiment, data: CharacterData, result: TrainingResult, folder: Path | None = None
) -> tuple[ModelCard, Evaluation | None]:
    """Write `NAME.h5`, `NAME.onnx` and `NAME.json`; fit the temperature; score test once.

    All scores come from the ONNX file, the one that predicts. Everything is made in a
    temporary folder first, so that a failure leaves an older model as it was.

    Returns:
        The card, and the test scores (None where the data set has no test split).
    """
    folder = folder or paths.models_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as scratch:
        scratch = Path(scratch)
        write_keras(result.model, scratch / f"{experiment.name}.h5")
        write_onnx(result.model, scratch / f"{experiment.name}.onnx")
        card, test = _score(_new_card(experiment, data, result, scratch), data, scratch)
        for name in (*card.files, f"{card.name}.json"):
            os.replace(scratch / name, folder / name)
    return card, test


def load_keras(model: str | Path) -> tuple[keras.Model, ModelCard]:
    """The Keras model and its card, by name or path, after checking its hash."""
    card = read_card(model)
    path = checked_file(card, card_path(model).parent, ".h5")
    return keras.models.load_model(path, compile=False), card


def write_keras(model: keras.Model, path: Path) -> None:
    with quiet_logging():  # HDF5 is what we want, though Keras calls it legacy
        model.save(path, include_optimizer=False)


def write_onnx(model: keras.Model, path: Path, shape=(IMAGE_SIZE, IMAGE_SIZE, 1)) -> None:
    """Export with a free batch size, and make sure that both files say the same.

    Weights that fit into 16 bits are stored so (see `compact`).

    Args:
        shape: of one input to compare them on; what the model leaves free stays free.

    Raises:
        RuntimeError: the ONNX outputs differ from those of Keras.
    """
    probe = np.random.default_rng(0).random((3, *shape), np.float32)
    expected = model(probe, training=False)  # a model must be called once
    expected = [ops.convert_to_numpy(e) for e in keras.tree.flatten(expected)]
    with quiet_logging(), open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        model.export(path, format="onnx", verbose=False)
    store_in_16_bits(path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(None, {session.get_inputs()[0].name: probe})
    for own, other in zip(found, expected, strict=True):
        if not np.allclose(own, other, atol=1e-3, rtol=1e-3):
            raise RuntimeError(f"{path}: ONNX and Keras differ by {np.abs(own - other).max():.4f}")


def _new_card(experiment, data, result: TrainingResult, folder: Path) -> ModelCard:
    names = [f"{experiment.name}{suffix}" for suffix in (".h5", ".onnx")]
    return ModelCard(
        name=experiment.name,
        task="characters",
        classes=data.classes,
        input={
            "shape": [IMAGE_SIZE, IMAGE_SIZE, 1],
            "dtype": "float32",
            "range": [0, 1],
            "ink": 1,
        },
        preprocessing=experiment.format.to_dict(),
        architecture=experiment.architecture,
        options=asdict(experiment.options),
        parameters=result.model.count_params(),
        dataset=data.name,
        data_hash=data.fingerprint(),
        data_notes=data.notes,
        seed=experiment.seed,
        epochs=experiment.epochs,
        best_epoch=result.best_epoch,
        minutes=round(result.minutes, 1),
        command=command(),
        hardware=hardware(),
        init_from=experiment.init_from,
        date=date.today().isoformat(),
        licence=LICENCE,
        files={name: sha256(folder / name) for name in names},
    )


def _score(card: ModelCard, data: CharacterData, folder: Path):
    """The card with temperature and scores, written to `folder`; and the test scores."""
    write_card(card, folder)
    recognizer = CharacterRecognizer.load(folder / f"{card.name}.json")
    logits = recognizer.logits(data.validation.images)
    card = replace(card, temperature=round(fit_temperature(logits, data.validation.labels), 4))
    recognizer.card = card
    validation = evaluate_characters(recognizer, data.validation, data.classes)
    card = replace(card, validation=_summary(validation))
    test = None
    if len(data.test):
        test = evaluate_characters(recognizer, data.test, data.classes, notes=data.notes)
        card = replace(card, test=_summary(test))
    write_card(card, folder)
    return card, test


def _summary(evaluation: Evaluation) -> dict:
    """The scores a card keeps: all but the per-class table."""
    scores = {name: round(value, 5) for name, value in evaluation.scores.items()}
    return {"n": evaluation.count, **scores}
