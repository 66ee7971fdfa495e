"""Corrections as labels: one for each picture, the newest."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from handwriting.feedback.items import Item
from handwriting.feedback.store import FeedbackStore

_JOINER = "\u200d"  # two emoji with it between them are one sign
# Marks, variation selectors and skin tones belong to the sign before them.
_ATTACHED = ("Mn", "Me", "Mc", "Cf", "Sk")


@dataclass
class ExportReport:
    """What an export wrote and what it left out.

    Attributes:
        path: the file or folder.
        splits: pictures by split.
        contradictory: pictures whose readings were corrected to different texts; the newest
            correction counts.
        skipped: how many pictures were left out, by reason.
    """

    path: Path
    splits: dict[str, int] = field(default_factory=dict)
    contradictory: int = 0
    skipped: dict[str, int] = field(default_factory=dict)

    @property
    def written(self) -> int:
        return sum(self.splits.values())

    def count(self, split: str) -> None:
        self.splits[split] = self.splits.get(split, 0) + 1

    def skip(self, reason: str, count: int = 1) -> None:
        if count:
            self.skipped[reason] = self.skipped.get(reason, 0) + count

    def __str__(self) -> str:
        splits = ", ".join(f"{count:,} {split}" for split, count in self.splits.items())
        parts = [f"{self.path}: {self.written:,} pictures ({splits})"]
        if self.contradictory:
            parts.append(f"{self.contradictory:,} with contradictory corrections, the newest taken")
        parts += [f"{count:,} left out: {reason}" for reason, count in self.skipped.items()]
        return "; ".join(parts)


def newest_labels(
    store: FeedbackStore, kind: str, clean: Callable[[str], str]
) -> tuple[dict[str, Item], int]:
    """For each corrected picture the item with its newest correction, by the picture's hash.

    Returns:
        The items, in the order of the hashes, and how many pictures have readings that were
        corrected to different texts. A person who corrects the same reading again is no
        contradiction.
    """
    newest: dict[str, Item] = {}
    contradictory: set[str] = set()
    for item in store.items(kind=kind, corrected=True):
        other = newest.setdefault(item.image_hash, item)
        if clean(other.correction) != clean(item.correction):
            contradictory.add(item.image_hash)
        if item.correction_number > other.correction_number:
            newest[item.image_hash] = item
    return dict(sorted(newest.items())), len(contradictory)


def assign_splits(hashes: Mapping[str, object], share: float) -> dict[str, str]:
    """`train` or `validation` for each picture, by its hash alone.

    The same picture falls on the same side in every export, whatever comes beside it. Only
    where none of two or more would be for validation, the one that comes nearest is.

    >>> assign_splits({"00" * 32: 0, "80" * 32: 0, "ff" * 32: 0}, 0.1).values()
    dict_values(['validation', 'train', 'train'])
    """
    draws = {name: int(name[:16], 16) / 2**64 for name in hashes}
    chosen = {name for name, draw in draws.items() if draw < share}
    if not chosen and len(draws) > 1:
        chosen = {min(draws, key=draws.__getitem__)}
    return {name: "validation" if name in chosen else "train" for name in draws}


def is_one_sign(text: str) -> bool:
    """Whether a reader sees one character: letters with accents, emoji with skin tones.

    >>> [is_one_sign(text) for text in ("a", "e\u0301", "👩\u200d🔬", "👍🏽", "🇫🇷", "ab", "")]
    [True, True, True, True, True, False, False]
    """
    flags = [char for char in text if "\U0001f1e6" <= char <= "\U0001f1ff"]
    if flags:
        return len(flags) == len(text) == 2
    bases = [
        index
        for index, char in enumerate(text)
        if unicodedata.category(char) not in _ATTACHED and not text[:index].endswith(_JOINER)
    ]
    return bases == [0] or (len(text) == 1 and text.isprintable() and not text.isspace())
