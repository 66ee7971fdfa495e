"""EMNIST (Cohen et al., 2017, arXiv:1702.05373): letters and digits of NIST SD 19.

Six official splits, as `gzip/emnist-SPLIT-{train,test}-{images-idx3,labels-idx1}-ubyte.gz`
or all in `matlab.zip`. NIST ships every image transposed; it is turned upright here, once,
so nothing else needs to know.
"""

from pathlib import Path

import numpy as np

from handwriting.datasets.base import CharacterData, Split
from handwriting.datasets.emnist_matlab import load_matlab, matlab_archive
from handwriting.datasets.idx import find_idx
from handwriting.datasets.mnist import read_pair
from handwriting.datasets.splits import make_data
from handwriting.errors import UserError
from handwriting.paths import data_dir

DIGITS = "0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER = "abcdefghijklmnopqrstuvwxyz"
# The 15 letters whose upper and lower case look alike (c/C, o/O, …) are merged into the
# upper case by the Balanced and ByMerge splits; these eleven keep a class of their own.
LOWER_DISTINCT = "abdefghnqrt"

SPLITS: dict[str, tuple[str, ...]] = {
    "balanced": tuple(DIGITS + UPPER + LOWER_DISTINCT),
    "bymerge": tuple(DIGITS + UPPER + LOWER_DISTINCT),
    "byclass": tuple(DIGITS + UPPER + LOWER),
    "letters": tuple(UPPER),
    "digits": tuple(DIGITS),
    "mnist": tuple(DIGITS),
}

# Size of each official training file, to say when a part of it or a redraw is loaded.
_OFFICIAL_TRAIN = {
    "balanced": 112_800,
    "bymerge": 697_932,
    "byclass": 697_932,
    "letters": 124_800,
    "digits": 240_000,
    "mnist": 60_000,
}


def load_emnist(split: str, root: Path | None = None) -> tuple[Split, Split, tuple[str, ...]]:
    """The published training and test images of one split, upright, and the classes.

    Returns:
        (train, test, classes); images (N, 28, 28) uint8, 0 = paper, 255 = ink.

    Raises:
        UserError: an unknown split, or its files are missing or broken.
    """
    if split not in SPLITS:
        raise UserError(f"no EMNIST split {split!r}; there are {', '.join(SPLITS)}")
    folder = (root or data_dir()) / "emnist"
    gzip = folder / "gzip"
    if not find_idx(gzip, f"emnist-{split}-train-images-idx3-ubyte").is_file() and (
        matlab_archive(folder).is_file()
    ):
        train, test = load_matlab(folder, split)
    else:
        train, test = (_read_gzip(gzip, split, part) for part in ("train", "test"))
    classes = SPLITS[split]
    return _from_zero(train, split, classes), _from_zero(test, split, classes), classes


def _read_gzip(folder: Path, split: str, part: str) -> Split:
    how = "get it with `python src/download.py emnist`, or set HANDWRITING_DATA"
    stem = f"emnist-{split}-{part}"
    raw = read_pair(folder, f"{stem}-images-idx3-ubyte", f"{stem}-labels-idx1-ubyte", how)
    return Split(upright(raw.images), raw.labels)


def upright(images: np.ndarray) -> np.ndarray:
    """Undo NIST's transposition of (N, 28, 28) images."""
    return np.ascontiguousarray(images.transpose(0, 2, 1))


def _from_zero(data: Split, split: str, classes: tuple[str, ...]) -> Split:
    """The letters split counts from 1; everything else, and this package, from 0."""
    labels = data.labels - 1 if split == "letters" else data.labels
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(classes):
        raise UserError(
            f"EMNIST {split}: labels outside the {len(classes)} classes; download again"
        )
    return Split(data.images, labels)


def load_emnist_data(split: str, seed: int = 0, root: Path | None = None) -> CharacterData:
    """One EMNIST split with a tenth of train held out for validation.

    The splits share images; one that validates in any of them does so in all.
    """
    train, test, classes = load_emnist(split, root)
    notes = ()
    if len(train) < _OFFICIAL_TRAIN[split]:
        name = "Balanced (redrawn)" if split == "balanced" else split
        notes = (
            f"{name}: {len(train):,} training images where the official file has "
            f"{_OFFICIAL_TRAIN[split]:,}",
        )
    return make_data(
        f"emnist_{split}", classes, train, test, seed=seed, notes=notes, by_content=True
    )
