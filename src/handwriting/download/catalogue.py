"""`data/datasets.toml` as frozen dataclasses: what each data set is and where it comes from."""

import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from handwriting import paths
from handwriting.errors import UserError


@dataclass(frozen=True)
class FileEntry:
    """One file that a complete data set has.

    Attributes:
        path: where it lies under the data folder, with `/`.
        url: its address; empty for a file that comes out of an archive.
        size: bytes, 0 where not known.
        sha256, md5: of the file as published, lower-case hex; empty where not known.
        content_sha256: of the unpacked content of a `.gz`: gzip packed anew has other
            bytes but the same content, and is as good.
        items: images or labels in an idx file as published, 0 where it is none.
    """

    path: str
    url: str = ""
    size: int = 0
    sha256: str = ""
    md5: str = ""
    content_sha256: str = ""
    items: int = 0


@dataclass(frozen=True)
class Archive:
    """A zip or tar that is fetched, checked and unpacked.

    Attributes:
        file: the archive itself, kept under `downloads/`.
        target: folder under the data folder that appears when all is unpacked.
        kaggle: `owner/name` for an archive that Kaggle hands out; else empty.
        inside: folder of the archive whose content is meant; empty for all of it.
        keep: top folders to unpack, below `inside`; empty for all.
        max_bytes, max_members, max_ratio: refuse an archive that unpacks to more.
    """

    file: FileEntry
    target: str
    kaggle: str = ""
    inside: str = ""
    keep: tuple[str, ...] = ()
    max_bytes: int = 4 << 30
    max_members: int = 100_000
    max_ratio: float = 100.0


@dataclass(frozen=True)
class DataSet:
    """One entry of the catalogue.

    Attributes:
        name: what the command line calls it.
        files: what a complete set has; files with a `url` are fetched one by one.
        archive: where the files without a `url` come from, or None.
        class_folders: folders under the data folder with one subfolder per class.
        classes: how many subfolders each of them has.
    """

    name: str
    title: str
    licence: str
    size: str
    source: str
    citation: str
    by_hand: str
    files: tuple[FileEntry, ...] = ()
    archive: Archive | None = None
    class_folders: tuple[str, ...] = ()
    classes: int = 0


def load_catalogue(path: Path | None = None) -> dict[str, DataSet]:
    """Read the catalogue.

    Args:
        path: another catalogue, for example one that names a mirror.

    Raises:
        UserError: the file is missing, is not TOML, or an entry is not as it should be.
    """
    path = path or paths.ROOT / "data" / "datasets.toml"
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        return {name: _data_set(name, table) for name, table in tables.items()}
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise UserError(f"{path}: not a valid catalogue of data sets: {error}") from error


def _data_set(name: str, table: dict) -> DataSet:
    values = dict(table)
    files = tuple(_file(**entry) for entry in values.pop("files", []))
    archive = _archive(**values.pop("archive")) if "archive" in values else None
    folders = tuple(_inside(folder) for folder in values.pop("class_folders", []))
    return DataSet(name, files=files, archive=archive, class_folders=folders, **values)


def _archive(file: dict, target: str, keep: list[str] = (), **limits) -> Archive:
    return Archive(_file(**file), _inside(target), keep=tuple(keep), **limits)


def _file(path: str, **values) -> FileEntry:
    return FileEntry(_inside(path), **values)


def _inside(path: str) -> str:
    """A catalogue from elsewhere must not reach outside the data folder either."""
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or PurePosixPath(path).is_absolute() or "\\" in path:
        raise ValueError(f"path {path!r} leaves the data folder")
    return path
