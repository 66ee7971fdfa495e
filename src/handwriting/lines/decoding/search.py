"""The beam search itself, over the texts of many lines at once.

Everything about a text is a column in one of two arrays: NumPy's calls cost more than what
they do to a few hundred texts, so there are to be few of them.
"""

from itertools import pairwise

import numpy as np

from handwriting.lines.decoding.texts import TextTree

_FACTOR = 0x1E3779B97F4A7C15  # odd, its bits without a pattern
# Rows of `_Texts.numbers`.
_LAST, _KEY, _PARENT, _STATE = 2, 3, 4, 5


class _Texts:
    """Texts in the beam, or offered to it; those of a line are together in the beam.

    Args:
        numbers: (5 + K, N) int64.
        floats: (3, N) float64.

    Attributes:
        line: that the text is read in.
        number: in the tree of texts.
        last: its last character.
        key, parent: hashes of the text and of it without its last character. Of 64 bits:
            that two texts in a beam ever share one is out of the question.
        state: (K, N) of the language model.
        blank, character: log-probabilities of the alignments so far that end in a blank,
            and in the last character.
        bonus: the rest of the score.
    """

    def __init__(self, numbers: np.ndarray, floats: np.ndarray):
        self.numbers, self.floats = numbers, floats
        self.line, self.number, self.last, self.key, self.parent = numbers[:_STATE]
        self.state = numbers[_STATE:]
        self.blank, self.character, self.bonus = floats

    def chosen(self, others: "_Texts", places: np.ndarray) -> "_Texts":
        """Those at `places` among these and, numbered on, the others."""
        numbers = np.concatenate([self.numbers, others.numbers], axis=1)
        floats = np.concatenate([self.floats, others.floats], axis=1)
        return _Texts(numbers.take(places, axis=1), floats.take(places, axis=1))

    def ranks(self) -> np.ndarray:
        return np.logaddexp(self.blank, self.character) + self.bonus


class Search:
    """A beam for each line, frame after frame.

    Args:
        frames: (T, B, C + 2) from `frames.stack`; column C + 1 is the last character of an
            empty text.
        model: a `beam.LanguageModel`.
        settings: `beam.BeamSettings`.
    """

    def __init__(self, frames: np.ndarray, model, settings):
        self._frames, self._model, self._settings = frames, model, settings
        lines, self._end = frames.shape[1], frames.shape[2] - 2
        with np.errstate(divide="ignore"):
            able = frames[:, :, :-2] > np.log(settings.floor)
        # What may begin, frame by frame and line by line.
        self._symbols = np.nonzero(able)[2]
        self._emitted = frames[:, :, :-2][able]
        self._counts = able.sum(axis=2)
        ends = np.cumsum(self._counts).reshape(self._counts.shape)
        self._starts = ends - self._counts

        self._tree = TextTree(lines)
        own = np.arange(lines)
        key = _longer_keys(own, 0)
        state = np.repeat(model.start()[:, None], lines, axis=1)
        empty = np.full(lines, self._end + 1)
        floats = np.zeros((3, lines))
        floats[1] = -np.inf
        self._keep(_Texts(np.vstack([own, own, empty, key, ~key, state]), floats))

    def follow(self, step: int) -> None:
        """One frame further."""
        texts, frame = self._texts, self._frames[step]
        blank, both = texts.blank.copy(), np.logaddexp(texts.blank, texts.character)
        emitted = frame.ravel().take(self._cells)
        heirs, sources = self._heirs, self._sources
        into = np.where(self._doubled, blank.take(sources), both.take(sources))
        texts.blank[:] = both + frame[:, -2].take(texts.line)
        texts.character += emitted
        texts.character[heirs] = np.logaddexp(texts.character[heirs], into + emitted[heirs])
        if self._counts[step].any():
            self._grow(step, blank, both)

    def _grow(self, step: int, blank: np.ndarray, both: np.ndarray) -> None:
        """Take in longer texts, by what their shorter ones were before the frame."""
        texts = self._texts
        ranks = texts.ranks()
        least = self._least(ranks).take(texts.line)
        slots, places = self._pairs(step, both + texts.bonus + self._settings.beta - least)
        if not len(slots):
            return
        symbols = self._symbols.take(places)
        numbers = texts.numbers.take(slots, axis=1)
        # A character is written twice in a row only with a blank between the two.
        into = np.where(numbers[_LAST] == symbols, blank.take(slots), both.take(slots))
        gain, numbers[_STATE:] = self._model.follow(numbers[_STATE:], symbols)
        floats = np.full((3, len(slots)), -np.inf)
        floats[1] = into + self._emitted.take(places)
        floats[2] = texts.bonus.take(slots) + self._settings.alpha * gain + self._settings.beta
        numbers[_LAST], numbers[_PARENT] = symbols, numbers[_KEY]
        numbers[_KEY] = _longer_keys(numbers[_KEY], symbols)
        longer = floats[1] + floats[2]
        good = longer >= least.take(slots)
        good &= ~self._held[slots, symbols]
        good = good.nonzero()[0]
        if len(good):
            longer = _Texts(numbers.take(good, axis=1), floats.take(good, axis=1))
            self._select(longer, ranks)

    def _least(self, ranks: np.ndarray) -> np.ndarray:
        """(B,): what a new text must reach: the margin, and the worst one of a full beam."""
        best = np.maximum.reduceat(ranks, self._first)
        worst = np.minimum.reduceat(ranks, self._first)
        worst[self._sizes < self._settings.width] = -np.inf
        return np.maximum(best - self._settings.margin, worst)

    def _pairs(self, step: int, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Texts, each with a character that may begin in its line, that may find a place.

        Args:
            reach: (N,), how far a text is ahead of what a new one must reach.

        Returns:
            Places of texts in the beam, and of characters among all that may ever begin.
        """
        line = self._texts.line
        counts = self._counts[step].take(line)
        slots = np.arange(len(line)).repeat(counts)
        shift = self._starts[step].take(line) + counts - counts.cumsum()
        places = shift.take(slots) + np.arange(len(slots))
        # A model can only lower what a text reaches: most pairs need not be shown to it.
        likely = (reach.take(slots) + self._emitted.take(places) >= 0).nonzero()[0]
        return slots.take(likely), places.take(likely)

    def _select(self, longer: _Texts, ranks: np.ndarray) -> None:
        """The best of those in the beam, with `ranks`, and of longer ones.

        Lines without a longer text keep what they have.
        """
        renewed = np.zeros(len(self._first), bool)
        renewed[longer.line] = True
        line = np.concatenate([self._texts.line, longer.line])
        ranks = np.concatenate([ranks, longer.ranks()])
        order = np.lexsort((-ranks, line))
        line, ranks = line.take(order), ranks.take(order)
        sizes = np.bincount(line)
        first = sizes.cumsum() - sizes
        least = np.where(renewed, ranks.take(first) - self._settings.margin, -np.inf)
        kept = ranks > least.take(line)
        kept &= np.arange(len(line)) - first.take(line) < self._settings.width
        chosen = order[kept]
        texts = self._texts.chosen(longer, chosen)
        new = (chosen >= len(self._texts.line)).nonzero()[0]
        texts.number[new] = self._tree.add(texts.number.take(new), texts.last.take(new))
        self._keep(texts)

    def _keep(self, texts: _Texts) -> None:
        """Make these the beam; find the texts whose text less its last character is in it too."""
        self._texts = texts
        self._cells = texts.line * (self._end + 2) + texts.last  # in a frame of all lines
        self._sizes = np.bincount(texts.line)
        self._first = self._sizes.cumsum() - self._sizes
        order = texts.key.argsort()
        found = texts.key.searchsorted(texts.parent, sorter=order)
        found = order.take(found, mode="clip")
        self._heirs = (texts.key.take(found) == texts.parent).nonzero()[0]
        self._sources = found.take(self._heirs)
        last = texts.last.take(self._heirs)
        self._doubled = last == texts.last.take(self._sources)
        self._held = np.zeros((len(order), self._end), bool)
        self._held[self._sources, last] = True

    def finish(self, line: int) -> list[list[tuple[tuple[int, ...], float, float]]]:
        """Give up the lines before `line`, whose frames are over.

        Returns:
            For each of them that was left, its texts, best first: indices, score and
            log-probability.
        """
        texts = self._texts
        cut = int(self._sizes[:line].sum())
        over = _Texts(texts.numbers[:, :cut], texts.floats[:, :cut])
        likely = np.logaddexp(over.blank, over.character)
        end, _ = self._model.follow(over.state, np.full(cut, self._end))
        scores = likely + over.bonus + self._settings.alpha * end
        order = np.lexsort((-scores, over.line))
        spelt = self._tree.spell(over.number[order])
        found = list(zip(spelt, scores[order].tolist(), likely[order].tolist(), strict=True))
        ends = np.cumsum(self._sizes[:line]).tolist()
        self._keep(_Texts(texts.numbers[:, cut:], texts.floats[:, cut:]))
        return [found[first:end] for first, end in pairwise([0, *ends]) if end > first]


def _longer_keys(keys: np.ndarray, symbols: np.ndarray) -> np.ndarray:
    mixed = (keys + symbols + 1) * _FACTOR
    return mixed ^ (mixed >> 32)
