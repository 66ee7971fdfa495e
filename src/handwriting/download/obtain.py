"""Make a data set complete: fetch what is missing, check it, unpack it."""

import sys
from pathlib import Path

from handwriting.download.archives import unpack
from handwriting.download.catalogue import DataSet, FileEntry
from handwriting.download.checks import COMPLETE, check_file, problem_of
from handwriting.download.disk import record_hash, set_aside
from handwriting.download.fetch import fetch
from handwriting.download.kaggle import fetch_kaggle
from handwriting.download.status import check_set
from handwriting.errors import UserError


def obtain_all(data_sets: list[DataSet], data: Path) -> int:
    """Obtain several; one that fails is one line on stderr and the others still go on.

    Returns:
        The exit status: 0, or 2 if any failed.
    """
    status = 0
    for data_set in data_sets:
        try:
            obtain(data_set, data)
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            status = 2
    return status


def obtain(data_set: DataSet, data: Path) -> None:
    """Bring one data set into the folder `data`; what is complete there is left alone.

    Raises:
        UserError: see `fetch`, `fetch_kaggle` and `unpack`.
    """
    if all(state.state == COMPLETE for state in check_set(data_set, data)):
        print(f"{data_set.name}: complete in {data}")
        return
    _say_licence(data_set)
    for entry in data_set.files:
        if entry.url:
            _obtain_file(entry, data)
    if data_set.archive:
        _obtain_archive(data_set, data)
    _confirm(data_set, data)


def _say_licence(data_set: DataSet) -> None:
    print(f"{data_set.name}: {data_set.size}; licence: {data_set.licence}", flush=True)


def _obtain_file(entry: FileEntry, data: Path) -> None:
    path = data / entry.path
    state = check_file(path, entry)
    if state.state == COMPLETE:
        return
    fetch(entry.url, path, lambda part: problem_of(part, entry), entry.size)
    _note(path, entry)


def _note(path: Path, entry: FileEntry) -> None:
    """Say by what a new file was known; note its hash where the catalogue has none."""
    reason = check_file(path, entry).reason
    if not entry.sha256:
        reason += f"; SHA-256 {record_hash(path)} noted for later checks"
    print(f"  {entry.path}: {reason}", flush=True)


def _obtain_archive(data_set: DataSet, data: Path) -> None:
    archive = data_set.archive
    path = data / archive.file.path
    if not path.is_file():
        _fetch_archive(data_set, path)
    elif problem := problem_of(path, archive.file):
        _replace_archive(data_set, path, problem)
    old = unpack(path, data / archive.target, archive)
    print(f"  {archive.target}: unpacked from {archive.file.path}, which may be deleted now")
    if old:
        print(f"  what was in {archive.target} before is now {old}")


def _fetch_archive(data_set: DataSet, path: Path) -> None:
    entry = data_set.archive.file
    if data_set.archive.kaggle:
        fetch_kaggle(data_set, path)
    else:
        fetch(entry.url, path, lambda part: problem_of(part, entry), entry.size)
    _note(path, entry)


def _replace_archive(data_set: DataSet, path: Path, problem: str) -> None:
    """A bad archive (often saved by hand) is kept aside, and fetched if that is possible."""
    if data_set.archive.kaggle:
        raise UserError(f"{path}: {problem}; delete it and fetch it again")
    broken = set_aside(path, "broken")
    print(f"  {path.name}: {problem}; kept as {broken.name}, fetching it anew", flush=True)
    _fetch_archive(data_set, path)


def _confirm(data_set: DataSet, data: Path) -> None:
    bad = [state for state in check_set(data_set, data) if state.state != COMPLETE]
    if bad:
        raise UserError(
            f"{data_set.name}: {len(bad)} files are still not as published, first {bad[0].path}: "
            f"{bad[0].state}, {bad[0].reason}"
        )
    print(f"{data_set.name}: complete in {data}")
