"""Leaving out the n-grams that a model hardly misses."""

from collections.abc import Sequence

import numpy as np

from handwriting.lines.language.smoothing import Level, Shares, contexts


def prune(levels: Sequence[Level], threshold: float) -> list[Shares]:
    """Levels without the n-grams that save less than `threshold` nats over the whole text.

    After Stolcke, "Entropy-based pruning of backoff language models", 1998: leaving hw out
    hands its share to the rest of h. The text then loses at each hw and gains at every
    symbol that h does not list. Each n-gram is judged as if the others stayed. One that
    begins a longer kept one stays; so do all single symbols.
    """
    kept: list[Shares] = []
    needed = np.zeros(0, np.uint64)
    for number in range(len(levels) - 1, 0, -1):
        level = levels[number]
        keep = _savings(level, levels[number - 1].probabilities) > threshold
        keep |= np.isin(level.keys, needed, assume_unique=True)
        kept.append(Shares(level.keys[keep], level.shares[keep]))
        needed = contexts(kept[-1].keys)[0]
    return [levels[0], *reversed(kept)]


def _savings(level: Level, below: np.ndarray) -> np.ndarray:
    """Nats that the text would lose without each n-gram."""
    group = contexts(level.keys)[1]
    below = below[level.lower]
    rest = np.maximum(1 - np.bincount(group, level.shares), 1e-9)
    occurrences = np.bincount(group, level.weights)
    unlisted = rest * np.maximum(1 - np.bincount(group, below), 0)
    new_rest = rest[group] + level.shares
    lost = level.weights * np.log(level.probabilities / (new_rest * below))
    return lost - (occurrences * unlisted)[group] * np.log(new_rest / rest[group])
