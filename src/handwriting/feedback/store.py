"""The feedback store: readings, their pictures and people's corrections in one folder."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from handwriting.errors import UserError
from handwriting.feedback import checking
from handwriting.feedback.database import Database
from handwriting.feedback.entries import as_entry
from handwriting.feedback.items import Item, find_items
from handwriting.feedback.pictures import PictureFolder
from handwriting.feedback.schema import lost_rows, prepare
from handwriting.feedback.values import as_seconds, checked_text
from handwriting.feedback.writing import (
    add_correction,
    add_readings,
    add_uses,
    no_reading,
    unwritable,
)

DATABASE = "feedback.sqlite"
PICTURES = "images"


class FeedbackStore:
    """An append-only record in `folder`: SQLite, and pictures named by their content.

    A picture is on the disk before the row that names it, and a row before `add` returns, so
    that a killed process or a full disk loses nothing that was acknowledged. Any number of
    threads may share a store, and any number of processes may each open the folder, which
    must not be on a network drive (SQLite's log needs shared memory).

    Args:
        folder: made, for its owner alone, if it is not there.
        limit_bytes: of rows and pictures together; `add` and `correct` refuse to go beyond.
        create: False refuses a folder that is no store yet.
        read_only: changes nothing, not even what a killed process left behind.

    Raises:
        UserError: the folder cannot be made or written, or its database is damaged, of
            another program or of a newer version. Nothing is overwritten.
    """

    def __init__(
        self,
        folder: str | Path,
        limit_bytes: int | None = None,
        *,
        create: bool = True,
        read_only: bool = False,
    ):
        self.folder = Path(folder).expanduser()
        self.limit_bytes = limit_bytes
        self._pictures = PictureFolder(self.folder / PICTURES)
        path = self.folder / DATABASE
        if not path.is_file() and (read_only or not create):
            raise UserError(f"{self.folder}: no feedback store; name the folder of one")
        _make_folder(self.folder, self._pictures.folder, read_only)
        # Pictures are only ever written once the database is there.
        if not path.exists() and any(self._pictures.files()) and not path.exists():
            raise lost_rows(path)
        self._database = Database(path, read_only)
        try:
            prepare(self._database, lambda: not any(self._pictures.files()))
            if not read_only:
                checking.sweep(self._database, self._pictures)
        except BaseException:
            self.close()
            raise

    def add(
        self,
        *,
        kind: str,
        image: np.ndarray,
        prediction: str,
        confidence: float,
        alternatives: Iterable[tuple[str, float]] = (),
        model: str,
        model_hash: str,
        source: str = "",
        correction: str | None = None,
        about: dict | None = None,
        time: datetime | None = None,
    ) -> str:
        """Keep a reading; the same picture, model, prediction and source are kept once.

        Args:
            kind: `character` or `line`.
            image: (H, W) uint8 grey, dark ink. A line of 64 rows is taken for one that
                `normalise_line` made, of any other height for a crop.
            confidence: 0 … 1; None or NaN where none is known.
            alternatives: other readings with their probabilities.
            model, model_hash: name and SHA-256 of what read it.
            source: where it came from, the name by which `delete` finds it.
            correction: as `correct` would add it.
            about: anything JSON can hold. The monitor and the export use `page`, `writer`,
                `language`, and `words`: a list of {"text": …, "confidence": …}.
            time: of the reading, default now; without a zone, local.

        Returns:
            The id of the reading.

        Raises:
            UserError: the disk or the store is full, or a text is no text.
            ValueError, TypeError: an image or kind that no caller should give.
        """
        values = dict(locals())
        del values["self"]
        return self.add_many([values])[0]

    def add_many(self, readings: Iterable[dict]) -> list[str]:
        """`add` for several readings, given as its arguments: all or, after an error, none.

        Far faster than one by one, for example for the lines of a page.
        """
        entries = [as_entry(**reading) for reading in readings]
        add_readings(self._database, self._pictures, entries, self._check_room)
        return [entry.id for entry in entries]

    def correct(self, id: str, text: str, source: str = "", time: datetime | None = None) -> None:
        """Say what is written; the newest correction counts, older ones stay.

        The same text from the same source twice in a row is kept once.

        Raises:
            UserError: no such reading, the store is full, or the text is no text.
        """
        row = (id, checked_text(text), checked_text(source), as_seconds(time))
        add_correction(self._database, row, self._check_room)

    def mark_used(self, ids: Iterable[str], model: str) -> None:
        """Record that a model has learned from the present corrections of these readings."""
        add_uses(self._database, ids, checked_text(model), as_seconds(None))

    def items(
        self,
        kind: str | None = None,
        corrected: bool | None = None,
        model: str | None = None,
        source: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[Item]:
        """Items in the order they were added; those added meanwhile come too.

        Args:
            corrected: True for those with a correction, False for those without.
            since, until: from, and before; a time without a zone is local.
        """
        return find_items(
            self._database,
            self._pictures,
            kind=kind,
            corrected=corrected,
            model=model,
            source=source,
            since=since,
            until=until,
        )

    def item(self, id: str) -> Item:
        """One item.

        Raises:
            UserError: no such reading.
        """
        for item in find_items(self._database, self._pictures, ids=[id]):
            return item
        raise no_reading(self._database, id)

    def image(self, item: Item) -> np.ndarray:
        """(H, W) uint8, the pixels that were given.

        Raises:
            UserError: the file is missing or damaged.
        """
        return self._pictures.load(item.image_hash)

    def counts(self) -> dict:
        """Numbers of readings, corrected ones, corrections, pictures, and bytes of it all.

        `kinds` holds readings and corrected of each kind, `models` of each model's name.
        """
        return checking.count(self._database, self.size())

    def size(self) -> int:
        """Bytes of rows and pictures, without SQLite's log."""
        ((size,),) = self._database.query(
            "SELECT (SELECT COALESCE(SUM(bytes), 0) FROM images) + page_count * page_size "
            "FROM pragma_page_count, pragma_page_size"
        )
        return size

    def _check_room(self, more: int) -> None:
        if self.limit_bytes is not None and self.size() + more > self.limit_bytes:
            raise UserError(
                f"{self.folder}: full ({self.limit_bytes / 1e6:,.1f} MB allowed); "
                "export and delete readings, or raise the limit"
            )

    def delete(
        self, ids: Iterable[str] | None = None, source: str | None = None, everything: bool = False
    ) -> int:
        """Remove readings for good, with their corrections and pictures nothing else uses.

        With `source`, also the corrections that it made of other readings. The rows are
        overwritten in the database and its log, pictures are unlinked; backups and what the
        file system keeps are not reached.

        Returns:
            How many readings, and corrections of other readings, are gone.

        Raises:
            UserError: the disk is full, or another process holds on to old rows.
            ValueError: not exactly one of the three is given.
        """
        if (ids is not None) + (source is not None) + bool(everything) != 1:
            raise ValueError("give ids, a source, or everything=True")
        return checking.delete(self._database, self._pictures, ids, source)

    def check(self) -> list[str]:
        """What is wrong: a line for each fault of the database or a picture; [] if all is well."""
        return checking.check(self._database, self._pictures)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> "FeedbackStore":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _make_folder(folder: Path, pictures: Path, read_only: bool) -> None:
    try:
        if not read_only:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            pictures.mkdir(exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from None
