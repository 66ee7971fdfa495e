"""Arrays that take a while to make are kept in `data/cache/`, one .npz per set of inputs."""

import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from handwriting import paths

Arrays = dict[str, np.ndarray]


def fingerprint(*parts: object) -> str:
    """Eight bytes of SHA-256 over the `repr` of the inputs, as hexadecimal digits."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def code_and_data(*files: Path) -> str:
    """Fingerprint of file contents: a cache must not outlive the code or data it came from."""
    return fingerprint(*[hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in files])


def cached_arrays(name: str, key: str, build: Callable[[], Arrays]) -> Arrays:
    """Arrays by name from `data/cache/NAME-KEY.npz`, built and stored where absent.

    A cache that cannot be read is built again; a folder that cannot be written is no error,
    the arrays are then made anew each time.
    """
    file = paths.cache_dir() / f"{name}-{key}.npz"
    try:
        with np.load(file, allow_pickle=False) as stored:
            return dict(stored)
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        arrays = build()
    _store(file, arrays)
    return arrays


def _store(file: Path, arrays: Arrays) -> None:
    # Written beside and renamed: a process that is stopped leaves no half a cache.
    partial = file.with_name(f"{file.stem}.{os.getpid()}.partial.npz")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(partial, **arrays)
        os.replace(partial, file)
    except OSError:
        partial.unlink(missing_ok=True)
