"""What every page of the application works with: recognition, the store, the counters."""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from handwriting.app.learn.learner import Learner
from handwriting.app.learn.run import Places
from handwriting.app.learn.versions import VersionsInUse
from handwriting.app.limits import read_upload
from handwriting.app.models import LINE_MODEL
from handwriting.app.readings import CharacterReading, PageReading
from handwriting.app.session import Session, new_session
from handwriting.app.settings import Settings
from handwriting.document import Line, mean_confidence
from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore
from handwriting.feedback.metrics import ServingMetrics

# Called as `progress(pages done, pages in all)`.
Progress = Callable[[int, int], None]


@dataclass
class Desk:
    """Recognition with its limits, counters and records, without a web framework.

    Attributes:
        service: a `service.Service`, or one behind `workers.RemoteService`.
        store: None where nothing can be saved.
        uploads: the folder of the uploaded files and of what is made of them.
        models: names of the character models, the default first.
        versions: which version of a model is read with.
        learner: None where nobody may learn from corrections here.
    """

    settings: Settings
    service: object
    store: FeedbackStore | None
    metrics: ServingMetrics
    uploads: Path
    models: tuple[str, ...]
    versions: VersionsInUse = field(init=False)
    learner: Learner | None = field(init=False, default=None)

    def __post_init__(self):
        self.versions = VersionsInUse(Places(self.settings.store / "learning").in_use)
        if self.store is not None and self.settings.learn and self.settings.operator:
            self.learner = Learner(self.store, self.versions)

    def read_character(self, data: bytes, model: str, top: int = 5) -> CharacterReading:
        """Read one character and count it."""
        with self._observed("character") as seen:
            reading = self.service.character(data, self.versions.used(model), top)
            seen.append(reading.confidence)
        return reading

    def upload(self, path: str, name: str = "") -> bytes:
        """The bytes of an uploaded picture; see `limits.read_upload`."""
        name = name or Path(path).name
        return read_upload(path, self.uploads, self.settings.limits, name)

    def read_files(
        self, paths: list[str], mode: str = "auto", progress: Progress | None = None
    ) -> Iterator[Session]:
        """Read files page by page; gives the session anew after each page.

        Raises:
            UserError: a file cannot be read. Pages read before stay in the last session.
        """
        limits = self.settings.limits
        limits.check_files(len(paths))
        sheets = [sheet for path in paths for sheet in self._sheets(path)]
        limits.check_pages(len(sheets))
        folder = Path(tempfile.mkdtemp(prefix="reading-", dir=self.uploads))
        readings: list[PageReading] = []
        for number, (path, index) in enumerate(sheets, 1):
            if progress:
                progress(number - 1, len(sheets))
            readings.append(self._read_page(path, index, folder, number, mode))
            yield new_session(folder, readings)

    def _sheets(self, path: str) -> list[tuple[Path, int]]:
        self.upload(path)
        file = Path(path)
        return [(file, index) for index in range(self.service.count(file, file.name))]

    def _read_page(self, path: Path, index: int, folder: Path, number: int, mode: str):
        with self._observed("page") as seen:
            model = self.versions.used(LINE_MODEL)
            reading = self.service.page(path, index, folder, number, mode, path.name, model)
            seen.append(mean_confidence(reading.page.lines))
        return reading

    @contextlib.contextmanager
    def _observed(self, kind: str) -> Iterator[list]:
        started, seen = time.perf_counter(), []
        try:
            yield seen
        except UserError:
            self.metrics.observe_request(kind, time.perf_counter() - started, error="refused")
            raise
        except Exception:
            self.metrics.observe_request(kind, time.perf_counter() - started, error="failed")
            raise
        confidence = seen[0] if seen else None
        self.metrics.observe_request(kind, time.perf_counter() - started, confidence=confidence)

    def save_character(self, reading: CharacterReading, text: str, source: str) -> str:
        """Keep a character with what a person says it is.

        Raises:
            UserError: no text, or nothing can be saved.
        """
        if not text.strip():
            raise UserError("write what it is, then press Save")
        id = self.keep_character(reading, source, text.strip())
        self.metrics.observe_correction(text.strip() != reading.text)
        return id

    def keep_character(
        self, reading: CharacterReading, source: str, correction: str | None = None
    ) -> str:
        """Keep a reading, with or without a correction."""
        return self._store().add(
            kind="character",
            image=reading.image,
            prediction=reading.text,
            confidence=reading.confidence,
            alternatives=reading.top,
            model=reading.model,
            model_hash=reading.model_hash,
            source=source,
            correction=correction,
        )

    def save_lines(self, session: Session, source: str, everything: bool = False) -> int:
        """Keep the corrected lines of a session, or all of them; the number that was kept."""
        store, saved = self._store(), 0
        for index, reading in enumerate(session.readings):
            changed = session.changed_lines(index)
            lines = range(len(reading.page.lines)) if everything else changed
            saved += self._save_page(store, session, index, list(lines), changed, source)
        return saved

    def _save_page(self, store, session: Session, index: int, chosen, changed, source) -> int:
        if not chosen:
            return 0
        reading = session.readings[index]
        lines = [reading.page.lines[number] for number in chosen]
        cut = self.service.cut(reading.picture, lines)
        kept = [
            {
                "kind": "line",
                "image": image,
                "prediction": line.text,
                "confidence": line.confidence,
                "model": reading.model,
                "model_hash": reading.model_hash,
                "source": source,
                "correction": session.texts[index][number] if number in changed else None,
                "about": _about(line, f"{session.folder.name}/{index + 1}"),
            }
            for number, line, image in zip(chosen, lines, cut, strict=True)
            if image is not None
        ]
        store.add_many(kept)  # all lines of the page or, when the disk is full, none
        for values in kept:
            if values["correction"] is not None:
                self.metrics.observe_correction(True)
        return len(kept)

    def _store(self) -> FeedbackStore:
        if self.store is None:
            raise UserError("this server keeps no corrections; its operator can change that")
        return self.store


def _about(line: Line, page: str) -> dict:
    """What the monitor uses: the words, and which lines are of one page."""
    words = [{"text": word.text, "confidence": word.confidence} for word in line.words]
    return {"page": page, "words": words}
