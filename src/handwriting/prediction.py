"""What `predict.py` does: inputs from the command line, readings to stdout, errors to stderr."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import TextIO

import numpy as np
from tqdm import tqdm

from handwriting import paths
from handwriting.cards import list_models
from handwriting.errors import UserError
from handwriting.images import load, to_character_steps
from handwriting.images.sources import one_line
from handwriting.recognizer import LONGEST_SIDE, CharacterRecognizer, Prediction

STDIN = "-"
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".pgm", ".ppm"}
AUTO = "auto"
# The most general first: what `--model auto` takes.
PREFERRED = ("characters", "emnist_bymerge", "emnist_balanced", "mnist")
# How many pictures are prepared before the model runs; readings appear in these portions.
PORTION = 64
# A character is hardly ever wider than this many times its height; a word is.
WIDEST_CHARACTER = 3.0


@dataclass(frozen=True)
class Reading:
    """One input and what became of it: a prediction, or the error as one line.

    Attributes:
        file: as the user named it.
        prediction: None if it could not be read.
        error: None if it could.
        image: (H, W) uint8, 0 = ink, as loaded.
        model_input: (28, 28, 1) float32, 1 = ink.
        remark: something the user should know about a picture that was read.
    """

    file: str
    prediction: Prediction | None = None
    error: str | None = None
    image: np.ndarray | None = None
    model_input: np.ndarray | None = None
    remark: str | None = None


def find_recognizer(model: str) -> CharacterRecognizer:
    """Load the model named on the command line; `auto` takes the most general one here."""
    if model == AUTO:
        here = list_models()
        model = next((name for name in PREFERRED if name in here), here[0] if here else AUTO)
    return CharacterRecognizer.load(model)


def expand_inputs(arguments: Iterable[str]) -> Iterator[str]:
    """Each argument, and for a folder the pictures in it, sorted by name.

    A folder without pictures is passed on as it is: reading it says what is wrong.
    """
    for argument in arguments:
        if argument != STDIN and Path(argument).is_dir():
            yield from _pictures(Path(argument)) or [argument]
        else:
            yield argument


def _pictures(folder: Path) -> list[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [str(folder / name) for name in names if Path(name).suffix.lower() in SUFFIXES]


def read_all(recognizer: CharacterRecognizer, files: Iterable[str], top: int) -> Iterator[Reading]:
    """Read pictures in portions, in order; one that fails never stops the rest."""
    files = iter(files)
    while portion := [_prepare(recognizer, file) for file in islice(files, PORTION)]:
        inputs = [reading.model_input for reading in portion if reading.error is None]
        predictions = iter(recognizer.predict_inputs(np.stack(inputs), top) if inputs else ())
        for reading in portion:
            if reading.error is None:
                yield Reading(**{**vars(reading), "prediction": next(predictions)})
            else:
                yield reading


def _prepare(recognizer: CharacterRecognizer, file: str) -> Reading:
    name = one_line(file)
    try:
        image = load(sys.stdin.buffer if file == STDIN else file, max_side=LONGEST_SIDE)
        steps = to_character_steps(image, recognizer.format)
    except UserError as error:
        message = str(error)
        named = message.startswith(f"{name}: ")
        return Reading(file, error=message if named else f"{name}: {message}")
    height, width = steps["crop"].shape
    remark = None
    if width > WIDEST_CHARACTER * height:
        remark = f"{name}: looks like several characters; this model reads one at a time"
    return Reading(file, image=image, model_input=steps["character"][..., None], remark=remark)


def as_json(reading: Reading, model: str) -> str:
    """One line of JSON: file, text, confidence, model, top."""
    prediction = reading.prediction
    top = [{"text": text, "probability": round(p, 6)} for text, p in prediction.top]
    values = {
        "file": reading.file,
        "text": prediction.text,
        "confidence": round(prediction.confidence, 6),
        "model": model,
        "top": top,
    }
    return json.dumps(values, ensure_ascii=False)


def as_alternatives(reading: Reading) -> str:
    """The most probable classes on one line, for a person to look at."""
    ranked = "  ".join(f"{text} {probability:.1%}" for text, probability in reading.prediction.top)
    return f"{one_line(reading.file)}: {ranked}"


@contextmanager
def open_output(path: str | None, inputs: Iterable[str] = ()) -> Iterator[TextIO]:
    """The file named, or stdout: UTF-8 on every system; closed at the end.

    Raises:
        UserError: it is one of the inputs, cannot be written, or the disk is full.
    """
    if path is not None and Path(path).resolve() in {Path(name).resolve() for name in inputs}:
        raise UserError(f"{one_line(path)}: is one of the pictures; name another --output")
    # A file name that is no valid Unicode must not stop the run; `\udcff` is valid JSON.
    options = {"encoding": "utf-8", "errors": "backslashreplace"}
    try:
        if path is None:
            sys.stdout.reconfigure(**options)
        with sys.stdout if path is None else open(path, "w", **options) as output:
            yield output
    except BrokenPipeError:
        raise
    except OSError as error:
        name = "stdout" if path is None else one_line(path)
        raise UserError(f"{name}: cannot be written ({error.strerror})") from None


def save_visual(reading: Reading, model: str, taken: set[Path]) -> Path:
    """Write input, model input and probabilities as one picture; see `plots.plot_prediction`.

    Args:
        taken: what this run has written, added to: a second `a.png` becomes `a_MODEL_2.png`.

    Raises:
        UserError: the picture cannot be written.
    """
    from handwriting.plots import plot_prediction, png_bytes  # matplotlib: slow to import

    figure = plot_prediction(reading.image, reading.model_input, reading.prediction.top)
    stem = "stdin" if reading.file == STDIN else Path(reading.file).stem
    folder = paths.outputs_dir() / "prediction_visuals"
    names = (f"{stem}_{model}{f'_{n}' if n > 1 else ''}.png" for n in count(1))
    path = next(folder / name for name in names if folder / name not in taken)
    taken.add(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png_bytes(figure))
    except OSError as error:
        raise UserError(f"{one_line(path)}: cannot be written ({error.strerror})") from None
    return path


def progress(files: list[str]) -> Iterable[str]:
    """A bar on stderr for a long list, nothing where stderr is not a terminal."""
    return tqdm(files, unit="image", leave=False, disable=len(files) < 100 or None)
