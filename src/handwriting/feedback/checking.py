"""Rows against pictures: counting, checking, sweeping up and deleting."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from handwriting.errors import UserError
from handwriting.feedback.database import Database
from handwriting.feedback.pictures import PictureFolder

_UNUSED = "SELECT hash FROM images WHERE hash NOT IN (SELECT image FROM readings)"


def sweep(database: Database, pictures: PictureFolder) -> None:
    """Remove what killed processes left: half-written files, and pictures without a row.

    Raises:
        UserError: the database is damaged, so that rows may be missing; nothing is removed.
    """
    found = unlisted(database, pictures)
    if not found and not pictures.parts():
        return
    if faults := database_faults(database):
        raise UserError(
            f"{database.path}: damaged; restore it from a backup, or move the folder away "
            f"({faults[0]})"
        )
    remove_unlisted(database, pictures, found)


def unlisted(database: Database, pictures: PictureFolder) -> set[str]:
    """Hashes of pictures that no row names; one that is just being added may be among them."""
    names = pictures.names()
    return names - {name for (name,) in database.query("SELECT hash FROM images")}


def remove_unlisted(database: Database, pictures: PictureFolder, names: Iterable[str]) -> None:
    """Unlink those of the pictures that still have no row, and all half-written files.

    Raises:
        UserError: a file cannot be removed.
    """
    # Pictures are written under the same lock: none of another process is between file and row.
    with database.transaction() as rows:
        for name in names:
            if not rows.execute("SELECT 1 FROM images WHERE hash = ?", (name,)).fetchone():
                _remove(pictures.path(name))
        for part in pictures.parts():
            _remove(part)


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        cause = error.strerror or error
        raise UserError(f"{file}: cannot be removed ({cause}); check its permissions") from None


def delete(
    database: Database, pictures: PictureFolder, ids: Iterable[str] | None, source: str | None
) -> int:
    """See `FeedbackStore.delete`; everything where neither ids nor a source is given."""
    if ids is not None:
        chosen, value = "id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    else:
        chosen, value = ("source = ?", (source,)) if source is not None else ("TRUE", ())
    with database.transaction() as rows:
        gone = rows.execute(f"DELETE FROM readings WHERE {chosen}", value).rowcount
        if source is not None:
            gone += rows.execute("DELETE FROM corrections WHERE source = ?", (source,)).rowcount
        names = [name for (name,) in rows.execute(_UNUSED).fetchall()]
        rows.executemany("DELETE FROM images WHERE hash = ?", ((name,) for name in names))
    # Only now: a picture without a row is swept up later, a row without a picture is lost.
    remove_unlisted(database, pictures, names)
    if gone:
        database.scrub()
    return gone


def count(database: Database, size: int) -> dict:
    """See `FeedbackStore.counts`."""
    ((corrections, images),) = database.query(
        "SELECT (SELECT COUNT(*) FROM corrections), (SELECT COUNT(*) FROM images)"
    )
    rows = database.query(
        "SELECT kind, model, COUNT(*), COUNT(c.reading) FROM readings r "
        "LEFT JOIN (SELECT DISTINCT reading FROM corrections) c ON c.reading = r.id "
        "GROUP BY kind, model ORDER BY kind, model"
    )
    return {
        **_sums(rows),
        "corrections": corrections,
        "images": images,
        "bytes": size,
        "kinds": _by(rows, 0),
        "models": _by(rows, 1),
    }


def _by(rows: list[tuple], column: int) -> dict[str, dict[str, int]]:
    groups: dict[str, list[tuple]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return {name: _sums(group) for name, group in groups.items()}


def _sums(rows: list[tuple]) -> dict[str, int]:
    numbers = [row[2:] for row in rows]
    return {"readings": sum(n for n, _ in numbers), "corrected": sum(n for _, n in numbers)}


def database_faults(database: Database) -> list[str]:
    """What SQLite itself finds wrong."""
    try:
        found = [text for (text,) in database.query("PRAGMA integrity_check") if text != "ok"]
        broken = database.query("PRAGMA foreign_key_check")
    except UserError as error:
        return [str(error)]
    return found + [
        f"{table} row {row}: names no row of {other}" for table, row, other, _ in broken
    ]


def check(database: Database, pictures: PictureFolder) -> list[str]:
    """See `FeedbackStore.check`."""
    if faults := [f"{database.path.name}: {fault}" for fault in database_faults(database)]:
        return faults
    # Files first: one that is added meanwhile must not look like one without a row.
    files = list(pictures.files())
    names = [name for (name,) in database.query("SELECT hash FROM images ORDER BY hash")]
    for name in tqdm(names, desc="pictures", unit="image", disable=not sys.stderr.isatty()):
        try:
            pictures.load(name)
        except UserError as error:
            if _is_listed(database, name):  # not deleted meanwhile
                faults.append(str(error))
    return faults + [_file_fault(file, pictures) for file in _strays(files, database, pictures)]


def _is_listed(database: Database, name: str) -> bool:
    return bool(database.query("SELECT 1 FROM images WHERE hash = ?", (name,)))


def _strays(files: list[Path], database: Database, pictures: PictureFolder) -> list[Path]:
    strays = []
    for file in sorted(files):
        listed = pictures.is_own(file) and _is_listed(database, file.stem)
        if not (listed and file.suffix == ".png") and file.exists():
            strays.append(file)
    return strays


def _file_fault(file: Path, pictures: PictureFolder) -> str:
    if not pictures.is_own(file):
        return f"{file}: not a file of this store; move it away"
    return f"{file}: belongs to no reading; it goes when the store is next opened"
