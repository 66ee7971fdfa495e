"""What a data set of characters is, whatever files it came from."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Split:
    """Images with labels.

    Attributes:
        images: (N, 28, 28) uint8, 0 = paper, 255 = ink (as MNIST ships them).
        labels: (N,) int64, index into the data set's classes.
    """

    images: np.ndarray
    labels: np.ndarray

    def __post_init__(self):
        if len(self.images) != len(self.labels):
            raise ValueError(f"{len(self.images)} images but {len(self.labels)} labels")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index) -> "Split":
        """The rows of an index array, boolean mask or slice."""
        return Split(self.images[index], self.labels[index])


@dataclass(frozen=True)
class CharacterData:
    """Three disjoint splits over one tuple of classes.

    Attributes:
        name: the registry name, for example `emnist_balanced`.
        classes: what each label reads as: `("0", "1", …)`.
        train, validation, test: see `Split`; a data set without a test split has an
            empty one.
        notes: facts that belong beside every number made from it (a stand-in, a redraw,
            duplicates removed).
    """

    name: str
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    notes: tuple[str, ...] = ()

    def splits(self) -> dict[str, Split]:
        return {"train": self.train, "validation": self.validation, "test": self.test}

    def with_notes(self, *notes: str) -> "CharacterData":
        return replace(self, notes=self.notes + notes)

    def fingerprint(self) -> str:
        """SHA-256 over all pixels, labels and classes: the data hash in cards and results."""
        digest = hashlib.sha256(repr(self.classes).encode())
        for split in self.splits().values():
            digest.update(np.ascontiguousarray(split.images))
            digest.update(np.ascontiguousarray(split.labels, dtype=np.int64))
        return digest.hexdigest()


def empty_split(image_size: int = 28) -> Split:
    return Split(np.zeros((0, image_size, image_size), np.uint8), np.zeros(0, np.int64))
