"""An unfinished download: the bytes so far and a note on what they belong to."""

import json
from pathlib import Path

from handwriting.download.disk import disk_errors


class Part:
    """The bytes so far (`NAME.part`) and which version of the file they belong to."""

    def __init__(self, target: Path):
        self.path = target.with_name(target.name + ".part")
        self.note = target.with_name(target.name + ".part.json")

    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def validator(self, url: str) -> str:
        """The ETag (or date) under which the bytes came from `url`; empty if not known."""
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
            return note["validator"] if note["url"] == url else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def begin(self, url: str, headers) -> None:
        """Start over, and note what the bytes to come belong to."""
        etag = headers.get("ETag") or ""
        # A weak ETag ("W/…") does not promise the same bytes; If-Range forbids it.
        strong = etag if not etag.startswith("W/") else ""
        note = {"url": url, "validator": strong or headers.get("Last-Modified") or ""}
        with disk_errors(self.path):
            self.path.write_bytes(b"")
            self.note.write_text(json.dumps(note), encoding="utf-8")

    def discard(self) -> None:
        with disk_errors(self.path):
            self.path.unlink(missing_ok=True)
            self.note.unlink(missing_ok=True)
