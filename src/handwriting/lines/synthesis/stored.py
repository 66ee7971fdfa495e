"""Synthetic lines made once and kept: one compressed file in `data/cache/`."""

import io
import json
import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from handwriting.datasets.cache import Arrays, cached_arrays, fingerprint
from handwriting.lines.charset import DEFAULT_CHARSET, Charset
from handwriting.lines.data import Line, LineSplit
from handwriting.lines.synthesis.emnist_script import emnist_images
from handwriting.lines.synthesis.synthesiser import SOURCE, Synthesiser, line_at
from handwriting.paths import data_dir

VERSION = 2  # raise it when the same seed gives other lines
_QUALITY = 45  # WebP, near that of the real lines
_EFFORT = 2  # of 6: hardly larger files than at 4 in half the time
_BATCH = 50


def cached_synthetic(
    count: int,
    seed: int,
    *,
    text_folder: Path | None = None,
    font_folder: Path | None = None,
    emnist: bool = True,
    charset: Charset = DEFAULT_CHARSET,
    workers: int = 1,
) -> LineSplit:
    """The lines of `synthesise(count, seed)`, made at the first call and read at every later.

    The pictures are compressed with loss (about 3 KB each), the texts are exact.

    Args:
        workers: processes that make lines; the lines do not depend on it.

    Raises:
        UserError: there is no text or no font.
    """
    text_folder = Path(text_folder or data_dir() / "text")
    font_folder = Path(font_folder or data_dir() / "fonts")
    settings = (text_folder, font_folder, emnist, charset)
    files = [*text_folder.glob("*.txt"), *font_folder.glob("*.ttf"), *font_folder.glob("*.csv")]
    contents = sorted((file.name, file.stat().st_size) for file in files)
    emnist_there = emnist and emnist_images(data_dir()) is not None
    key = fingerprint(VERSION, count, seed, emnist_there, charset.characters, contents)
    stored = cached_arrays(
        "synthetic", key, lambda: _pack(_make(count, seed, settings, workers), count)
    )
    return _unpack(stored)


def _make(count: int, seed: int, settings: tuple, workers: int) -> Iterator[tuple]:
    """(WebP, text, language, writer) of each line in order."""
    tasks = [(seed, start, min(_BATCH, count - start)) for start in range(0, count, _BATCH)]
    if workers <= 1:
        _prepare(settings)
        for task in tasks:
            yield from _batch(task)
        return
    # Fresh processes: a fork of one that has started TensorFlow may hang.
    with multiprocessing.get_context("spawn").Pool(workers, _prepare, (settings,)) as pool:
        for batch in pool.imap(_batch, tasks):
            yield from batch


_synthesiser: Synthesiser | None = None  # of this process


def _prepare(settings: tuple) -> None:
    global _synthesiser
    _synthesiser = Synthesiser(*settings)


def _batch(task: tuple[int, int, int]) -> list[tuple]:
    seed, start, count = task
    lines = (line_at(_synthesiser, seed, number) for number in range(start, start + count))
    return [(_encode(line.image), line.text, line.language, line.writer) for line in lines]


def _encode(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "WEBP", quality=_QUALITY, method=_EFFORT)
    return file.getvalue()


def _pack(made: Iterator[tuple], count: int) -> Arrays:
    quiet = not sys.stderr.isatty()
    rows = list(tqdm(made, "synthetic lines", count, unit="line", disable=quiet))
    pictures, *facts = zip(*rows, strict=True) if rows else ((), (), (), ())
    ends = np.cumsum([len(picture) for picture in pictures], dtype=np.int64)
    # Texts as JSON: numpy would keep each as long as the longest, or as a pickle.
    return {
        "pictures": np.frombuffer(b"".join(pictures), np.uint8),
        "ends": ends,
        "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
    }


def _unpack(stored: Arrays) -> LineSplit:
    pictures = np.split(stored["pictures"], stored["ends"][:-1]) if len(stored["ends"]) else []
    rows = zip(pictures, *json.loads(stored["facts"].tobytes()), strict=True)
    quiet = not sys.stderr.isatty()
    return LineSplit(
        tuple(
            Line(cv2.imdecode(picture, cv2.IMREAD_GRAYSCALE), text, SOURCE, language, writer)
            for picture, text, language, writer in tqdm(
                rows, "reading synthetic lines", len(pictures), unit="line", disable=quiet
            )
        )
    )
