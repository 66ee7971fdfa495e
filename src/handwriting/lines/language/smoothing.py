"""From counts to probabilities: interpolated Kneser-Ney smoothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from handwriting.lines.language.counts import Counts


@dataclass(frozen=True)
class Shares:
    """The n-grams hw of one order: what each has beyond its shorter neighbour h'w.

    p(w | h) = share(hw) + rest(h) · p(w | h'), where h' is h without its first symbol and
    rest(h) = 1 - Σ over the listed w of share(hw). Rows so defined sum to 1 whatever is
    left out of the list.

    Attributes:
        keys: (N,) uint64 as in `Counts`.
        shares: (N,) float64.
    """

    keys: np.ndarray
    shares: np.ndarray


@dataclass(frozen=True)
class Level(Shares):
    """Shares with what pruning needs to know.

    Attributes:
        probabilities: (N,) float64, p(w | h).
        lower: (N,) int64, place of h'w in the level below; for single symbols 0.
        weights: (N,) float64, weighted occurrences in the text.
    """

    probabilities: np.ndarray
    lower: np.ndarray
    weights: np.ndarray


def smooth(levels: Sequence[Counts], symbols: int) -> list[Level]:
    """Interpolated modified Kneser-Ney (Chen and Goodman 1998, TR-10-98, section 3).

    Below the highest order, an n-gram counts once for each different symbol before it; at
    the start of a line, where none can be, its occurrences count. Weights scale what the
    discount leaves; the discounts themselves come from plain counts. Single symbols are
    interpolated with the uniform distribution over all `symbols`.
    """
    smoothed: list[Level] = []
    for size, level in enumerate(levels, start=1):
        counts, weights = level.counts, level.weights
        if size < len(levels):
            counts, weights = _continuations(level, levels[size], size)
        shares = weights * (1 - _discounts(counts) / counts)
        group = contexts(level.keys)[1]
        shares /= np.bincount(group, weights)[group]
        rest = 1 - np.bincount(group, shares)
        lower, below = np.zeros(len(shares), np.int64), np.full(len(shares), 1 / symbols)
        if smoothed:
            lower = _suffixes(smoothed[-1].keys, level.keys, size - 1)
            below = smoothed[-1].probabilities[lower]
        probabilities = shares + rest[group] * below
        smoothed.append(Level(level.keys, shares, probabilities, lower, level.weights))
    return smoothed


def contexts(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different contexts of sorted n-grams, and for each n-gram the place of its own."""
    context = keys >> np.uint64(8)
    new = np.append(True, context[1:] != context[:-1])[: len(keys)]
    return context[new], np.cumsum(new) - 1


def _continuations(level: Counts, longer: Counts, size: int) -> tuple[np.ndarray, np.ndarray]:
    """How many different symbols come before each n-gram, plain and weighted."""
    places = _suffixes(level.keys, longer.keys, size)
    counts = np.bincount(places, minlength=len(level.keys)).astype(np.float64)
    weights = np.bincount(places, longer.weights / longer.counts, minlength=len(level.keys))
    at_start = counts == 0
    return np.where(at_start, level.counts, counts), np.where(at_start, level.weights, weights)


def _suffixes(shorter: np.ndarray, keys: np.ndarray, size: int) -> np.ndarray:
    """Where among the sorted keys `shorter` the last `size` symbols of each key are."""
    return np.searchsorted(shorter, keys & np.uint64(2 ** (8 * size) - 1))


def _discounts(counts: np.ndarray) -> np.ndarray:
    """What to take off each count, by how many n-grams occur 1, 2, 3 and 4 times."""
    seen = [int((counts == number).sum()) for number in (1, 2, 3, 4)]
    if not all(seen):
        return np.full(len(counts), 0.5)
    base = seen[0] / (seen[0] + 2 * seen[1])
    steps = [number - (number + 1) * base * seen[number] / seen[number - 1] for number in (1, 2, 3)]
    # Few texts can give wild ratios; a discount stays below the count it is taken off.
    steps = np.clip(steps, 0.1, (0.9, 1.8, 2.7))
    return steps[np.minimum(counts, 3).astype(np.int64) - 1]
