"""Logits frame by frame: their probabilities and their best path."""

import numpy as np


def log_probabilities(logits: np.ndarray) -> np.ndarray:
    """Log-softmax of each frame, (T, C + 1) float64.

    Raises:
        ValueError: not two axes, no column but the blank, or numbers that are not finite.
    """
    logits = np.asarray(logits, np.float64)
    if logits.ndim != 2 or logits.shape[1] < 2:
        raise ValueError(f"logits are (T, C + 1), not {logits.shape}")
    if not np.isfinite(logits).all():
        raise ValueError("logits are not finite")
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def greedy(logits: np.ndarray) -> np.ndarray:
    """The text of the most probable path: repeats merged, then blanks left out.

    Args:
        logits: (T, C + 1), the blank last; log-probabilities serve as well.

    Returns:
        (L,) int32 indices.

    >>> greedy(np.eye(3)[[0, 0, 2, 0, 1, 2]]).tolist()
    [0, 0, 1]
    """
    logits = np.asarray(logits)
    path = logits.argmax(axis=1).astype(np.int32)
    first_of_run = np.append(True, path[1:] != path[:-1])[: len(path)]
    return path[first_of_run & (path != logits.shape[1] - 1)]
