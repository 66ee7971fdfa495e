"""Logits frame by frame: their probabilities and their best path; many lines in one array."""

from collections.abc import Iterator, Sequence

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


def portions(lines: Sequence[np.ndarray], count: int) -> Iterator[np.ndarray]:
    """Places of at most `count` lines at a time, of about the same length; each once.

    Lines side by side share the cost of each step; but shorter ones are filled up.
    """
    places = np.argsort([len(line) for line in lines], kind="stable")
    return (places[start : start + count] for start in range(0, len(places), count))


def stack(lines: Sequence[np.ndarray]) -> np.ndarray:
    """Log-probabilities of lines in one array, (T, B, C + 2), for the longest of T frames.

    Behind a shorter line stand frames that are certainly blank: they change neither a text
    nor its probability. The last column is impossible in every frame: it is the character
    of no character, such as the last one of an empty text.

    Args:
        lines: at least one, each (T, C + 1) from `log_probabilities`.
    """
    columns = lines[0].shape[1] + 1
    frames = np.full((max(map(len, lines)), len(lines), columns), -np.inf)
    frames[:, :, -2] = 0
    for number, line in enumerate(lines):
        frames[: len(line), number, :-1] = line
    return frames
