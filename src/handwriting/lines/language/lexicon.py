"""A list of words as a tree of their beginnings, many of which are followed at once."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from handwriting.lines.language.trie import Trie


class Lexicon:
    """Which words begin how.

    Words are numbered in the order of their letters, so that those with a common beginning
    are a range of numbers. A node stands for a beginning; nodes are numbered by length and
    order, those of single letters first, whether a word begins so or not.

    Args:
        letters: in order, none twice.
        symbols: (N,) uint8, last letter of each beginning, as its place in `letters`.
        children: (N,) uint8, how many beginnings are one letter longer.
        whole: (N,) bool, whether it is a word itself.

    Attributes:
        dead: N, the node of what begins no word.
        root: N + 1, the node of no letter yet.
        first, end: (N + 1,) int32, the range of words below each node but the root.
        whole: (N + 1,) bool; the word itself is the first of the range.
    """

    def __init__(self, letters: str, symbols, children, whole):
        self.letters, self.symbols, self.children = letters, symbols, children
        self.dead = len(symbols)
        self.root = self.dead + 1
        self.whole = np.append(whole, False)
        self._count = int(self.whole.sum())
        nothing = np.zeros(self.dead, np.float32)  # the shares that n-grams have
        self._trie = Trie(symbols, children, nothing, len(letters))
        first, count = _ranges(children.astype(np.int64), np.asarray(whole, np.int64), len(letters))
        self.first = np.append(first, 0).astype(np.int32)
        self.end = np.append(first + count, 0).astype(np.int32)

    @classmethod
    def of(cls, letters: str, words: Sequence[str]) -> "Lexicon":
        """From words of these letters, none empty; order and repetitions do not matter.

        Raises:
            ValueError: a word has another letter.
        """
        spelt = _spell(letters, words)
        lengths = (spelt >= 0).sum(axis=1)
        starts = np.arange(len(spelt))
        symbols = [np.arange(len(letters))]
        whole = [np.isin(symbols[0], spelt[lengths == 1, 0])]
        above, children = spelt[:, 0].astype(np.int64), []
        for size in range(2, spelt.shape[1] + 1):
            starts = starts[lengths[starts] >= size]
            here = spelt[starts]
            new = np.append(True, (here[1:, :size] != here[:-1, :size]).any(axis=1))[: len(here)]
            children.append(np.bincount(above[starts][new], minlength=len(symbols[-1])))
            symbols.append(here[new, size - 1])
            whole.append(lengths[starts[new]] == size)
            above[starts] = new.cumsum() - 1
        children.append(np.zeros(len(symbols[-1]), np.int64))
        nodes, below = (np.concatenate(part).astype(np.uint8) for part in (symbols, children))
        return cls(letters, nodes, below, np.concatenate(whole))

    def __len__(self) -> int:
        """Words."""
        return self._count

    def words(self) -> list[str]:
        """All words, in order."""
        found, level, node = [""] * len(self), list(self.letters), 0
        while level:
            longer = []
            for beginning in level:
                if self.whole[node]:
                    found[self.first[node]] = beginning
                longer += [beginning] * int(self.children[node])
                node += 1
            places = self.symbols[node : node + len(longer)]
            level = [b + self.letters[place] for b, place in zip(longer, places, strict=True)]
        return found

    def longer(self, nodes: np.ndarray, letters: np.ndarray) -> np.ndarray:
        """(N,) int64: the nodes behind `nodes` one letter later; `dead` where no word goes on so.

        Args:
            nodes: (N,) int64, `root` and `dead` among them.
            letters: (N,) int, places in `letters`.
        """
        inner = np.minimum(nodes, self.dead)
        found = self._trie.below(inner[None], letters)[1][0]
        return np.where(nodes == self.root, letters, found)


def _spell(letters: str, words: Sequence[str]) -> np.ndarray:
    """(V, L) int16, sorted, none twice: places of the letters of each word, -1 behind it."""
    place = {letter: i for i, letter in enumerate(letters)}
    try:
        spelt = sorted({tuple(place[letter] for letter in word) for word in words})
    except KeyError as error:
        raise ValueError(f"{error} is no letter of the lexicon") from None
    longest = max(map(len, spelt), default=1)
    table = np.full((len(spelt), longest), -1, np.int16)
    for row, word in zip(table, spelt, strict=True):
        row[: len(word)] = word
    return table


def _ranges(children: np.ndarray, whole: np.ndarray, letters: int):
    """(N,) number of the first word below each node, (N,) how many there are."""
    levels = [slice(0, letters)]
    while levels[-1].stop < len(children):
        size = int(children[levels[-1]].sum())
        levels.append(slice(levels[-1].stop, levels[-1].stop + size))
    count, first = whole.copy(), np.zeros(len(whole), np.int64)
    for upper, lower in reversed(list(pairwise(levels))):
        before = np.append(0, count[lower].cumsum())
        ends = children[upper].cumsum()
        count[upper] += before[ends] - before[ends - children[upper]]
    first[levels[0]] = count[levels[0]].cumsum() - count[levels[0]]
    for upper, lower in pairwise(levels):
        before = count[lower].cumsum() - count[lower]
        ends = children[upper].cumsum()
        eldest = np.append(before, 0)[ends - children[upper]]
        first[lower] = before + np.repeat(first[upper] + whole[upper] - eldest, children[upper])
    return first, count
