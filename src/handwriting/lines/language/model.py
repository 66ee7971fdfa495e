"""A character n-gram language model: a trie with one byte for each probability."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.language.arrays import read_model, write_arrays
from handwriting.lines.language.counts import count_ngrams
from handwriting.lines.language.packing import pack, share_table
from handwriting.lines.language.pruning import prune
from handwriting.lines.language.smoothing import Shares, smooth
from handwriting.lines.language.steps import StepModel
from handwriting.lines.language.trie import Trie


class NgramModel(StepModel):
    """p(character | the characters before it), over a charset and the end of the line.

    The trie has a node for each listed n-gram, below the node of its first symbols. A
    probability is made from the shortest context to the longest: p(w | h) = rest(h) ·
    p(w | h') + share(hw), see `smoothing.Shares`, so that a row sums to 1 for any trie.

    A state (K,) int64 names the nodes of the contexts of 1 … K = order - 1 symbols that end
    here. Texts with equal states have the same future.

    Args:
        charset: the characters in order.
        order: symbols in the longest n-gram.
        unigrams: (C + 1,) float32, probabilities without context; the last one is the end of
            the line.
        symbols: (N,) uint8, last symbol of each node; the nodes 0 … C are the single symbols
            in order, those of each length stand behind the shorter ones, and those below one
            node are together and in order.
        children: (M,) uint8, how many nodes are below each of the first M; none below others.
        codes: (N,) uint8, the shares, see `packing.share_table`.
        prior: (C + 1, C + 1) float16 of the labels that the network beside the model has seen,
            see `prior.bigram_prior`; None if there is none.
    """

    def __init__(
        self, charset: Charset, order: int, unigrams, symbols, children, codes, prior=None
    ):
        self.charset = charset
        self.order = order
        self._arrays = {"unigrams": unigrams, "symbols": symbols}
        self._arrays |= {"children": children, "codes": codes}
        self.prior = prior
        self._unigrams = unigrams.astype(np.float64)
        self._trie = Trie(symbols, children, share_table()[codes], len(charset) + 1)

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        charset: Charset,
        order: int = 7,
        weights: Sequence[float] | None = None,
        threshold: float = 0.0,
    ) -> "NgramModel":
        """Count, smooth and prune.

        Args:
            texts: lines; empty ones do not count.
            weights: how much each text counts, positive; default 1.
            threshold: nats that an n-gram has to save over all texts to be kept.

        Raises:
            ValueError, KeyError: see `counts.count_ngrams`.
        """
        levels = smooth(count_ngrams(texts, charset, order, weights), len(charset) + 1)
        return cls.from_levels(prune(levels, threshold) if threshold else levels, charset)

    @classmethod
    def from_levels(cls, levels: Sequence[Shares], charset: Charset) -> "NgramModel":
        """From smoothed n-grams, pruned or not."""
        return cls(charset, len(levels), **pack(levels, len(charset) + 1))

    def __len__(self) -> int:
        """Listed n-grams."""
        return len(self._arrays["symbols"])

    def start(self) -> np.ndarray:
        return self._state([len(self.charset)])

    def follow(self, states: np.ndarray, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        shares, longer = self._trie.below(states, symbols)
        likely = self._unigrams.take(symbols)
        for rest, share in zip(self._trie.rest.take(states), shares, strict=True):
            likely *= rest
            likely += share
        return np.log(likely), np.concatenate([symbols[None], longer])[: len(states)]

    def _state(self, context: Sequence[int]) -> np.ndarray:
        state = np.full(self.order - 1, self._trie.dead)
        for symbol in context:
            state = self.advance(state, symbol)
        return state

    def row(self, context: Sequence[int]) -> np.ndarray:
        """`scores` after the symbols `context`; `len(charset)` in front is the start of a line."""
        return self.scores(self._state(context))

    def save(self, path: str | Path) -> None:
        """Write one `.npz`; the same model gives the same bytes."""
        characters = np.array("".join(self.charset.characters))
        arrays = {"order": self.order, "characters": characters, **self._arrays}
        if self.prior is not None:
            arrays["prior"] = self.prior
        write_arrays(path, arrays)

    @classmethod
    def load(cls, path: str | Path) -> "NgramModel":
        """Read what `save` wrote.

        Raises:
            UserError: the file is missing, broken or of another format.
        """

        def unpack(content: dict[str, np.ndarray]) -> "NgramModel":
            charset = Charset(str(content.pop("characters")))
            return cls(charset, int(content.pop("order")), **content)

        return read_model(path, "a language model", "python src/language_model.py", unpack)
