"""How probable whole lines are to a language model."""

from collections.abc import Sequence

import numpy as np

_SIDE_BY_SIDE = 512  # lines


def log_probabilities(model, texts: Sequence[str]) -> np.ndarray:
    """(N,) natural log-probabilities of lines, their ends included.

    Args:
        model: a `decoding.LanguageModel` with a `charset`.

    Raises:
        KeyError: a character that is not in the charset.
    """
    charset, total = model.charset, np.zeros(len(texts))
    order = sorted(range(len(texts)), key=lambda number: -len(texts[number]))
    for first in range(0, len(order), _SIDE_BY_SIDE):
        numbers = order[first : first + _SIDE_BY_SIDE]  # longest first: those over are at the end
        lengths = np.array([len(texts[number]) + 1 for number in numbers])
        symbols = np.full((lengths[0], len(numbers)), len(charset))
        for column, number in enumerate(numbers):
            symbols[: len(texts[number]), column] = charset.encode(texts[number])
        states = np.repeat(model.start()[:, None], len(numbers), axis=1)
        for position, row in enumerate(symbols):
            count = int((lengths > position).sum())
            likely, states = model.follow(states[:, :count], row[:count])
            total[numbers[:count]] += likely
    return total


def bits_per_character(model, texts: Sequence[str]) -> float:
    """Mean -log2 of the probability of each character and each end of line."""
    count = sum(len(text) + 1 for text in texts)
    return -float(log_probabilities(model, texts).sum()) / count / float(np.log(2))
