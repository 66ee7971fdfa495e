"""Everything that is ever added to a store, each in one transaction."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from handwriting.errors import UserError
from handwriting.feedback.checking import remove_unlisted
from handwriting.feedback.database import Database
from handwriting.feedback.entries import Entry
from handwriting.feedback.pictures import PictureFolder

CheckRoom = Callable[[int], None]  # raises where so many bytes more are too many
_INSERT = f"INSERT INTO readings VALUES (NULL{', ?' * 11})"
_NEWEST = "SELECT text, source FROM corrections WHERE reading = ? ORDER BY number DESC LIMIT 1"
_USE = """
INSERT OR IGNORE INTO uses
SELECT MAX(number), ?, ? FROM corrections
WHERE reading IN (SELECT value FROM json_each(?)) GROUP BY reading
"""


def add_readings(
    database: Database, pictures: PictureFolder, entries: list[Entry], check_room: CheckRoom
) -> None:
    """The pictures, then the rows; nothing of either after an error.

    Raises:
        UserError: the disk or the store is full.
    """
    written: list[str] = []
    try:
        with database.transaction() as rows:
            new = {entry.id: entry for entry in entries if not _is_reading(rows, entry.id)}
            pngs = {entry.picture: entry.png for entry in new.values()}
            check_room(sum(map(len, pngs.values())))
            written = pictures.save(pngs)
            sizes = ((name, len(png)) for name, png in pngs.items())
            rows.executemany("INSERT OR IGNORE INTO images VALUES (?, ?)", sizes)
            rows.executemany(_INSERT, (entry.row for entry in new.values()))
            for entry in entries:
                if entry.correction is not None:
                    _append(rows, entry.correction)
    except BaseException as error:
        if written:
            with suppress(UserError):
                remove_unlisted(database, pictures, written)
        if isinstance(error, OSError):
            raise unwritable(pictures.folder, error) from None
        raise


def add_correction(database: Database, row: tuple, check_room: CheckRoom) -> None:
    """Append (reading, text, source, time) unless the newest one says the same.

    Raises:
        UserError: no such reading, or the store is full.
    """
    id, text, *_ = row
    with database.transaction() as rows:
        if not _is_reading(rows, id):
            raise no_reading(database, id)
        check_room(len(text))
        _append(rows, row)


def _append(rows, row: tuple) -> None:
    id, text, source, _ = row
    if rows.execute(_NEWEST, (id,)).fetchone() != (text, source):
        rows.execute("INSERT INTO corrections VALUES (NULL, ?, ?, ?, ?)", row)


def add_uses(database: Database, ids: Iterable[str], model: str, moment: float) -> None:
    """Record that the newest corrections of these readings went into a model."""
    with database.transaction() as rows:
        rows.execute(_USE, (model, moment, json.dumps(list(ids))))


def _is_reading(rows, id: str) -> bool:
    return rows.execute("SELECT 1 FROM readings WHERE id = ?", (id,)).fetchone() is not None


def no_reading(database: Database, id: str) -> UserError:
    return UserError(f"{database.path}: no reading {id!r}; it may have been deleted")


def unwritable(folder: Path, error: OSError) -> UserError:
    cause = error.strerror or error
    return UserError(f"{folder}: cannot be written ({cause}); make room, or name another folder")
