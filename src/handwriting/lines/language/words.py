"""Which word comes next: how frequent words are in each language, and after which others."""

from pathlib import Path

import numpy as np

from handwriting.lines.language.arrays import read_model, write_arrays
from handwriting.lines.language.lexicon import Lexicon
from handwriting.lines.language.word_packing import pack_words, unpack_words

_OTHER_LANGUAGE = 0.02  # weight of each language that a line does not seem to be in
_TELLING = 0.9  # share of one language in a word's rates, that it tells the language


class WordModel:
    """p(word | the one before), for words in small letters and with a capital.

    p(w | h) = share(hw) + rest(h) · Σ over languages of weight(language) · p(w | language).
    The weights are those of the language of the last word that told one, `languages` (V,)
    int: its number, or G, the number of languages, for a word of none or several.

    A context is the number of the word before; `start` at the start of a line, `unknown`
    behind an unknown word, and a number for each of `marks` behind one of these.

    Args:
        lexicon: of words in small letters; an apostrophe may end a word, as in "l'".
        marks: characters, no letters, that words are known to follow.
        rates: (V, 2, G) p(w | language): in small letters, and with a capital.
        pairs: (P, 3) int64, sorted: context, capital (0 or 1), word.
        shares: (P,) float, of the pairs; those of one context are below 1 together.
        followers: character behind a word to its share, "" for the end of a line.
    """

    def __init__(self, lexicon: Lexicon, marks: str, rates, pairs, shares, followers):
        self.lexicon, self.marks, self.followers = lexicon, marks, dict(followers)
        self.start, self.unknown = len(lexicon), len(lexicon) + 1
        self._rates, self._pairs, self._shares = rates, pairs, np.asarray(shares, np.float64)
        contexts = len(lexicon) + 2 + len(marks)
        self._rest = 1 - np.bincount(pairs[:, 0], self._shares, minlength=contexts)
        self._followed = np.bincount(pairs[:, 0], minlength=contexts) > 0
        self._keys = (pairs[:, 0] * 2 + pairs[:, 1]) * (len(lexicon) + 1) + pairs[:, 2]
        self._shares_before = np.append(0, np.cumsum(self._shares))
        rates = rates.astype(np.float64)
        self._rates_before = np.concatenate([np.zeros((1, *rates.shape[1:])), rates.cumsum(axis=0)])
        count = rates.shape[2]
        weights = np.full((count + 1, count), _OTHER_LANGUAGE)
        np.fill_diagonal(weights, 1 - (count - 1) * _OTHER_LANGUAGE)
        weights[count] = 1 / count
        self._weights = weights
        by_language = rates.sum(axis=1)
        telling = by_language.max(axis=1) > _TELLING * by_language.sum(axis=1)
        self.languages = np.where(telling, by_language.argmax(axis=1), count)
        self.no_language = count

    @property
    def pair_count(self) -> int:
        """Listed pairs."""
        return len(self._pairs)

    def mark(self, character: str) -> int:
        """The context behind a character that is no letter."""
        place = self.marks.find(character)
        return self.unknown if place < 0 else len(self.lexicon) + 2 + place

    def probability(self, first, end, context, capital, language) -> np.ndarray:
        """(N,) float64: that the next word is one of a range.

        Args:
            first, end: (N,) int, numbers of words.
            context: (N,) int.
            capital: (N,) int, 1 for the words with a capital.
            language: (N,) int, see `languages`.
        """
        spread = self._rates_before[end, capital] - self._rates_before[first, capital]
        known = (spread * self._weights[language]).sum(axis=1) * self._rest[context]
        followed = np.flatnonzero(self._followed[context])
        row = (context[followed] * 2 + capital[followed]) * (len(self.lexicon) + 1)
        ranges = np.stack([first[followed], end[followed]]) + row
        before = self._shares_before.take(self._keys.searchsorted(ranges))
        known[followed] += before[1] - before[0]
        return known

    def save(self, path: str | Path) -> None:
        """Write one `.npz`; probabilities are rounded."""
        packed = pack_words(self.lexicon, self._rates, self._pairs, self._shares)
        behind = list(self.followers.items())
        packed |= {
            "marks": np.array(self.marks),
            "followers": np.array([character for character, _ in behind], dtype="U1"),
            "follower_shares": np.array([share for _, share in behind], np.float32),
        }
        write_arrays(path, packed)

    @classmethod
    def load(cls, path: str | Path) -> "WordModel":
        """Read what `save` wrote.

        Raises:
            UserError: the file is missing, broken or of another format.
        """

        def unpack(content: dict[str, np.ndarray]) -> "WordModel":
            shares = content.pop("follower_shares").tolist()
            followers = zip(content.pop("followers").tolist(), shares, strict=True)
            marks = str(content.pop("marks"))
            return cls(marks=marks, followers=followers, **unpack_words(content))

        remedy = "python src/language_model.py --words"
        return read_model(path, "a model of words", remedy, unpack)
