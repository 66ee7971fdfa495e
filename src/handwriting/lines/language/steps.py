"""What every language model that goes symbol by symbol can do."""

from collections.abc import Sequence

import numpy as np

from handwriting.lines.charset import Charset

_SIDE_BY_SIDE = 512  # lines


class StepModel:
    """A `decoding.LanguageModel` over a charset; it needs `start` and `follow` alone."""

    charset: Charset

    def start(self) -> np.ndarray:
        """(K,) int64: the state at the start of a line."""
        raise NotImplementedError

    def follow(self, states: np.ndarray, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What comes next, for many texts at once.

        Args:
            states: (K, N) int64, one in each column.
            symbols: (N,) int, the next one of each; `len(charset)` is the end of the line.

        Returns:
            (N,) float64, natural log-probabilities of the symbols; (K, N) int64, the states
            behind them.
        """
        raise NotImplementedError

    def advance(self, state: np.ndarray, symbol: int) -> np.ndarray:
        """(K,) int64: the state of one text, (K,), one symbol later."""
        return self.follow(state[:, None], np.array([symbol]))[1][:, 0]

    def scores(self, state: np.ndarray) -> np.ndarray:
        """(C + 1,) float64 natural log-probabilities of the next symbol after a state (K,).

        The last one is the end of the line.
        """
        symbols = np.arange(len(self.charset) + 1)
        return self.follow(np.repeat(state[:, None], len(symbols), axis=1), symbols)[0]

    def log_prob(self, text: str) -> float:
        """Natural log-probability of a whole line, its end included.

        Raises:
            KeyError: a character that is not in the charset.
        """
        return float(self.log_probs([text])[0])

    def log_probs(self, texts: Sequence[str]) -> np.ndarray:
        """(N,) `log_prob` of lines, hundreds side by side."""
        charset, total = self.charset, np.zeros(len(texts))
        order = sorted(range(len(texts)), key=lambda number: -len(texts[number]))
        for first in range(0, len(order), _SIDE_BY_SIDE):
            numbers = order[first : first + _SIDE_BY_SIDE]  # longest first: the last end first
            lengths = np.array([len(texts[number]) + 1 for number in numbers])
            symbols = np.full((lengths[0], len(numbers)), len(charset))
            for column, number in enumerate(numbers):
                symbols[: len(texts[number]), column] = charset.encode(texts[number])
            states = np.repeat(self.start()[:, None], len(numbers), axis=1)
            for position, row in enumerate(symbols):
                count = int((lengths > position).sum())
                likely, states = self.follow(states[:, :count], row[:count])
                total[numbers[:count]] += likely
        return total

    def bits_per_character(self, texts: Sequence[str]) -> float:
        """Mean -log2 of the probability of each character and each end of line."""
        count = sum(len(text) + 1 for text in texts)
        return -float(self.log_probs(texts).sum()) / count / float(np.log(2))

    def perplexity(self, texts: Sequence[str]) -> float:
        """2 to the `bits_per_character`."""
        return 2 ** self.bits_per_character(texts)
