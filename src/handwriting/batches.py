"""Batches for training: shuffled, augmented, and the same again whenever they are asked for."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from handwriting.augment import Augmentation, augment_batch
from handwriting.datasets.base import Split


def to_input(images: np.ndarray) -> np.ndarray:
    """(N, H, W) uint8, 255 = ink, to (N, H, W, 1) float32 in [0, 1]: what the models take."""
    return images[..., None].astype(np.float32) / np.float32(255)


def steps_per_epoch(split: Split, batch_size: int) -> int:
    """Batches in an epoch; a last short one is dropped unless it is the only one."""
    return max(1, len(split) // batch_size)


def training_batches(
    split: Split, batch_size: int, augmentation: Augmentation, seed: int, epoch: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """One epoch of (images (B, 28, 28, 1) float32, labels (B,)).

    Order and augmentation depend on `(seed, epoch, step)` alone: an interrupted run that
    starts an epoch again sees the same pictures.
    """
    order = np.random.default_rng([seed, epoch]).permutation(len(split))

    def make(step: int):
        rows = order[step * batch_size : (step + 1) * batch_size]
        rng = np.random.default_rng([seed, epoch, step])
        return to_input(augment_batch(split.images[rows], augmentation, rng)), split.labels[rows]

    # One thread prepares the next batch (OpenCV releases the GIL) while this one trains.
    with ThreadPoolExecutor(1) as pool:
        upcoming = pool.submit(make, 0)
        for step in range(steps_per_epoch(split, batch_size)):
            current = upcoming
            upcoming = pool.submit(make, step + 1)
            yield current.result()
