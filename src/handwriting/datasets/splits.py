"""Cutting validation from train, and keeping splits disjoint."""

import hashlib

import numpy as np

from handwriting.datasets.base import CharacterData, Split, empty_split


def stratified_split(
    labels: np.ndarray, fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Indices of (train, validation), each class divided by the same fraction.

    Every class with at least two members keeps at least one on each side; a class with
    a single member stays in train.

    >>> train, validation = stratified_split(np.array([0] * 8 + [1] * 4), 0.25, seed=0)
    >>> np.bincount(np.array([0] * 8 + [1] * 4)[validation]).tolist()
    [2, 1]
    """
    rng = np.random.default_rng(seed)
    validation = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        count = max(1, round(len(members) * fraction)) if len(members) > 1 else 0
        validation.append(rng.permutation(members)[:count])
    chosen = np.sort(np.concatenate(validation))
    return np.setdiff1d(np.arange(len(labels)), chosen), chosen


def split_by_content(
    images: np.ndarray, fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Indices of (train, validation), decided by each image's own pixels and the seed.

    The same picture falls on the same side in every data set that holds it, so a model
    may start from the weights of another one without having seen its validation images.
    Stratified in expectation: every class gives up about the same fraction.
    """
    key = seed.to_bytes(8, "big", signed=True)
    digests = image_hashes(images, key)
    draws = np.array([int.from_bytes(digest.tobytes()[:8], "big") for digest in digests])
    chosen = draws < fraction * 2.0**64
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)


def image_hashes(images: np.ndarray, key: bytes = b"") -> np.ndarray:
    """(N,) 16-byte BLAKE2 digests, one an image: equal pixels, equal digest."""
    contiguous = np.ascontiguousarray(images)
    digests = [hashlib.blake2b(image, digest_size=16, key=key).digest() for image in contiguous]
    return np.array(digests, "V16") if digests else np.zeros(0, "V16")


def remove_duplicates(train: Split, *others: Split) -> tuple[Split, int]:
    """Drop from `train` every image that also stands in one of `others`.

    Returns:
        The remaining split, and how many images were dropped.
    """
    seen = {digest.tobytes() for other in others for digest in image_hashes(other.images)}
    keep = np.array([h.tobytes() not in seen for h in image_hashes(train.images)], bool)
    return train.take(keep), int((~keep).sum())


def make_data(
    name: str,
    classes: tuple[str, ...],
    train: Split,
    test: Split | None,
    validation_fraction: float = 0.1,
    seed: int = 0,
    notes: tuple[str, ...] = (),
    by_content: bool = False,
) -> CharacterData:
    """Cut a validation split from `train` and make the three splits disjoint.

    The cut is stratified, or `by_content` where data sets share images.

    Images of the training set that also stand in the test set are dropped before the cut,
    and those that also stand in validation after it; the notes say how many.
    """
    test = empty_split() if test is None else test
    train, in_test = remove_duplicates(train, test)
    if by_content:
        indices = split_by_content(train.images, validation_fraction, seed)
    else:
        indices = stratified_split(train.labels, validation_fraction, seed)
    train_index, validation_index = indices
    validation = train.take(validation_index)
    train, in_validation = remove_duplicates(train.take(train_index), validation)
    if in_test or in_validation:
        notes += (
            f"duplicates removed from train: {in_test} also in test, "
            f"{in_validation} also in validation",
        )
    return CharacterData(name, classes, train, validation, test, notes)
