"""Texts that begin alike or go on alike, as few states of a recurrent model as that takes.

The best texts of a search differ in a few places. Where the last symbols of two beginnings are
the same, what a model remembers of both is taken to be the same (Liu et al., "Efficient lattice
rescoring using recurrent neural network language models", ICASSP 2014). So behind a difference
the model is asked for some symbols, not for the rest of the line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Histories:
    """Beginnings of texts, as nodes, and the way of each text along them.

    Nodes are numbered level by level. The first level has the empty beginning of each list; a
    node of another is one symbol behind a node of the level before.

    Attributes:
        levels: of each level but the first: (N,) place of the node before, in its level, and
            (N,) the symbol behind that.
        nodes, symbols: (S,) of all texts, one after another: the node, and the symbol that is
            asked for behind it.
        lengths: (T,) how many of these belong to each text.
    """

    levels: list[tuple[np.ndarray, np.ndarray]]
    nodes: np.ndarray
    symbols: np.ndarray
    lengths: np.ndarray


def merge_histories(lists: Sequence[Sequence[Sequence[int]]], end: int, memory: int) -> Histories:
    """The histories of the texts of each list; nothing is shared between two lists.

    Args:
        lists: texts as symbols. Where two share a node, it is the earlier one's beginning that
            is remembered.
        end: the symbol behind a text, 255 at most, as all are.
        memory: symbols that have to be the same for two beginnings to be one.
    """
    growing = _Growing()
    for root, texts in enumerate(lists):
        growing.add_list(root, [np.array(text, np.uint8).tobytes() for text in texts], end, memory)
    sizes = [len(lists), *(len(places) for places, _ in growing.levels)]
    first = np.cumsum([0, *sizes])
    levels, places = np.array(growing.nodes, np.int64).reshape(-1, 2).T
    return Histories(
        [(np.array(places), np.array(symbols)) for places, symbols in growing.levels],
        first[levels] + places,
        np.array(growing.symbols, np.int64),
        np.array(growing.lengths, np.int64),
    )


@dataclass
class _Growing:
    """What `Histories` are made from, as lists; a node is a level and a place in it."""

    levels: list[tuple[list[int], list[int]]] = field(default_factory=list)
    nodes: list[tuple[int, int]] = field(default_factory=list)
    symbols: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)

    def add_list(self, root: int, texts: list[bytes], end: int, memory: int) -> None:
        known = {b"": (0, root)}
        for text in texts:
            node = known[b""]
            for position, symbol in enumerate(text, 1):
                self.nodes.append(node)
                key = text[max(0, position - memory) : position]
                if key not in known:
                    known[key] = self._behind(node, symbol)
                node = known[key]
            self.nodes.append(node)
            self.symbols += [*text, end]
            self.lengths.append(len(text) + 1)

    def _behind(self, node: tuple[int, int], symbol: int) -> tuple[int, int]:
        level, place = node
        if level == len(self.levels):
            self.levels.append(([], []))
        places, symbols = self.levels[level]
        places.append(place)
        symbols.append(symbol)
        return level + 1, len(places) - 1
