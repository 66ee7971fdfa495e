"""Finding files and reading text, whatever state people keep them in."""

import codecs
import os
from collections.abc import Iterable
from pathlib import Path

IMAGE_TYPES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"}
# A label or a layout file larger than this is something else.
MOST_BYTES = 50_000_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def files_under(folder: Path) -> list[Path]:
    """All files in a folder and below, sorted; hidden ones and archive debris left out."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f != "__MACOSX")
        found += [Path(parent, name) for name in sorted(names) if not name.startswith(".")]
    return found


def images_in(files: Iterable[Path]) -> list[Path]:
    return [file for file in files if file.suffix.lower() in IMAGE_TYPES]


def read_text(file: Path) -> str:
    """A text file in UTF-8, with or without a byte order mark, UTF-16, or Windows' Latin-1.

    Raises:
        OSError: it cannot be read.
        ValueError: it is too large or holds no text.
    """
    data = read_bytes(file)
    mark = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(mark)
    except UnicodeDecodeError:
        # Every byte means something in Latin-1; Windows puts quotes where it has controls.
        text = data.decode("cp1252", errors="replace").replace("\ufffd", "")
    if "\0" in text:
        raise ValueError("not a text file")
    return text


def read_bytes(file: Path) -> bytes:
    """The bytes of a regular file of moderate size.

    Raises:
        OSError, ValueError: it cannot be read, or is too large.
    """
    if not file.is_file():
        raise ValueError("not a file")
    if file.stat().st_size > MOST_BYTES:
        raise ValueError("larger than any label file")
    return file.read_bytes()


class ImageIndex:
    """Pictures by name, in any letter case, with or without their ending."""

    def __init__(self, files: Iterable[Path]):
        self._by_name: dict[str, list[Path]] = {}
        self._by_stem: dict[str, list[Path]] = {}
        for file in images_in(files):
            self._by_name.setdefault(file.name.lower(), []).append(file)
            self._by_stem.setdefault(file.stem.lower(), []).append(file)

    def find(self, *names: str, near: Path | None = None) -> Path | None:
        """The picture of the first name that has one; of several the nearest to `near`.

        Args:
            names: file names, of which only the last part of a path counts.
        """
        for name in names:
            name = name.replace("\\", "/").rsplit("/", 1)[-1].strip().lower()
            stem = name.rsplit(".", 1)[0]
            for table, key in (
                (self._by_name, name),
                (self._by_stem, stem),
                (self._by_stem, name),
            ):
                if key and key in table:
                    return min(table[key], key=lambda file: _steps(file, near))
        return None


def _steps(file: Path, near: Path | None) -> int:
    """Folders up and down from `near` to a file."""
    if near is None:
        return len(file.parts)
    common = len(os.path.commonpath([file.parent, near.parent]).split(os.sep))
    return len(file.parent.parts) + len(near.parent.parts) - 2 * common
