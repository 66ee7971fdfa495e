"""Everything a person may write as one character: letters, digits, `# $ & @` and emoji."""

from pathlib import Path

import numpy as np

from handwriting.datasets.base import CharacterData, Split
from handwriting.datasets.emnist import load_emnist_data
from handwriting.datasets.emoji import load_emoji
from handwriting.datasets.symbols import SYMBOLS, load_symbols

SYMBOLS_HELD_OUT = 100


def load_characters(
    seed: int = 0, per_class: int = 2000, root: Path | None = None
) -> CharacterData:
    """EMNIST Balanced, four symbols and the emoji in one list of classes, in this order.

    Train has `per_class` images of each class: a draw from classes that have more, every
    image and a further draw from those that have fewer, and as many variants for symbols and
    emoji. Validation and test are those of the three data sets, as they are.

    Raises:
        UserError: the files of one of them are not there.
    """
    emnist = load_emnist_data("balanced", seed=seed, root=root)
    emoji = load_emoji(per_class, seed=seed, root=root)
    counts = (per_class, SYMBOLS_HELD_OUT, SYMBOLS_HELD_OUT)
    symbols = load_symbols(counts, seed, root / "fonts" if root else None)
    train = balance(emnist.train, per_class, np.random.default_rng(seed))
    parts = zip(
        (train, emnist.validation, emnist.test), symbols, emoji.splits().values(), strict=True
    )
    splits = [join(part, (len(emnist.classes), len(SYMBOLS))) for part in parts]
    notes = (
        *emnist.notes,
        f"train balanced to {per_class:,} a class, by repeating images where EMNIST has fewer",
        "# $ & @: a stand-in drawn after handwriting fonts, other fonts in validation and test",
        *(f"emoji {note}" for note in emoji.notes),
    )
    return CharacterData("characters", emnist.classes + SYMBOLS + emoji.classes, *splits, notes)


def balance(split: Split, per_class: int, rng: np.random.Generator) -> Split:
    """`per_class` images of each class: all of them as often as possible, and a draw."""
    index = []
    for label in np.unique(split.labels):
        members = rng.permutation(np.flatnonzero(split.labels == label))
        index.append(np.resize(members, per_class))
    return split.take(np.sort(np.concatenate(index)))


def join(splits: tuple[Split, ...], sizes: tuple[int, ...]) -> Split:
    """One split from several, the labels of each counted on after `sizes` classes before."""
    offsets = np.cumsum((0, *sizes))
    labels = [split.labels + offset for split, offset in zip(splits, offsets, strict=True)]
    return Split(np.concatenate([split.images for split in splits]), np.concatenate(labels))
