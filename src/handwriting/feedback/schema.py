"""The tables of a feedback store, and the way from each older form to the present one."""

from collections.abc import Callable

from handwriting.errors import UserError
from handwriting.feedback.database import Database

# Marks the file as one of ours ("HWFB") in its header.
APPLICATION_ID = 0x48574642

_TABLES = (
    "CREATE TABLE images (hash TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE readings (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL CHECK (kind IN ('character', 'line')),
        image TEXT NOT NULL REFERENCES images (hash),
        prediction TEXT NOT NULL,
        confidence REAL,
        alternatives TEXT NOT NULL,
        model TEXT NOT NULL,
        model_hash TEXT NOT NULL,
        source TEXT NOT NULL,
        time REAL NOT NULL,
        about TEXT NOT NULL
    )
    """,
    "CREATE INDEX readings_by_image ON readings (image)",
    """
    CREATE TABLE corrections (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        reading TEXT NOT NULL REFERENCES readings (id) ON DELETE CASCADE,
        text TEXT NOT NULL,
        source TEXT NOT NULL,
        time REAL NOT NULL
    )
    """,
    "CREATE INDEX corrections_by_reading ON corrections (reading, number)",
    """
    CREATE TABLE uses (
        correction INTEGER NOT NULL REFERENCES corrections (number) ON DELETE CASCADE,
        model TEXT NOT NULL,
        time REAL NOT NULL,
        PRIMARY KEY (correction, model)
    ) WITHOUT ROWID
    """,
    # Append-only: whatever a later version of the code does, the past stays as it was.
    *(
        f"CREATE TRIGGER {table}_stay BEFORE UPDATE ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        for table in ("readings", "corrections", "uses")
    ),
)
# Step n leads from version n to n + 1; steps are added at the end and never changed.
MIGRATIONS: tuple[tuple[str, ...], ...] = (_TABLES,)
# In one statement: another process may just be making the tables.
_IDENTITY = """
SELECT user_version, application_id, (SELECT COUNT(*) FROM sqlite_master)
FROM pragma_user_version, pragma_application_id
"""


def prepare(database: Database, is_empty_folder: Callable[[], bool]) -> None:
    """Make the tables, or bring older ones up to date, in one transaction.

    Args:
        is_empty_folder: asked where the file is new; False if pictures are there, whose rows
            must then have been lost.

    Raises:
        UserError: another program's file, one of a newer version, or lost rows. The file is
            as it was.
    """
    version = _version(database)
    if database.read_only:
        if version < len(MIGRATIONS):
            raise UserError(f"{database.path}: of an older version; open it once for writing")
        return
    # Asked again: another process may just have made the store and put its first picture there.
    if version == 0 and not is_empty_folder() and _version(database) == 0:
        raise lost_rows(database.path)
    database.configure()
    if version < len(MIGRATIONS):
        _migrate(database)


def _migrate(database: Database) -> None:
    with database.transaction() as connection:
        for statements in MIGRATIONS[_version(database) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def lost_rows(path) -> UserError:
    return UserError(
        f"{path}: missing or empty although there are pictures beside it; "
        "restore it from a backup, or move the folder away"
    )


def _version(database: Database) -> int:
    """Of the file as it is; 0 = new.

    Raises:
        UserError: another program's file, or one of a newer version.
    """
    ((version, application, tables),) = database.query(_IDENTITY)
    if application != APPLICATION_ID and (application or version or tables):
        raise UserError(f"{database.path}: not a feedback store; name another folder")
    if version > len(MIGRATIONS):
        raise UserError(f"{database.path}: made by a newer version of this program; update it")
    return version
