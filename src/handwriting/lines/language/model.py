"""A character n-gram language model: a trie with one byte for each probability."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from handwriting.errors import UserError
from handwriting.lines.charset import Charset
from handwriting.lines.language.counts import count_ngrams
from handwriting.lines.language.packing import pack, share_table
from handwriting.lines.language.pruning import prune
from handwriting.lines.language.smoothing import Shares, smooth

State = tuple[int, ...]

_FORMAT = 1
_CACHED_ROWS = 1 << 15  # about 24 MB


class NgramModel:
    """p(character | the characters before it), over a charset and the end of the line.

    The trie has a node for each listed n-gram, below the node of its first symbols. A row
    is made from the shortest context to the longest: row(h) = rest(h) · row(h') + shares of
    the nodes below h (see `smoothing.Shares`), so that it sums to 1 for any trie.

    A state names the nodes of all contexts that end here and list something, longest first.
    Texts with equal states have the same future.

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
    """

    def __init__(self, charset: Charset, order: int, unigrams, symbols, children, codes):
        self.charset = charset
        self.order = order
        self._arrays = {"unigrams": unigrams, "symbols": symbols}
        self._arrays |= {"children": children, "codes": codes}
        self._shares = share_table()[codes]
        self._no_context = np.log(unigrams)
        self._rows: dict[int, np.ndarray] = {}
        # Single nodes are looked up in Python: bytes and memoryviews are faster than arrays.
        self._symbols = symbols.tobytes()
        self._first = memoryview(np.cumsum(np.append(len(charset) + 1, children), dtype=np.int64))

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
        return len(self._symbols)

    def start(self) -> State:
        """The state at the start of a line."""
        return self.advance((), len(self.charset))

    def advance(self, state: State, symbol: int) -> State:
        """The state one symbol later."""
        first, find = self._first, self._symbols.find
        symbol = int(symbol)  # `find` takes a NumPy integer for a string of bytes
        parents = len(first) - 1
        longer = []
        for node in state:
            child = find(symbol, first[node], first[node + 1])
            if 0 <= child < parents and first[child] != first[child + 1]:
                longer.append(child)
        if first[symbol] != first[symbol + 1]:
            longer.append(symbol)
        return tuple(longer)

    def scores(self, state: State) -> np.ndarray:
        """(C + 1,) float32 natural log-probabilities of the next symbol; do not change it.

        The last one is the end of the line.
        """
        if not state:
            return self._no_context
        row = self._rows.get(state[0])
        if row is None:
            row = self._make_row(state)
            if len(self._rows) >= _CACHED_ROWS:
                self._rows.clear()
            self._rows[state[0]] = row
        return row

    def _make_row(self, state: State) -> np.ndarray:
        first, last = self._first[state[0]], self._first[state[0] + 1]
        shares = self._shares[first:last]
        row = np.exp(self.scores(state[1:]))
        row *= 1 - shares.sum()
        row[self._arrays["symbols"][first:last]] += shares
        return np.log(row)

    def row(self, context: Sequence[int]) -> np.ndarray:
        """`scores` after the symbols `context`; `len(charset)` in front is the start of a line."""
        state: State = ()
        for symbol in context:
            state = self.advance(state, symbol)
        return self.scores(state)

    def log_prob(self, text: str) -> float:
        """Natural log-probability of a whole line, its end included.

        Raises:
            KeyError: a character that is not in the charset.
        """
        total, state = 0.0, self.start()
        for symbol in self.charset.encode(text).tolist():
            total += float(self.scores(state)[symbol])
            state = self.advance(state, symbol)
        return total + float(self.scores(state)[-1])

    def bits_per_character(self, texts: Sequence[str]) -> float:
        """Mean -log2 of the probability of each character and each end of line."""
        count = sum(len(text) + 1 for text in texts)
        return -sum(map(self.log_prob, texts)) / count / float(np.log(2))

    def perplexity(self, texts: Sequence[str]) -> float:
        """2 to the `bits_per_character`."""
        return 2 ** self.bits_per_character(texts)

    def save(self, path: str | Path) -> None:
        """Write one `.npz` without pickled objects; the same model gives the same bytes."""
        characters = np.array("".join(self.charset.characters))
        with open(path, "wb") as file:
            np.savez_compressed(
                file, format=_FORMAT, order=self.order, characters=characters, **self._arrays
            )

    @classmethod
    def load(cls, path: str | Path) -> "NgramModel":
        """Read what `save` wrote.

        Raises:
            UserError: the file is missing, broken or of another format.
        """
        if not Path(path).is_file():
            raise UserError(f"{path}: missing; make it with `python src/language_model.py`")
        try:
            with np.load(path, allow_pickle=False) as file:
                content = {name: file[name] for name in file.files}
            if content.pop("format") != _FORMAT:
                raise ValueError("another format")
            charset = Charset(str(content.pop("characters")))
            return cls(charset, int(content.pop("order")), **content)
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise UserError(
                f"{path}: not a language model ({error}); make it anew with "
                "`python src/language_model.py`"
            ) from None
