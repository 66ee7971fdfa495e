"""Corrected lines: read, checked, and divided into those to learn from and those held out."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting.errors import UserError
from handwriting.lines.batches import usable_lines
from handwriting.lines.charset import Charset
from handwriting.lines.collections import COLLECTIONS, find_lines, read_parquet
from handwriting.lines.data import Line, LineData, LineSplit
from handwriting.lines.readers.collect import draw

FEWEST = 5  # corrections, below which nothing can be learned and checked
FOREIGN_SHARE = 0.5  # of the letters; with more new ones it is another script
LARGEST_CHARSET = 250  # the language model numbers characters with one byte
HELD_OUT_SHARE = 0.2
FEW = 24  # below, each correction is held out once instead of a part of them always
FOLDS = 3
_GIVEN = "splits as the files give them"  # the note of `readers.collect`


@dataclass(frozen=True)
class Corrections:
    """Lines that can be learned from.

    Attributes:
        lines: no picture twice, all of it in `charset`.
        charset: of the base, and new characters behind.
        new: those.
        notes: what was left out, and what is new.
    """

    name: str
    lines: tuple[Line, ...]
    charset: Charset
    new: str = ""
    notes: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        return LineData(self.name, train=LineSplit(self.lines)).fingerprint()


def load_corrections(data, limit: int = 0) -> tuple[str, tuple[Line, ...], tuple[str, ...]]:
    """Name, lines and notes of whatever holds corrections.

    Args:
        data: what `find_lines` takes, a parquet file, `LineData`, a split or lines. Of a
            collection by name the training lines; of one's own files all lines, less a test
            split that they name themselves.
        limit: the first so many; 0 = all.

    Raises:
        UserError: nothing readable.
    """
    if isinstance(data, (str, Path)):
        data = _read(str(data))
    if not isinstance(data, LineData):
        data = LineData("corrections", train=LineSplit(tuple(data)))
    lines, given = data.train.lines, any(_GIVEN in note for note in data.notes)
    if not set(data.name.split("+")) <= {"lines", *COLLECTIONS}:
        lines += data.validation.lines
        lines += () if given else data.test.lines
    # Splits say nothing to someone who corrected lines.
    notes = tuple(note for note in data.notes if _GIVEN not in note)
    return data.name, lines[:limit] if limit else lines, notes


def _read(data: str) -> LineData:
    if data.endswith(".parquet"):
        found = read_parquet(Path(data))
        return found.with_notes(_GIVEN)
    return find_lines(data)


def picture_hash(image: np.ndarray) -> str:
    """SHA-256 of size and pixels."""
    return hashlib.sha256(repr(image.shape).encode() + image.tobytes()).hexdigest()


def check_corrections(
    name: str, lines: Sequence[Line], charset: Charset, height: int, notes: Sequence[str] = ()
) -> Corrections:
    """Leave out what cannot be learned from; refuse what must not be.

    Raises:
        UserError: none or too few, one picture with two texts, or another script.
    """
    if not lines:
        raise UserError(f"{name}: no corrections to learn from; correct some lines first")
    distinct = _without_doubles(name, lines)
    wider, new = _extend(name, distinct, charset)
    kept = usable_lines(distinct, height, wider)
    found = list(notes)
    if len(kept) < len(lines):
        found.append(f"{len(lines) - len(kept)} of {len(lines)} left out: twice, or too narrow")
    if new:
        found.append(f"new characters: {' '.join(new)}")
    if len(kept) < FEWEST:
        raise UserError(
            f"{name}: {len(kept)} corrections are too few to learn from and to check; "
            f"correct {FEWEST} lines or more, better 20"
        )
    return Corrections(name, tuple(kept), wider, new, tuple(found))


def _without_doubles(name: str, lines: Sequence[Line]) -> list[Line]:
    found: dict[str, Line] = {}
    for line in lines:
        other = found.setdefault(picture_hash(line.image), line)
        if other.text != line.text:
            raise UserError(
                f"{name}: one picture is corrected to {other.text!r} and to {line.text!r}; "
                "remove one of the two"
            )
    return list(found.values())


def _extend(name: str, lines: Sequence[Line], charset: Charset) -> tuple[Charset, str]:
    counts = Counter(c for line in lines for c in line.text if c != " ")
    new = {c: n for c, n in counts.items() if c not in charset}
    if sum(new.values()) > FOREIGN_SHARE * sum(counts.values()):
        raise UserError(
            f"{name}: {sum(new.values()) / sum(counts.values()):.0%} of the characters are new "
            f"({_scripts(new)}); for another script train a model with `python src/train.py`"
        )
    if len(charset) + len(new) > LARGEST_CHARSET:
        raise UserError(
            f"{name}: {len(new)} new characters and {len(charset)} of the base are more than "
            f"{LARGEST_CHARSET}; check the texts"
        )
    ordered = "".join(sorted(new))
    return charset.union(ordered), ordered


def _scripts(characters: dict[str, int]) -> str:
    """The scripts by their Unicode names, most frequent first."""
    counts: Counter = Counter()
    for character, number in characters.items():
        counts[unicodedata.name(character, "UNKNOWN").split()[0].capitalize()] += number
    return ", ".join(script for script, _ in counts.most_common(2))


@dataclass(frozen=True)
class Fold:
    """Lines to learn from, and the others; `rows` are the places of the others among all."""

    train: tuple[Line, ...]
    held_out: tuple[Line, ...]
    rows: tuple[int, ...]


def make_folds(lines: Sequence[Line]) -> list[Fold]:
    """One fold, or `FOLDS` where there are few lines; a picture's hash decides.

    With one, about a fifth is held out; with several, each line is held out once.
    """
    parts = held_out_rows([picture_hash(line.image) for line in lines], len(lines) < FEW)
    return [_fold(lines, part) for part in parts]


def held_out_rows(hashes: Sequence[str], each: bool) -> list[list[int]]:
    """Rows to hold out: one part of about a fifth, or with `each` `FOLDS` parts of all."""
    order = sorted(range(len(hashes)), key=lambda row: draw(hashes[row]))
    if each:
        return [sorted(order[number::FOLDS]) for number in range(FOLDS)]
    below = sum(draw(code) < HELD_OUT_SHARE for code in hashes)
    count = min(max(below, len(hashes) // 8, 1), len(hashes) // 2)
    return [sorted(order[:count])]


def _fold(lines: Sequence[Line], rows: list[int]) -> Fold:
    chosen = set(rows)
    train = tuple(line for row, line in enumerate(lines) if row not in chosen)
    return Fold(train, tuple(lines[row] for row in rows), tuple(rows))
