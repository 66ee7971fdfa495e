"""From a trained line network to the files of a model; the tuning of its decoding."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import numpy as np

from handwriting import paths
from handwriting.cards import ModelCard, card_path, read_card, sha256, write_card
from handwriting.errors import UserError
from handwriting.lines.augment import shrink, to_ink
from handwriting.lines.charset import Charset
from handwriting.lines.data import Line, LineData, LineSplit
from handwriting.lines.decoding import (
    SecondReader,
    SecondSettings,
    beam_search_all,
    decode_all,
)
from handwriting.lines.decoding.second_tuning import tune_second
from handwriting.lines.decoding.tuning import calibrate, tune
from handwriting.lines.evaluation import LineEvaluation, evaluate_lines
from handwriting.lines.language.files import find_language_files, load_language_model
from handwriting.lines.recognizer import TASK, LineRecognizer
from handwriting.results import command, hardware

LICENCE = "Weights: MIT. The collections keep their own licences; see data/README.md."
PROBE_WIDTH = 192
# The beam search is tuned on so many validation lines, evenly drawn: some twenty settings
# are tried on each.
TUNING_LINES = 800


def save_line_model(
    experiment, data: LineData, result, charset: Charset, folder: Path | None = None
) -> ModelCard:
    """Write `NAME.h5`, `NAME.onnx` and `NAME.json`; tune decoding; score validation.

    A language model that lies in the folder is taken up (`tune_decoding`). Everything is made
    in a temporary folder first, so that a failure leaves an older model as it was. The
    test split is left to `evaluate.py`.

    Args:
        experiment: a `LineExperiment`.
        result: a `LineTrainingResult`.
    """
    card = _new_card(experiment, data, result, charset)
    return write_line_model(result.model, card, data.validation, folder or paths.models_dir())


def write_line_model(model, card: ModelCard, validation: LineSplit, folder: Path) -> ModelCard:
    """Write the files of a model whose card is complete but for them and for its decoding.

    See `save_line_model`. The weights are rounded, so that the ONNX file is smaller.

    Args:
        model: a `keras.Model`.
    """
    # These import Keras.
    from handwriting.compact import round_weights
    from handwriting.saving import write_keras, write_onnx

    round_weights(model)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as scratch:
        scratch = Path(scratch)
        names = [f"{card.name}{suffix}" for suffix in (".h5", ".onnx")]
        write_keras(model, scratch / names[0])
        write_onnx(model, scratch / names[1], (card.preprocessing["height"], PROBE_WIDTH, 1))
        card = replace(card, files={name: sha256(scratch / name) for name in names})
        write_card(card, scratch)
        for path in find_language_files(folder, card.name).values():
            shutil.copy(path, scratch)
        card = tune_decoding(scratch / f"{card.name}.json", validation)
        for name in (*card.files, f"{card.name}.json"):
            os.replace(scratch / name, folder / name)
    return card


def tune_decoding(model: str | Path, validation: LineSplit) -> ModelCard:
    """Choose beam settings and fit confidences on validation; write them to the card.

    Takes up the language model beside the card, if there is one: `NAME.lm.npz`, and the
    words in `NAME.words.npz`. With it, weighs a second reader in the network.

    Raises:
        UserError: no such model, or no line to tune on.
    """
    card = read_card(model)
    folder = card_path(model).parent
    if not len(validation):
        raise UserError(f"{card.name}: no validation lines to tune the decoding on")
    files = find_language_files(folder, card.name)
    card = replace(card, decoding={})
    recognizer = LineRecognizer.load(write_card(card, folder))
    logits, *second = recognizer.outputs(model_inputs(validation, recognizer.height))
    charset = recognizer.charset
    plain = decode_all(logits, charset, settings=None)
    read, decoding = plain, {}
    model = load_language_model(files)
    if model is not None:
        some = slice(None, None, max(1, len(logits) // TUNING_LINES))
        beam = tune(logits[some], validation.texts[some], charset, model)
        decoding = {key: path.name for key, path in files.items()} | {"beam": asdict(beam)}
        card.files.update({path.name: sha256(path) for path in files.values()})
        reader = None
        if second:
            found = beam_search_all(logits, charset, model, beam)
            reader = _tuned_reader(found, second[0], validation.texts, charset)
        if reader:
            decoding["second"] = asdict(reader.settings)
        read = decode_all(logits, charset, model=model, settings=beam, second=reader)
    if any(line.words for line in read):  # a network that has hardly begun reads nothing
        scales = calibrate(read, validation.texts)
        decoding["calibration"] = {name: list(scale) for name, scale in scales._asdict().items()}
    greedy, scores = (
        evaluate_lines(validation, [line.text for line in lines]) for lines in (plain, read)
    )
    scored = {**summary(scores), "cer_best_path": rounded(greedy.cer)}
    card = replace(card, decoding=decoding, validation=scored)
    write_card(card, folder)
    return card


def _tuned_reader(found, logits, texts: Sequence[str], charset: Charset) -> SecondReader | None:
    """A second reader with what it is worth; None if that is nothing."""
    reader = SecondReader(logits, SecondSettings())
    settings = tune_second(found, texts, charset, reader)
    return replace(reader, settings=settings) if settings.second else None


def tuning_text(card: ModelCard) -> str:
    """What `tune_decoding` chose and what that gives, for a terminal."""
    scores = card.validation
    return (
        f"{card.name}: {card.decoding}\n"
        f"validation, n = {scores['n']}: CER {scores['cer']:.4f}\n"
        f"best path alone {scores['cer_best_path']:.4f}"
    )


def model_inputs(split: Iterable[Line], height: int) -> list[np.ndarray]:
    """(height, W) uint8 ink of stored lines: what the recogniser takes."""
    return [shrink(to_ink(line.image), height) for line in split]


def summary(evaluation: LineEvaluation) -> dict:
    """The scores a card keeps."""
    sources = evaluation.table.loc["source", "cer"].to_dict()
    return {
        "n": evaluation.count,
        "cer": rounded(evaluation.cer),
        "wer": rounded(evaluation.wer),
        "cer_by_source": {name: rounded(value) for name, value in sources.items()},
    }


def rounded(value: float) -> float:
    return round(float(value), 5)


def _new_card(experiment, data: LineData, result, charset: Charset) -> ModelCard:
    return ModelCard(
        name=experiment.name,
        task=TASK,
        classes=charset.characters,
        input={
            "shape": [experiment.height, None, 1],
            "dtype": "float32",
            "range": [0, 1],
            "ink": 1,
        },
        preprocessing={"height": experiment.height},
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
    )
