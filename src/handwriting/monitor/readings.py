"""The readings of each model version as arrays, from one pass over a feedback store."""

from dataclasses import dataclass, field

import numpy as np

from handwriting.feedback import FeedbackStore, Item
from handwriting.lines.alignment import MATCH, edit_operations
from handwriting.lines.metrics import EVERYTHING, edit_distance

Version = tuple[str, str, str]  # model, hash, kind


@dataclass(frozen=True)
class Readings:
    """All readings of one model version, oldest first; N of them.

    Attributes:
        model, model_hash, kind: which.
        seconds: (N,) float64 since 1970, UTC.
        confidence: (N,) float64, NaN where none is known.
        corrected: (N,) bool.
        changed: (N,) bool, the correction says something else.
        edits, length: (N,) int64. Of lines the edits to the correction and its characters;
            of characters 0 or 1, and 1. Without a correction: no edits, and the length of
            what was read.
        cluster: (N,) str, equal for readings that are hard or easy together: the page.
        words: (W, 3) float64, a row for each word of corrected lines: which of the N
            readings it is of, its confidence, and whether the correction has it (1) or not.
        unused: how many of the corrections no model has learned from.
    """

    model: str
    model_hash: str
    kind: str
    seconds: np.ndarray
    confidence: np.ndarray
    corrected: np.ndarray
    changed: np.ndarray
    edits: np.ndarray
    length: np.ndarray
    cluster: np.ndarray
    words: np.ndarray
    unused: int

    def __len__(self) -> int:
        return len(self.seconds)

    @property
    def family(self) -> str:
        """The model's name without the version that fine-tuning put behind an @."""
        return self.model.partition("@")[0]

    @property
    def confidences(self) -> np.ndarray:
        """Those that are known, oldest first."""
        return self.confidence[np.isfinite(self.confidence)]


@dataclass
class _Columns:
    rows: list[tuple] = field(default_factory=list)
    words: list[tuple[int, float, bool]] = field(default_factory=list)
    unused: int = 0

    def add(self, item: Item) -> None:
        corrected = item.correction is not None
        edits, length = _errors(item)
        row = (item.time.timestamp(), item.confidence, corrected, bool(edits), edits, length)
        page = item.about.get("page")
        if corrected and item.kind == "line":
            self.words += ((len(self.rows), *word) for word in _words(item))
        self.rows.append((*row, f"{item.source}\0{page}" if page else item.id))
        self.unused += corrected and not item.used

    def finish(self, version: Version) -> Readings:
        types = (np.float64, np.float64, bool, bool, np.int64, np.int64, str)
        columns = zip(zip(*self.rows, strict=True), types, strict=True)
        order = np.argsort([row[0] for row in self.rows], kind="stable")
        arrays = [np.array(column, kind)[order] for column, kind in columns]
        words = np.array(self.words, np.float64).reshape(-1, 3)
        words[:, 0] = np.argsort(order)[words[:, 0].astype(int)]
        return Readings(*version, *arrays, words, self.unused)


def collect(store: FeedbackStore) -> list[Readings]:
    """The readings of every model version, in the order in which the versions first read."""
    versions: dict[Version, _Columns] = {}
    for item in store.items():
        key = item.model, item.model_hash, item.kind
        versions.setdefault(key, _Columns()).add(item)
    found = [columns.finish(version) for version, columns in versions.items()]
    return sorted(found, key=lambda readings: readings.seconds[0])


def _errors(item: Item) -> tuple[int, int]:
    """Edits, and the length that they count against."""
    if item.kind == "character":
        return int(item.correction is not None and item.correction != item.prediction), 1
    read = EVERYTHING.apply(item.prediction)
    if item.correction is None:
        return 0, len(read)
    written = EVERYTHING.apply(item.correction)
    return edit_distance(written, read), len(written)


def _words(item: Item) -> list[tuple[float, bool]]:
    """Confidence of each word that was read, and whether the correction has it there."""
    given = item.about.get("words")
    if not isinstance(given, list) or not all(map(_is_word, given)):
        return []
    read = [EVERYTHING.apply(word["text"]) for word in given]
    operations = edit_operations(EVERYTHING.apply(item.correction).split(), read)
    right = [kind == MATCH for kind, _, word in operations if word is not None]
    pairs = zip(given, right, strict=True)
    return [(float(word["confidence"]), hit) for word, hit in pairs]


def _is_word(word) -> bool:
    return (
        isinstance(word, dict)
        and isinstance(word.get("text"), str)
        and isinstance(word.get("confidence"), (int, float))
        and 0 <= word["confidence"] <= 1
    )
