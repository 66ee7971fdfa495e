"""Members of a zip and of a tar seen alike, with names that stay inside the folder."""

import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from handwriting.errors import UserError


@dataclass(frozen=True)
class Member:
    """One entry of an archive.

    Attributes:
        name: as the archive has it.
        size: bytes it unpacks to, by its own account.
        kind: `file`, `folder`, or what else it is: never unpacked.
        open: gives its content as a binary stream.
    """

    name: str
    size: int
    kind: str
    open: Callable[[], BinaryIO]

    @property
    def is_folder(self) -> bool:
        return self.kind == "folder"


def zip_members(archive: zipfile.ZipFile) -> Iterator[Member]:
    for info in archive.infolist():
        yield Member(
            info.orig_filename,
            info.file_size,
            _zip_kind(info),
            lambda info=info: archive.open(info),
        )


def _zip_kind(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 1:
        return "encrypted file"
    # The upper half holds the Unix mode where the zip was made on Unix, else 0.
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "device"
    return "folder" if info.is_dir() else "file"


def tar_members(archive: tarfile.TarFile) -> Iterator[Member]:
    # One by one: a list of all would read a tar.gz bomb to its end first.
    for info in archive:
        yield Member(
            info.name,
            info.size,
            _tar_kind(info),
            lambda info=info: archive.extractfile(info),
        )


def _tar_kind(info: tarfile.TarInfo) -> str:
    if info.isdir():
        return "folder"
    if info.issym() or info.islnk():
        return "link"
    return "file" if info.isreg() and not info.issparse() else "device"


def safe_parts(path: Path, member: Member) -> tuple[str, ...]:
    """The name of a member in parts, for any system.

    Raises:
        UserError: it is absolute, has `..` or a drive letter, or is a link, a device or
            encrypted.
    """
    if member.kind not in ("file", "folder"):
        raise UserError(f"{path}: refused: {member.name!r} is a {member.kind}")
    # Windows takes a backslash for a separator and "C:" for a drive: take them so everywhere.
    name = member.name.replace("\\", "/")
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    absolute = name.startswith("/")
    unsafe = any(part == ".." or ":" in part or not part.isprintable() for part in parts)
    if absolute or unsafe or (not parts and member.kind == "file"):
        raise UserError(f"{path}: refused: {member.name!r} would leave the folder")
    return parts
