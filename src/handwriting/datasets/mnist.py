"""MNIST: 70,000 digits (LeCun, Cortes and Burges), read from the four published files."""

from pathlib import Path

import numpy as np

from handwriting.datasets.base import CharacterData, Split
from handwriting.datasets.idx import find_idx, read_idx
from handwriting.datasets.splits import make_data
from handwriting.errors import UserError
from handwriting.paths import data_dir

CLASSES = tuple("0123456789")


def read_pair(folder: Path, images_name: str, labels_name: str, how: str) -> Split:
    """Read an images file and its labels file, and check that they belong together.

    Raises:
        UserError: a file is missing (`how` says how to get it) or they do not match.
    """
    images_path, labels_path = find_idx(folder, images_name), find_idx(folder, labels_name)
    for path in (images_path, labels_path):
        if not path.is_file():
            raise UserError(f"{path}: not found; {how}")
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
        raise UserError(
            f"{images_path}: shape {images.shape} does not belong to labels {labels.shape}; {how}"
        )
    return Split(images, labels.astype(np.int64))


def load_mnist(seed: int = 0, root: Path | None = None) -> CharacterData:
    """MNIST with 6,000 of its 60,000 training images held out for validation.

    Raises:
        UserError: the files are not there, or broken.
    """
    folder = (root or data_dir()) / "mnist"
    how = "get it with `python src/download.py mnist`, or set HANDWRITING_DATA"
    train = read_pair(folder, "train-images-idx3-ubyte", "train-labels-idx1-ubyte", how)
    test = read_pair(folder, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", how)
    return make_data("mnist", CLASSES, train, test, seed=seed)
