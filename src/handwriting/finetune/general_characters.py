"""Characters that are not the user's: to replay, to choose by, and the general test."""

from dataclasses import dataclass

import numpy as np

from handwriting.cards import ModelCard
from handwriting.datasets import load_dataset
from handwriting.datasets.base import Split
from handwriting.datasets.generated import generated_digits
from handwriting.errors import UserError
from handwriting.images import CharacterFormat, to_character

TEST_CHARACTERS = 3000
CHOICE_CHARACTERS = 1500
REPLAY_PER_CLASS = 40
DRAWN_DIGITS = 900


@dataclass(frozen=True)
class GeneralCharacters:
    """Disjoint; labels are into the base's classes.

    Attributes:
        test: the fixed general test, of the validation split.
        choice: of the same split, to choose by.
        replay: of the base's training.
        source: where they come from, in a few words.
    """

    test: Split
    choice: Split
    replay: Split
    source: str


def load_general_characters(
    card: ModelCard, seed: int = 0, test_count: int = TEST_CHARACTERS
) -> GeneralCharacters:
    """From the data set that the base was trained on, else digits drawn by a program.

    Args:
        seed: draws the characters to replay; the others are fixed.
    """
    dataset = card.finetuning.get("base_dataset", card.dataset)
    try:
        data = load_dataset(dataset)
    except UserError:
        return _drawn(card)
    validation = _relabelled(data.validation, data.classes, card.classes)
    order = np.random.default_rng(0).permutation(len(validation))
    ends = np.cumsum([min(test_count, len(order) * 2 // 3), CHOICE_CHARACTERS])
    rng = np.random.default_rng(seed)
    train = _relabelled(data.train, data.classes, card.classes)
    rows = [
        rng.permutation(np.flatnonzero(train.labels == label))[:REPLAY_PER_CLASS]
        for label in np.unique(train.labels)
    ]
    return GeneralCharacters(
        validation.take(order[: ends[0]]),
        validation.take(order[ends[0] : ends[1]]),
        train.take(np.concatenate(rows)),
        f"validation characters of {data.name}",
    )


def _relabelled(split: Split, own: tuple[str, ...], classes: tuple[str, ...]) -> Split:
    """The characters that the model reads, labelled by its classes."""
    table = np.array([classes.index(name) if name in classes else -1 for name in own], int)
    labels = table[split.labels] if len(split) else split.labels
    return Split(split.images, labels).take(labels >= 0)


def _drawn(card: ModelCard) -> GeneralCharacters:
    # Without any other characters, everything would soon be read as what was corrected.
    format = CharacterFormat.from_dict(card.preprocessing)
    digits = generated_digits(DRAWN_DIGITS)
    images = [np.rint(to_character(255 - i, format)[..., 0] * 255) for i in digits.images]
    split = Split(np.array(images, np.uint8), digits.labels)
    split = _relabelled(split, tuple("0123456789"), card.classes)
    parts = [split.take(slice(start, None, 3)) for start in range(3)]
    return GeneralCharacters(*parts, source="digits drawn by a program; letters are not watched")
