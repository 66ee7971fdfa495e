"""The texts that a search has met, as a tree."""

import numpy as np


class TextTree:
    """Each text is a shorter one and a character; the first ones are empty, one for each line."""

    def __init__(self, lines: int):
        self._lines = self._count = lines
        self._parents = [np.full(lines, -1)]
        self._symbols = [np.full(lines, -1)]

    def add(self, parents: np.ndarray, symbols: np.ndarray) -> np.ndarray:
        """Numbers (N,) of new texts: those numbered `parents`, with one more symbol each."""
        self._parents.append(parents)
        self._symbols.append(symbols)
        self._count += len(parents)
        return np.arange(self._count - len(parents), self._count)

    def spell(self, numbers: np.ndarray) -> list[tuple[int, ...]]:
        """The symbols of texts."""
        parents, symbols = np.concatenate(self._parents), np.concatenate(self._symbols)
        reverse = [symbols[numbers]]
        while (numbers >= self._lines).any():
            # An empty text stays what it is.
            numbers = np.where(numbers >= self._lines, parents[numbers], numbers)
            reverse.append(symbols[numbers])
        rows = np.array(reverse[::-1]).T
        lengths = (rows >= 0).sum(axis=1)
        return [
            tuple(row[len(row) - length :])
            for row, length in zip(rows.tolist(), lengths.tolist(), strict=True)
        ]
