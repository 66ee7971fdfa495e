"""Disk errors as one clear line, file hashes, and a progress bar that knows when to be quiet."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from tqdm import tqdm

from handwriting.errors import UserError

CHUNK = 1 << 18

REMEDIES = {
    errno.ENOSPC: "the disk is full; free some space, or name another folder with --data",
    errno.EDQUOT: "the disk quota is used up; free some space, or name another folder with --data",
    errno.EACCES: "no permission; name a folder you may write to with --data",
    errno.EPERM: "no permission; name a folder you may write to with --data",
    errno.EROFS: "the file system is read-only; name another folder with --data",
}


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` from the file system into a `UserError` that names `path`."""
    try:
        yield
    except OSError as error:
        remedy = REMEDIES.get(error.errno, error.strerror or str(error))
        raise UserError(f"{path}: {remedy}") from error


@contextmanager
def open_file(path: Path, mode: str) -> Iterator[BinaryIO]:
    """`open` whose failure is a `UserError`; errors while the file is in use stay as they are."""
    with ExitStack() as stack:
        with disk_errors(path):
            stream = stack.enter_context(open(path, mode))
        yield stream


def make_folder(folder: Path) -> None:
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def need_space(folder: Path, needed: int) -> None:
    """Say before the work, not after an hour of it, that the disk is too small."""
    with disk_errors(folder):
        free = shutil.disk_usage(folder).free
    if needed > free:
        raise UserError(
            f"{folder}: the disk is too full: {megabytes(needed)} needed, {megabytes(free)} free; "
            "free some space, or name another folder with --data"
        )


def read_chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def hash_file(path: Path, algorithm: str) -> str:
    """The lower-case hex digest of a file, read in pieces."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with disk_errors(path), open(path, "rb") as stream:
        for chunk in read_chunks(stream):
            digest.update(chunk)
    return digest.hexdigest()


def sidecar(path: Path) -> Path:
    """Where the hash of a first download is kept, in the format of `sha256sum`."""
    return path.with_name(path.name + ".sha256")


def record_hash(path: Path) -> str:
    found = hash_file(path, "sha256")
    with disk_errors(sidecar(path)):
        sidecar(path).write_text(f"{found}  {path.name}\n", encoding="utf-8")
    return found


def recorded_hash(path: Path) -> str:
    """The SHA-256 noted at the first download, or an empty string."""
    try:
        words = sidecar(path).read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        return ""
    return words[0].lower() if words else ""


def set_aside(path: Path, ending: str) -> Path:
    """Rename `path` to a free name that ends in `.ending` and return that name."""
    for number in range(1000):
        other = path.with_name(f"{path.name}.{ending}" + (f"-{number}" if number else ""))
        if not other.exists():
            break
    with disk_errors(path):
        os.replace(path, other)
    return other


def progress(total: int | None, title: str, unit: str = "B") -> tqdm:
    """A bar on stderr; `disable=None` keeps it quiet when that is not a terminal."""
    return tqdm(total=total or None, desc=title, unit=unit, unit_scale=unit == "B", disable=None)


def megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
