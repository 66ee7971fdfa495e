"""Lines on their way from files to three splits, with a record of what was left out."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from handwriting.errors import UserError
from handwriting.images.sources import one_line
from handwriting.lines.charset import plain_text
from handwriting.lines.data import Line, LineData, LineSplit

SHARE = 0.05  # of the groups for validation, and as many for test
# Names that people give to the three splits, in file names and in columns.
SPLIT_NAMES = {
    **dict.fromkeys(("train", "training", "trainset", "trn"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "eval"), "validation"),
    **dict.fromkeys(("validationset", "validationset1", "validationset2"), "validation"),
    **dict.fromkeys(("test", "testing", "testset", "tst"), "test"),
}


def split_name(text: str) -> str:
    """`train`, `validation` or `test` for any usual way to write it, else ""."""
    return SPLIT_NAMES.get(text.strip().lower(), "")


@dataclass
class Collection:
    """What a reader has met so far.

    Attributes:
        name: of the data set.
        lines: as they will be in the splits.
        groups: one for each line; a group is not divided between splits.
        splits: one for each line, "" where the files do not say.
        skipped, first: how many were left out for a reason, and the first place of each.
        notes: other facts.
    """

    name: str
    lines: list[Line] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    splits: list[str] = field(default_factory=list)
    skipped: Counter = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, line: Line, group: str = "", split: str = "", where: str = "") -> None:
        """Keep a line, unless nothing is left of its text."""
        line = replace(line, text=plain_text(line.text), source=line.source or self.name)
        if not line.text:
            self.skip("no text", where)
            return
        self.lines.append(line)
        self.groups.append(group)
        self.splits.append(split)

    def skip(self, reason: str, where: object, count: int = 1) -> None:
        self.first.setdefault(reason, one_line(where))
        self.skipped[reason] += count

    def finish(self) -> LineData:
        """The three splits.

        Raises:
            UserError: not one line could be read.
        """
        if not self.lines:
            raise UserError(f"{self.name}: no line could be read{self._reasons()}")
        splits, notes = assign_splits(self.groups, self.splits)
        if self.skipped:
            notes += (f"{self.name}: {self.skipped.total():,} left out{self._reasons()}",)
        parts = {
            name: LineSplit(
                tuple(line for line, s in zip(self.lines, splits, strict=True) if s == name)
            )
            for name in ("train", "validation", "test")
        }
        return LineData(self.name, **parts, notes=(*self.notes, *notes))

    def _reasons(self) -> str:
        reasons = [
            f"{reason} {count:,} (first: {self.first[reason]})"
            for reason, count in self.skipped.most_common()
        ]
        return ": " + "; ".join(reasons) if reasons else ""


def draw(group: str) -> float:
    """A number in [0, 1) that depends on the name alone: SHA-256, first eight bytes."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") / 2**64


def assign_splits(groups: Sequence[str], given: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """A split for each line, and notes on where they come from.

    What the files say holds. Where they say nothing, `draw` of the group decides: below
    0.05 test, below 0.10 validation, else train, with at least one group in each. The
    same names always fall the same way. Where the files give no validation, it is cut
    from train in this way.

    Args:
        groups: page, writer or document of each line; "" counts as a group of its own.
        given: `train`, `validation`, `test` or "" of each line.
    """
    names = [group or f"line {number}" for number, group in enumerate(groups)]
    if not any(given):
        return _draw_splits(names, ("test", "validation"))
    splits = [split or "train" for split in given]
    notes = ("splits as the files give them",)
    if "validation" not in splits and splits.count("train") > 1:
        members = [i for i, split in enumerate(splits) if split == "train"]
        drawn, more = _draw_splits([names[i] for i in members], ("validation",))
        for i, split in zip(members, drawn, strict=True):
            splits[i] = split
        notes += ("validation cut from train: " + more[0],)
    return splits, notes


def _draw_splits(names: list[str], parts: tuple[str, ...]) -> tuple[list[str], tuple[str, ...]]:
    unit = "groups"
    if len(set(names)) <= len(parts):
        # Too few pages to divide: single lines then, or there would be nothing to measure on.
        names, unit = [f"{name} {number}" for number, name in enumerate(names)], "single lines"
    ordered = sorted(set(names), key=draw)
    chosen, start = {}, 0
    for number, part in enumerate(parts, 1):
        stop = sum(draw(name) < SHARE * number for name in ordered)
        # The last group stays in train.
        stop = min(max(stop, start + 1), max(len(ordered) - 1, 0))
        chosen |= dict.fromkeys(ordered[start:stop], part)
        start = stop
    note = f"split by {unit} ({len(ordered):,}), by a hash of their names, {SHARE:.0%} each"
    return [chosen.get(name, "train") for name in names], (note,)


def data_name(path: Path) -> str:
    """A name for the data set in a file or folder: its stem, readable."""
    return path.resolve().stem or "lines"
