"""What a set of handwritten lines is, whatever files it came from."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

LINE_HEIGHT = 64  # pixels, of lines as they are kept; models scale down from it
PAPER = 235  # grey of the paper around the writing in a stored line


@dataclass(frozen=True)
class Line:
    """One line image with what is known of it.

    Attributes:
        image: (64, W) uint8 grey, dark ink on paper near 235.
        text: what is written, as `charset.plain_text` has it.
        source: the collection, for example `copiste`.
        language: `en`, `fr`, `de`, or "" where unknown.
        writer, page: stable names, "" where unknown.
    """

    image: np.ndarray
    text: str
    source: str = ""
    language: str = ""
    writer: str = ""
    page: str = ""


@dataclass(frozen=True)
class LineSplit:
    """Lines in order."""

    lines: tuple[Line, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self):
        return iter(self.lines)

    def __getitem__(self, index: int) -> Line:
        return self.lines[index]

    def where(self, test: Callable[[Line], bool]) -> "LineSplit":
        return LineSplit(tuple(line for line in self.lines if test(line)))

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]


@dataclass(frozen=True)
class LineData:
    """Three disjoint splits.

    Attributes:
        name: the registry name, for example `lines` or `copiste`.
        notes: facts that belong beside every number made from it.
    """

    name: str
    train: LineSplit = LineSplit()
    validation: LineSplit = LineSplit()
    test: LineSplit = LineSplit()
    notes: tuple[str, ...] = ()

    def splits(self) -> dict[str, LineSplit]:
        return {"train": self.train, "validation": self.validation, "test": self.test}

    def with_notes(self, *notes: str) -> "LineData":
        return replace(self, notes=self.notes + notes)

    def fingerprint(self) -> str:
        """SHA-256 over all pixels and texts of all splits: the data hash in cards and results."""
        digest = hashlib.sha256()
        for split in self.splits().values():
            digest.update(str(len(split)).encode())
            for line in split:
                digest.update(line.text.encode() + b"\0")
                digest.update(np.ascontiguousarray(line.image))
        return digest.hexdigest()


def merge(name: str, parts: Sequence[LineData]) -> LineData:
    """Several collections as one."""
    splits = [
        LineSplit(tuple(line for part in parts for line in part.splits()[split]))
        for split in ("train", "validation", "test")
    ]
    return LineData(name, *splits, notes=tuple(note for part in parts for note in part.notes))
