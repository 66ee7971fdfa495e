"""One SQLite connection that threads share, and what its errors mean to a person."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from handwriting.errors import UserError

# How long to wait for another process that writes; a write takes milliseconds.
BUSY_SECONDS = 30.0
# A log beside the file: readers never wait, and FULL puts every commit on the disk.
SETTINGS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "secure_delete": "ON",
}
_CAUSES = {
    sqlite3.SQLITE_FULL: "the disk is full; make room and try again",
    sqlite3.SQLITE_IOERR: "the disk is full or failing; make room and try again",
    sqlite3.SQLITE_BUSY: "another process keeps it locked; try again",
    sqlite3.SQLITE_LOCKED: "another process keeps it locked; try again",
    sqlite3.SQLITE_READONLY: "cannot be written; check its permissions, or name another folder",
    sqlite3.SQLITE_PERM: "no permission; check it, or name another folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; check its permissions, or name another folder",
    sqlite3.SQLITE_CORRUPT: "damaged; restore it from a backup, or move the folder away",
    sqlite3.SQLITE_NOTADB: "no SQLite file; restore it from a backup, or move the folder away",
}


class Database:
    """Queries and transactions on one file.

    Args:
        path: made if it is not there, unless `read_only`.

    Raises:
        UserError: from every method where the file cannot be used; see `_CAUSES`.
    """

    def __init__(self, path: Path, read_only: bool = False):
        self.path = path
        self.read_only = read_only
        self._lock = threading.RLock()
        with self._explained():
            self._connection = _connect_read_only(path) if read_only else _open(path, "mode=rwc")

    def configure(self) -> None:
        """Apply `SETTINGS`, the first of which changes the file."""
        with self._lock, self._explained():
            for name, value in SETTINGS.items():
                self._connection.execute(f"PRAGMA {name} = {value}")

    def query(self, sql: str, values=()) -> list[tuple]:
        with self._lock, self._explained():
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Alone among threads and processes; all of it counts, or after an error nothing."""
        if self.read_only:
            raise UserError(f"{self.path}: cannot be written, as it was opened for reading only")
        with self._lock, self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.rollback()

    def scrub(self) -> None:
        """Leave nothing of deleted rows in the file or in its log."""
        with self._lock, self._explained():
            with suppress(sqlite3.OperationalError):  # secure_delete has zeroed the rows
                self._connection.execute("VACUUM")
            busy, *_ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise UserError(
                f"{self.path}: deleted, but another process still reads the log that holds "
                "the old rows; stop it and delete again"
            )

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            # The upper bits of a code tell variants of one error apart.
            cause = _CAUSES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
            if cause is None:
                raise
            raise UserError(f"{self.path}: {cause} ({error})") from None


def _open(path: Path, options: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{options}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _connect_read_only(path: Path) -> sqlite3.Connection:
    """Without writing anything, even in a folder that cannot be written to."""
    connection = _open(path, "mode=ro")
    try:
        connection.execute("PRAGMA schema_version")
        return connection
    except sqlite3.OperationalError:
        connection.close()
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise  # what the log holds would be left out
    return _open(path, "mode=ro&immutable=1")
