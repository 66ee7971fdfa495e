"""Files that are there in full or not at all."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from handwriting.errors import UserError
from handwriting.images.sources import fail


def write_file(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Call `write(stream)` for a file that takes the place of `path` once it is complete.

    Raises:
        UserError: the place cannot be written to.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            with open(path, "wb") as stream:  # /dev/stdout or a pipe, which nothing can replace
                write(stream)
        else:
            _replace(path.resolve(), write)
    except BrokenPipeError:
        raise  # the reader of a pipe went away, which is no mistake
    except OSError as error:
        raise _unwritable(path, error) from None


def _replace(path: Path, write: Callable[[BinaryIO], None]) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with open(partial, "wb") as stream:
            write(stream)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> UserError:
    if isinstance(error, FileNotFoundError):
        return fail(str(path), f"no folder {path.parent}", "make it first, or name another")
    if path.is_dir():
        return fail(str(path), "is a folder", "name a file in it")
    cause = f"cannot be written ({error.strerror or error})"
    return fail(str(path), cause, "name another place")
