"""Characters and words together: a model that knows how a word may go on, and any other text."""

from collections.abc import Sequence

import numpy as np

from handwriting.lines.language.measuring import bits_per_character, log_probabilities
from handwriting.lines.language.model import NgramModel
from handwriting.lines.language.words import WordModel

WORD_SHARE = 0.5  # of the probability of a word that the words say
_LETTER_RATE = 0.93  # of a letter, where a word may begin
_UNIT = 2.0**-20  # nats, of the logarithms in a state
_OWN = 6  # rows of a state behind those of the characters
_OPENERS = "-'\"([«/&"  # a word may begin behind these at once, as it may behind a space


class MixedModel:
    """p(word) = share · p(word by the words) + (1 - share) · p(word by the characters).

    The same holds for every beginning of a word, so each character has a probability as soon
    as it is written: that of the beginning with it over that of the beginning without it.
    Where no word of the lexicon goes on so, the characters alone go on. It is a
    `decoding.LanguageModel`.

    A state (K + 6, N) int64 is that of the characters, and: the language, the node of the
    beginning of the word in the lexicon, what came before it, whether it has a capital, the
    logarithms of its probability by the words and by the characters. The last three are 0
    where there is no such beginning, so that texts meet again in one state.
    """

    def __init__(self, characters: NgramModel, words: WordModel, share: float = WORD_SHARE):
        if not 0 < share < 1:
            raise ValueError(f"a share of the words lies between 0 and 1, not {share}")
        self.characters, self.words, self.share = characters, words, share
        self.charset, self.order = characters.charset, characters.order
        self._lexicon = words.lexicon
        self._closed = self._lexicon.root + 1  # behind a mark that no word follows at once
        self._by_words, self._by_characters = np.log(share), np.log(1 - share)
        self._read_symbols(words)

    def _read_symbols(self, words: WordModel) -> None:
        """What each symbol is; the last one is the end of the line."""
        known = self.charset.characters
        place = {letter: i for i, letter in enumerate(self._lexicon.letters)}
        end = [-1]
        self._letter = np.array([place.get(c.lower(), -1) for c in known] + end)
        self._capital = np.array([int(c != c.lower()) for c in known] + [0])
        self._is_letter = np.array([c.isalpha() for c in known] + [False])
        self._apostrophe = np.array([c == "'" for c in known] + [False])
        self._space = np.array([c == " " for c in known] + [False])
        self._mark = np.array([words.mark(c) for c in known] + [words.unknown])
        behind = [self._lexicon.root if c in _OPENERS else self._closed for c in known]
        self._behind = np.array([*behind, self._closed])
        shares = [words.followers.get(c, 0.0) for c in known] + [words.followers.get("", 0.0)]
        self._follower = np.array(shares, np.float64)

    def start(self) -> np.ndarray:
        """(K + 6,) int64: the state at the start of a line."""
        own = [self._lexicon.root, self.words.start, 0, 0, 0, self.words.no_language]
        return np.append(self.characters.start(), own)

    def follow(self, states: np.ndarray, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What comes next, for many texts at once: see `NgramModel.follow`."""
        likely, inner = self.characters.follow(states[:-_OWN], symbols)
        own = states[-_OWN:].copy()
        letter = self._is_letter.take(symbols)
        inside = own[0] < self._lexicon.dead
        apostrophe = self._apostrophe.take(symbols) & inside
        grows = letter & (inside | (own[0] == self._lexicon.root))
        changed = np.flatnonzero(grows | inside)
        if len(changed):
            gain, own[:, changed] = self._within(
                own[:, changed], symbols[changed], likely[changed], apostrophe[changed]
            )
            likely[changed] = gain
        lost = np.flatnonzero(letter & ~grows)
        own[:2, lost] = [[self._lexicon.dead], [self.words.unknown]]
        self._behind_marks(own, symbols, np.flatnonzero(~letter & ~inside))
        return likely, np.concatenate([inner, own])

    def _within(self, own, symbols, likely, apostrophe) -> tuple[np.ndarray, np.ndarray]:
        """Words that begin, go on or end."""
        node, context, capital, by_words, by_characters, language = own
        lexicon, words = self._lexicon, self.words
        begins = node == lexicon.root
        spelt = self._is_letter.take(symbols) | apostrophe
        raised = self._capital.take(symbols)
        capital = np.where(begins, raised, capital)
        longer = np.full(len(node), lexicon.dead)
        goes = np.flatnonzero(spelt & (begins | (raised == 0)))
        letters = self._letter.take(symbols[goes])
        longer[goes] = np.where(letters < 0, lexicon.dead, lexicon.longer(node[goes], letters))
        # An apostrophe that ends no word of the lexicon is a mark behind the word before it.
        apostrophe = apostrophe & (longer < lexicon.dead)
        ends = ~self._is_letter.take(symbols) & ~apostrophe
        at = np.where(ends, np.minimum(node, lexicon.dead), longer)
        first, whole = lexicon.first[at], lexicon.whole[at]
        done = ends | apostrophe
        last = np.where(done, first + whole, lexicon.end[at])
        rate = words.probability(first, last, context, capital, language)
        rate *= np.where(ends, self._follower.take(symbols), 1.0) * _LETTER_RATE

        before = np.where(begins, 0.0, self._mixed(by_words * _UNIT, by_characters * _UNIT))
        by_characters = by_characters + np.rint(likely / _UNIT).astype(np.int64)
        with np.errstate(divide="ignore"):
            log_rate = np.log(rate)
        gain = np.minimum(self._mixed(log_rate, by_characters * _UNIT) - before, 0.0)

        alive = ~done & (rate > 0)
        by_words = np.where(alive, np.rint(np.where(alive, log_rate, 0) / _UNIT), 0)
        number = np.where(whole, first, words.unknown)
        after = np.where(self._space.take(symbols) | apostrophe, number, self._mark.take(symbols))
        new = np.empty_like(own)
        new[0] = np.where(alive, longer, lexicon.dead)
        new[1] = np.where(alive, context, words.unknown)
        new[1, done] = after[done]
        new[2:5] = np.where(alive, np.stack([capital, by_words, by_characters]), 0)
        told = words.languages.take(first, mode="clip")
        tells = done & whole & (told < words.no_language)
        new[5] = np.where(tells, told, language)
        roots = np.where(self._space.take(symbols) | apostrophe, lexicon.root, -1)
        roots = np.where(roots < 0, self._behind.take(symbols), roots)
        new[0, done] = roots[done]
        return gain, new

    def _behind_marks(self, own: np.ndarray, symbols: np.ndarray, places: np.ndarray) -> None:
        """Symbols that are no letter and end no word of the lexicon."""
        marks = symbols[places]
        space = self._space.take(marks)
        own[1, places] = np.where(space, own[1, places], self._mark.take(marks))
        own[0, places] = np.where(space, self._lexicon.root, self._behind.take(marks))

    def _mixed(self, by_words: np.ndarray, by_characters: np.ndarray) -> np.ndarray:
        return np.logaddexp(self._by_words + by_words, self._by_characters + by_characters)

    def log_prob(self, text: str) -> float:
        """Natural log-probability of a whole line, its end included: see `NgramModel`."""
        return float(log_probabilities(self, [text])[0])

    def bits_per_character(self, texts: Sequence[str]) -> float:
        """Mean -log2 of the probability of each character and each end of line."""
        return bits_per_character(self, texts)
