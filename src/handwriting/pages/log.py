"""Finished pages, so that an interrupted run goes on where it was."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from handwriting.images.sources import fail
from handwriting.pages.outcome import Outcome


class Log:
    """A file of one JSON object a line that is only added to.

    Each line is written at once when its page is done: whatever ends the run, at most the
    page that was being read is lost, and a line cut short is left out when it is read again.

    Raises:
        UserError: it cannot be written or read.
    """

    def __init__(self, path: Path):
        self.path = path
        self._pages: dict[str, int] = {}
        self._documents: dict[str, list[str]] = {}
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            self._read()
        except OSError as error:
            raise self._fail(error) from None

    def _read(self) -> None:
        place, end = 0, b"\n"
        with open(self.path, "rb") as file:
            for line in file:
                with suppress(ValueError, TypeError, KeyError):
                    self._note(json.loads(line), place)
                place, end = place + len(line), line[-1:]
        if end != b"\n":
            self._write(b"\n")  # what was cut short must not spoil the next line

    def _note(self, values: dict, place: int) -> None:
        if "files" in values:
            self._documents[values["key"]] = values["files"]
        elif "page" in values:
            self._pages[values["key"]] = place

    def __contains__(self, key: str) -> bool:
        """Whether a page was read."""
        return key in self._pages

    def page(self, key: str) -> Outcome | None:
        """What was read of a page, if it was."""
        if key not in self._pages:
            return None
        with open(self.path, "rb") as file:
            file.seek(self._pages[key])
            return Outcome.from_dict(json.loads(file.readline())["page"])

    def add_page(self, key: str, outcome: Outcome) -> None:
        """Keep a page; errors are not kept, so that the next run tries again."""
        if key and outcome.error is None:
            place = os.lseek(self._file, 0, os.SEEK_END)
            self._add({"key": key, "page": outcome.to_dict()})
            self._pages[key] = place

    def is_written(self, key: str) -> bool:
        """Whether a document was written, and its files are still there."""
        files = self._documents.get(key)
        return bool(files) and all((self.path.parent / name).is_file() for name in files)

    def add_document(self, key: str, files: Sequence[Path]) -> None:
        """Remember the files that a document was written to."""
        names = [os.path.relpath(file, self.path.parent) for file in files]
        self._documents[key] = names
        self._add({"key": key, "files": names})

    def shorten(self) -> None:
        """Keep what was written, and forget the pages, once all of it was."""
        partial = self.path.with_name(f"{self.path.name}.partial")
        lines = [json.dumps({"key": k, "files": f}) for k, f in self._documents.items()]
        try:
            partial.write_text("".join(f"{line}\n" for line in lines), "utf-8")
            os.replace(partial, self.path)
        except OSError as error:
            raise self._fail(error) from None

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        os.close(self._file)

    def _add(self, values: dict) -> None:
        self._write(json.dumps(values).encode() + b"\n")

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            raise self._fail(error) from None

    def _fail(self, error: OSError):
        cause = f"cannot be written ({error.strerror})"
        return fail(str(self.path), cause, "name another place")
