"""What `predict.py` does: inputs from the command line, readings to stdout, errors to stderr."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from handwriting import paths
from handwriting.errors import UserError
from handwriting.images.sources import one_line
from handwriting.reader import STDIN, Reading
from handwriting.recognizer import Prediction

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".pgm", ".ppm"}


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


def as_json(reading: Reading) -> str:
    """One line of JSON: file, text, confidence, model; then top, or of a line its words."""
    prediction = reading.prediction
    values = {
        "file": reading.file,
        "text": prediction.text,
        "confidence": round(prediction.confidence, 6),
        "model": reading.model,
    }
    if isinstance(prediction, Prediction):
        values["top"] = [{"text": text, "probability": round(p, 6)} for text, p in prediction.top]
    else:
        values["words"] = [
            _word(word, box) for word, box in zip(prediction.words, reading.boxes, strict=True)
        ]
    return json.dumps(values, ensure_ascii=False)


def _word(word, box: tuple[int, int, int, int]) -> dict:
    return {
        "text": word.text,
        "box": list(box),
        "confidence": round(word.confidence, 6),
        "alternatives": [
            {"text": text, "probability": round(p, 6)} for text, p in word.alternatives
        ],
    }


def as_alternatives(reading: Reading, count: int) -> str:
    """The most probable classes, or other readings of each word, for a person to look at."""
    prediction = reading.prediction
    if isinstance(prediction, Prediction):
        return f"{one_line(reading.file)}: {_ranked(prediction.top)}"
    words = (_ranked(word.alternatives[:count]) for word in prediction.words if word.alternatives)
    return f"{one_line(reading.file)}: {' | '.join(words) or 'no other reading'}"


def _ranked(readings) -> str:
    return "  ".join(f"{text} {probability:.1%}" for text, probability in readings)


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


def save_visual(reading: Reading, taken: set[Path]) -> Path:
    """Write input, model input and what was read as one picture.

    Args:
        taken: what this run has written, added to: a second `a.png` becomes `a_MODEL_2.png`.

    Raises:
        UserError: the picture cannot be written.
    """
    from handwriting.plots import plot_prediction, png_bytes  # matplotlib: slow to import

    if isinstance(reading.prediction, Prediction):
        figure = plot_prediction(reading.image, reading.model_input, reading.prediction.top)
    else:
        from handwriting.lines.reading_plot import plot_reading

        figure = plot_reading(reading.image, reading.model_input, reading.prediction)
    stem = "stdin" if reading.file == STDIN else Path(reading.file).stem
    folder = paths.outputs_dir() / "prediction_visuals"
    names = (f"{stem}_{reading.model}{f'_{n}' if n > 1 else ''}.png" for n in count(1))
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
