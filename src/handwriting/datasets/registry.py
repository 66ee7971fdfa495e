"""Every data set by name. A plain dict: add a line to add a data set."""

from collections.abc import Callable
from functools import partial

from handwriting.datasets.base import CharacterData
from handwriting.datasets.characters import load_characters
from handwriting.datasets.emnist import SPLITS, load_emnist_data
from handwriting.datasets.emoji import load_emoji
from handwriting.datasets.kaggle import load_kaggle
from handwriting.datasets.mnist import load_mnist
from handwriting.errors import UserError

DATASETS: dict[str, Callable[..., CharacterData]] = {
    "mnist": load_mnist,
    **{f"emnist_{split}": partial(load_emnist_data, split) for split in SPLITS},
    "kaggle_characters": load_kaggle,
    "emoji": load_emoji,
    "characters": load_characters,
}


def load_dataset(name: str, seed: int = 0) -> CharacterData:
    """Load a data set of `DATASETS`, its validation split cut with `seed`.

    Raises:
        UserError: an unknown name, or its files are missing or broken.
    """
    if name not in DATASETS:
        raise UserError(f"no data set {name!r}; there are {', '.join(DATASETS)}")
    return DATASETS[name](seed=seed)
