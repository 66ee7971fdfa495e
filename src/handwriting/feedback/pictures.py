"""Pictures on disk, named by their pixels: each is there in full or not at all."""

import hashlib
import io
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin  # noqa: F401 - else Pillow imports every plugin

from handwriting.errors import UserError

PART = ".part"  # ending of a file that is not complete yet
_NAME = re.compile(r"[0-9a-f]{64}\.png")


def image_hash(image: np.ndarray) -> str:
    """SHA-256 of shape and pixels, (H, W) uint8: whatever wrote the file, the name is the same."""
    digest = hashlib.sha256(repr(image.shape).encode())
    digest.update(np.ascontiguousarray(image))
    return digest.hexdigest()


def as_png(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="png", optimize=False)
    return buffer.getvalue()


class PictureFolder:
    """PNG files under `folder/ab/ab….png`; 256 sub-folders keep each of them short."""

    def __init__(self, folder: Path):
        self.folder = folder

    def path(self, name: str) -> Path:
        """Where the picture with this hash lies, or would lie."""
        return self.folder / name[:2] / f"{name}.png"

    def save(self, pngs: dict[str, bytes]) -> list[str]:
        """Write PNG files by hash so that they survive a power failure; those that were not there.

        The caller holds the store's write lock, so that nobody sweeps them away meanwhile.

        Raises:
            OSError: the disk is full or cannot be written; nothing is left behind.
        """
        new = [name for name in pngs if not self.path(name).is_file()]
        try:
            for name in new:
                self._write(self.path(name), pngs[name])
            for folder in {self.path(name).parent for name in new}:
                _sync_folder(folder)
        except BaseException:
            for path in map(self.path, new):
                for left in (path.with_suffix(PART), path):
                    with suppress(OSError):
                        left.unlink(missing_ok=True)
            raise
        return new

    def _write(self, path: Path, data: bytes) -> None:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            _sync_folder(self.folder)
        part = path.with_suffix(PART)
        write_durably(part, data)
        os.replace(part, path)

    def load(self, name: str) -> np.ndarray:
        """(H, W) uint8, checked against its name.

        Raises:
            UserError: missing, damaged, or not the picture that was stored.
        """
        path = self.path(name)
        try:
            with Image.open(path, formats=["PNG"]) as picture:
                image = np.array(picture.convert("L"))
        except FileNotFoundError:
            raise UserError(f"{path}: the picture is missing; restore it from a backup") from None
        except Exception as error:  # Pillow raises nearly anything on damaged files
            raise _damaged(path, str(error)) from None
        if image_hash(image) != name:
            raise _damaged(path, "other pixels than were stored")
        return image

    def files(self) -> Iterator[Path]:
        """Every file below the folder, also such as the store never wrote."""
        for parent, _, names in os.walk(self.folder):
            for name in names:
                yield Path(parent, name)

    def names(self) -> set[str]:
        """Hashes of the pictures that are there, by their names alone."""
        return {file.stem for file in self.files() if self.is_own(file) and file.suffix == ".png"}

    def parts(self) -> list[Path]:
        """What killed processes left half written."""
        return [file for file in self.files() if self.is_own(file) and file.suffix == PART]

    def is_own(self, file: Path) -> bool:
        """Whether the store gave a file its name: nothing else is ever touched."""
        name = file.with_suffix(".png").name
        return bool(_NAME.fullmatch(name)) and file.parent == self.path(name[:64]).parent


def write_durably(path: Path, data: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder durable, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(path: Path, cause: str) -> UserError:
    cause = " ".join(cause.split())
    return UserError(f"{path}: damaged ({cause}); restore it from a backup or delete the reading")
