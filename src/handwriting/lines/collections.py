"""The handwritten lines given as parquet files, one a collection, and named mixes of them."""

import io
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from handwriting import paths
from handwriting.errors import UserError
from handwriting.lines.data import LINE_HEIGHT, Line, LineData, LineSplit, merge
from handwriting.machine import available_cores

# What the base model trains on. `peraire` stays out: one hand, kept to measure how well
# the model adapts to a writer it has never seen.
BASE = ("copiste", "hooker", "dhsd", "ymerej", "poilus", "mss19", "timeus")
HELD_OUT = ("peraire",)
COLLECTIONS = (*BASE, *HELD_OUT)


def find_lines(dataset: str) -> LineData:
    """By name (see `load_lines`), several joined by +, or one's own file or folder (`readers`).

    Raises:
        UserError: neither, or nothing readable in it.
    """
    parts = dataset.split("+")
    if all(part == "lines" or part in COLLECTIONS for part in parts):
        return merge(dataset, [load_lines(p) for p in parts]) if parts[1:] else load_lines(dataset)
    if Path(dataset).suffix == ".parquet":
        return read_parquet(Path(dataset))
    if Path(dataset).exists():
        from handwriting.lines.readers import read_lines

        return read_lines(Path(dataset))
    known = ", ".join(("lines", *COLLECTIONS))
    raise UserError(f"no line data {dataset!r}; there are {known}, or give a file or folder")


def load_lines(name: str) -> LineData:
    """A collection by name, or `lines` for all that the base model trains on.

    Raises:
        UserError: an unknown name, or the file is missing or broken.
    """
    if name == "lines":
        return merge(name, [load_lines(part) for part in BASE])
    if name not in COLLECTIONS:
        raise UserError(f"no line data {name!r}; there are lines, {', '.join(COLLECTIONS)}")
    return _load_parquet(paths.data_dir() / "lines" / f"{name}.parquet")


@lru_cache(16)
def _load_parquet(path: Path) -> LineData:
    return read_parquet(path)


def read_parquet(path: Path) -> LineData:
    """Columns image (an encoded picture), text, language, writer, page, split.

    Raises:
        UserError: the file is missing, no parquet, or lacks a column.
    """
    import pandas as pd

    if not path.is_file():
        raise UserError(f"{path}: missing; see data/README.md for the handwritten lines")
    try:
        frame = pd.read_parquet(path)
        rows = list(
            zip(
                frame["image"],
                frame["text"],
                frame["language"],
                frame["writer"],
                frame["page"],
                frame["split"],
                strict=True,
            )
        )
        with ThreadPoolExecutor(available_cores()) as pool:
            images = list(pool.map(_decode, (row[0] for row in rows)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: not a parquet file of lines ({error})") from None
    splits = {"train": [], "validation": [], "test": []}
    for image, (_, text, language, writer, page, split) in zip(images, rows, strict=True):
        if split not in splits:
            raise UserError(f"{path}: a split {split!r}; there are {', '.join(splits)}")
        splits[split].append(Line(image, text, path.stem, language, str(writer), str(page)))
    return LineData(path.stem, *(LineSplit(tuple(lines)) for lines in splits.values()))


def _decode(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as picture:
        image = np.asarray(picture.convert("L"))
    if image.shape[0] != LINE_HEIGHT:
        raise ValueError(f"a line of {image.shape[0]} pixels, not {LINE_HEIGHT}")
    return image
