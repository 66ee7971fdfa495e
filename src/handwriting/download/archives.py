"""Unpack a zip or tar that nobody vouches for: all or nothing, and nothing outside its folder."""

import json
import lzma
import os
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from handwriting.download.catalogue import Archive
from handwriting.download.disk import (
    disk_errors,
    make_folder,
    megabytes,
    need_space,
    open_file,
    progress,
    read_chunks,
    set_aside,
)
from handwriting.download.members import Member, safe_parts, tar_members, zip_members
from handwriting.errors import UserError

# How many files a finished unpack has; `--check` counts again.
MANIFEST = "unpacked.json"
# What the standard library raises for bytes it cannot read. An OSError is its too: those of
# the disk are UserErrors by then.
DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, ValueError, NotImplementedError),
)


def unpack(path: Path, target: Path, rules: Archive) -> Path | None:
    """Unpack an archive to `target`, which appears in one step when all of it is right.

    Args:
        path: zip, tar or tar.gz.
        target: the new folder; one that is there already is set aside as `NAME.old`.
        rules: what to unpack and the limits, see `Archive`.

    Returns:
        Where a former `target` is now, or None.

    Raises:
        UserError: the archive is damaged, reaches outside the folder, or is too large; the
            disk is full. `target` is then as it was before.
    """
    temporary = target.with_name(f".{target.name}.unpacking")
    # Left by an unpack that was killed: never looked at, made anew.
    shutil.rmtree(temporary, ignore_errors=True)
    make_folder(temporary)
    try:
        count = _unpack_members(path, temporary, rules)
        with disk_errors(temporary):
            (temporary / MANIFEST).write_text(json.dumps({"files": count}), encoding="utf-8")
        old = set_aside(target, "old") if target.exists() else None
        with disk_errors(target):
            os.replace(temporary, target)
        return old
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _unpack_members(path: Path, folder: Path, rules: Archive) -> int:
    with open_file(path, "rb") as stream:
        try:
            if zipfile.is_zipfile(stream):
                with zipfile.ZipFile(stream) as archive:
                    return _write_all(path, zip_members(archive), folder, rules)
            stream.seek(0)
            with tarfile.open(fileobj=stream) as archive:
                return _write_all(path, tar_members(archive), folder, rules)
        except DAMAGE as error:
            raise UserError(
                f"{path}: damaged archive ({_damage(error)}); delete it and fetch it again"
            ) from error


def _damage(error: Exception) -> str:
    if type(error) is tarfile.ReadError:
        return "neither a whole zip nor a whole tar"
    return " ".join(str(error).split()) or type(error).__name__


def _write_all(path: Path, members: Iterable[Member], folder: Path, rules: Archive) -> int:
    chosen = _survey(path, members, rules)
    if not chosen:
        wanted = ", ".join(filter(None, (rules.inside, *rules.keep))) or "any file"
        raise UserError(f"{path}: the archive does not hold {wanted}; it is not the data set meant")
    need_space(folder, sum(member.size for member, _ in chosen))
    with progress(len(chosen), f"unpacking {path.name}", unit="file") as bar:
        for member, parts in chosen:
            _write(path, member, folder.joinpath(*parts))
            bar.update()
    return len(chosen)


def _survey(path: Path, members: Iterable[Member], rules: Archive) -> list:
    """Look at every member before the first byte is written; return those to unpack."""
    packed, total, chosen = max(path.stat().st_size, 1), 0, {}
    for number, member in enumerate(members, start=1):
        parts = safe_parts(path, member)
        total += member.size
        _hold_limits(path, number, total, total / packed, rules)
        kept = None if member.is_folder else place(parts, rules)
        if kept in chosen:
            raise UserError(f"{path}: refused: {member.name!r} is in the archive twice")
        if kept:
            chosen[kept] = member
    return [(member, parts) for parts, member in chosen.items()]


def _hold_limits(path: Path, number: int, total: int, ratio: float, rules: Archive) -> None:
    cause = ""
    if number > rules.max_members:
        cause = f"more than {rules.max_members:,} files"
    elif total > rules.max_bytes:
        cause = f"unpacks to more than {megabytes(rules.max_bytes)}"
    elif ratio > rules.max_ratio:
        cause = f"unpacks to more than {rules.max_ratio:g} times its size"
    if cause:
        raise UserError(f"{path}: refused: {cause}; it may be a zip bomb")


def place(parts: tuple[str, ...], rules: Archive) -> tuple[str, ...] | None:
    """Where a member goes below the target, or None if it is not wanted.

    >>> rules = Archive(None, "emnist/gzip", inside="gzip")
    >>> place(("gzip", "a.gz"), rules), place(("__MACOSX", "a.gz"), rules)
    (('a.gz',), None)
    """
    if rules.inside:
        if parts[0] != rules.inside:
            return None
        parts = parts[1:]
    if not parts or (rules.keep and parts[0] not in rules.keep):
        return None
    return parts


def _write(path: Path, member: Member, destination: Path) -> None:
    make_folder(destination.parent)
    left = member.size
    with open_file(destination, "xb") as out, member.open() as source:
        for chunk in read_chunks(source):
            left -= len(chunk)
            if left < 0:
                raise UserError(f"{path}: refused: {member.name!r} is larger than it announces")
            with disk_errors(destination):
                out.write(chunk)
    if left:
        raise EOFError(f"{member.name!r} is cut off")
