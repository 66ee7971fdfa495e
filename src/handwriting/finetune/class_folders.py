"""Corrected characters: class folders of pictures, read, checked and divided."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from handwriting.datasets.base import CharacterData, Split
from handwriting.datasets.kaggle_tree import IMAGE_TYPES, PARTS
from handwriting.errors import UserError
from handwriting.finetune.corrections import FEW, FEWEST, FOLDS, held_out_rows, picture_hash


@dataclass(frozen=True)
class CharacterCorrections:
    """Characters that can be learned from.

    Attributes:
        split: no picture twice; labels are into `classes`.
        classes: of the base, and new ones behind.
        new: those.
        notes: what was left out, and what is new.
    """

    name: str
    split: Split
    classes: tuple[str, ...]
    new: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        empty = self.split.take(slice(0, 0))
        return CharacterData(self.name, self.classes, self.split, empty, empty).fingerprint()


def load_characters_from(data, prepare: Callable) -> tuple[str, list[tuple[np.ndarray, str]], int]:
    """Name, (picture, class) pairs, and how many could not be read.

    Args:
        data: `CharacterData` (train and validation), or a folder of class folders, in
            `Train` and `Validation` or not; their names as in a web address (`%2F`).
        prepare: a picture file to (28, 28, 1) float32, as prediction does it.

    Raises:
        UserError: no such folder.
    """
    if isinstance(data, CharacterData):
        splits = (data.train, data.validation)
        rows = [(s.images[i], data.classes[s.labels[i]]) for s in splits for i in range(len(s))]
        return data.name, rows, 0
    folder = Path(data).expanduser()
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; give one with a folder of pictures a class")
    rows, unreadable = [], 0
    for file, name in _files(folder):
        try:
            rows.append((np.rint(prepare(file)[..., 0] * 255).astype(np.uint8), name))
        except UserError:
            unreadable += 1
    return folder.resolve().name, rows, unreadable


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    parts = [folder / part for part in PARTS if (folder / part).is_dir()] or [folder]
    for part in parts:
        for place in sorted(path for path in part.iterdir() if path.is_dir()):
            for file in sorted(place.iterdir()):
                if file.suffix.lower() in IMAGE_TYPES:
                    yield file, unquote(place.name)


def check_characters(
    name: str, rows: list[tuple[np.ndarray, str]], unreadable: int, classes: tuple[str, ...]
) -> CharacterCorrections:
    """Leave out what cannot be learned from; refuse what must not be.

    Raises:
        UserError: none or too few, one picture in two classes, or mostly other classes.
    """
    if not rows:
        raise UserError(f"{name}: no corrections to learn from; correct some characters first")
    found: dict[str, tuple[np.ndarray, str]] = {}
    for image, label in rows:
        other = found.setdefault(picture_hash(image), (image, label))
        if other[1] != label:
            raise UserError(
                f"{name}: one picture is corrected to {other[1]!r} and to {label!r}; "
                "remove one of the two"
            )
    counts = Counter(label for _, label in found.values())
    rare = sorted(c for c, n in counts.items() if c not in classes and n < FEWEST)
    kept = [row for row in found.values() if row[1] not in rare]
    if len(kept) < FEWEST:
        raise UserError(
            f"{name}: {len(kept)} corrections are too few to learn from and to check; "
            f"give {FEWEST} of a new character or more, better 20"
        )
    new = tuple(sorted({label for _, label in kept} - set(classes)))
    if len(new) > len(classes) // 2:
        raise UserError(
            f"{name}: {len(new)} new classes for a model of {len(classes)}; "
            "for another script train a model with `python src/train.py`"
        )
    notes = _notes(rows, kept, rare, new, unreadable)
    return CharacterCorrections(name, _split(kept, classes + new), classes + new, new, notes)


def _notes(rows, kept, rare, new, unreadable: int) -> tuple[str, ...]:
    notes = []
    if unreadable:
        notes.append(f"{unreadable} pictures cannot be read")
    if rare:
        notes.append(f"fewer than {FEWEST} examples, left out: {' '.join(rare)}")
    if len(kept) < len(rows):
        notes.append(f"{len(rows) - len(kept)} of {len(rows)} left out")
    if new:
        notes.append(f"new characters: {' '.join(new)}")
    return tuple(notes)


def _split(rows: list[tuple[np.ndarray, str]], classes: tuple[str, ...]) -> Split:
    labels = [classes.index(label) for _, label in rows]
    return Split(np.stack([image for image, _ in rows]), np.array(labels, np.int64))


def character_folds(split: Split) -> list[np.ndarray]:
    """Rows to hold out of each fold, drawn for each class by the hash of the picture."""
    each = len(split) < FEW
    parts: list[list[int]] = [[] for _ in range(FOLDS if each else 1)]
    for label in np.unique(split.labels):
        rows = np.flatnonzero(split.labels == label)
        chosen = held_out_rows([picture_hash(split.images[row]) for row in rows], each)
        for part, places in zip(parts, chosen, strict=True):
            part += rows[places].tolist()
    if not any(parts):  # one of each class
        parts = held_out_rows([picture_hash(image) for image in split.images], each)
    return [np.sort(np.array(part, int)) for part in parts if part]
