"""Small data sets as idx files."""

import numpy as np

from handwriting.datasets.idx import write_idx


def glyphs(count: int, seed: int = 0) -> np.ndarray:
    """Upright Ls, (count, 28, 28) uint8, told apart by one row of noise above them."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 4:24, 6:9] = 255
    images[:, 21:24, 6:20] = 255
    images[:, 0] = np.random.default_rng(seed).integers(0, 256, (count, 28))
    return images


def write_pair(folder, stem: str, images: np.ndarray, labels) -> None:
    write_idx(folder / f"{stem}-images-idx3-ubyte.gz", images)
    write_idx(folder / f"{stem}-labels-idx1-ubyte.gz", np.array(labels))
