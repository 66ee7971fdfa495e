"""A model as named arrays in one file, with nothing pickled in it."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from handwriting.errors import UserError

_FORMAT = 1
Model = TypeVar("Model")


def write_arrays(path: str | Path, arrays: dict) -> None:
    """Write `.npz`; the same arrays give the same bytes."""
    with open(path, "wb") as file:
        np.savez_compressed(file, format=_FORMAT, **arrays)


def read_model(path: str | Path, kind: str, remedy: str, make: Callable[[dict], Model]) -> Model:
    """What `make` makes of the arrays that `write_arrays` wrote.

    Raises:
        UserError: the file is missing, broken, of another format, or not what `make` takes;
            it names the `kind` of model, and the command that is the `remedy`.
    """
    if not Path(path).is_file():
        raise UserError(f"{path}: missing; make it with `{remedy}`")
    try:
        with np.load(path, allow_pickle=False) as file:
            content = {name: file[name] for name in file.files}
        if content.pop("format") != _FORMAT:
            raise ValueError("another format")
        return make(content)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"{path}: not {kind} ({error}); make it anew with `{remedy}`") from None
