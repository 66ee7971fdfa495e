"""The listed n-grams as a trie in which thousands of nodes are looked up at once."""

import numpy as np


class Trie:
    """Nodes are numbered as in the file: single symbols first, then by length and parent.

    The children of a node are numbered on and in the order of their symbols. So a bitmap of
    these symbols finds a child without a search: its number is that of the first child and
    the bits before its own. A bitmap takes some words of 64 bits.

    Two numbers stand for nothing, so that no caller has to ask: `dead`, a context that lists
    nothing, and `len(symbols)`, an n-gram that is not listed and has no share.

    Args:
        symbols: (N,) uint8, last symbol of each node.
        children: (M,) uint8, how many nodes are below each of the first M.
        shares: (N,) float32, see `smoothing.Shares`.
        count: of different symbols.

    Attributes:
        dead: M, the node of every context that is not in the trie.
        rest: (M + 1,) float64, what a context leaves to the next shorter one.
    """

    def __init__(self, symbols: np.ndarray, children: np.ndarray, shares: np.ndarray, count: int):
        self.dead = len(children)
        parents = np.repeat(np.arange(self.dead, dtype=np.int32), children)
        self.rest = 1 - np.bincount(parents, shares[count:], minlength=self.dead + 1)
        self._shares = np.append(shares, np.float32(0))
        own = np.arange(count)
        self._words = -(-count // 64)
        self._word = (own >> 6).astype(np.int32)
        self._above = (63 - (own & 63)).astype(np.uint64)  # bits of a word above each symbol's

        below = symbols[count:]
        places = parents * np.int32(self._words) + self._word[below]
        starts = np.flatnonzero(np.append(True, places[1:] != places[:-1])[: len(places)])
        self._bits = np.zeros((self.dead + 1) * self._words, np.uint64)
        self._before = np.zeros(len(self._bits), np.int32)  # number before each word's first child
        if len(starts):
            bits = (np.uint64(1) << (own & 63).astype(np.uint64))[below]
            self._bits[places[starts]] = np.bitwise_or.reduceat(bits, starts)
            self._before[places[starts]] = count + starts - 1

    def below(self, nodes: np.ndarray, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The shares of n-grams, and the contexts that they are.

        Args:
            nodes: (K, N) int64 contexts.
            symbols: (N,) int, one behind all contexts of a column.

        Returns:
            (K, N) float32, 0 where an n-gram is not listed; (K, N) int64, `dead` where it
            is no context of longer ones.
        """
        places = nodes * self._words + self._word.take(symbols)
        # The symbol's own bit becomes the sign; those left below it are its elder siblings.
        bits = self._bits.take(places) << self._above.take(symbols)
        child = self._before.take(places) + np.bitwise_count(bits)
        child = np.where(bits.view(np.int64) < 0, child, len(self._shares) - 1)
        return self._shares.take(child), np.minimum(child, self.dead)
