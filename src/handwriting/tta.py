"""Test-time augmentation: ask about several variations of an image and average the answers."""

import numpy as np

from handwriting.augment import Augmentation, augment_batch


def averaged_probabilities(
    recognizer, images: np.ndarray, augmentation: Augmentation, views: int, seed: int = 0
) -> np.ndarray:
    """Probabilities after the image itself and after each further view of it.

    Args:
        recognizer: has `.probabilities((N, H, W) uint8)`, which returns (N, C).
        images: (N, H, W) uint8, 255 = ink.
        augmentation: how far a view may differ from the image.
        views: how many further views; each costs as much as the first.

    Returns:
        (views + 1, N, C): entry v is the mean over the image and v views of it.
    """
    rng = np.random.default_rng(seed)
    total = recognizer.probabilities(images).astype(np.float64)
    means = [total.copy()]
    for view in range(1, views + 1):
        total += recognizer.probabilities(augment_batch(images, augmentation, rng))
        means.append(total / (view + 1))
    return np.stack(means)
