"""Characters and words together: a model that knows how a word may go on, and any other text."""

import numpy as np

from handwriting.lines.language.model import NgramModel
from handwriting.lines.language.steps import StepModel
from handwriting.lines.language.words import WordModel

WORD_SHARE = 0.6  # of the probability of a word that the words say
_LETTER_RATE = 0.93  # of a letter, where a word may begin
_UNIT = 2.0**-20  # nats, of the logarithms in a state
_OWN = 6  # rows of a state behind those of the characters
_NEVER = 1e-300
_OPENERS = "-'\"([«/&"  # a word may begin behind these at once, as it may behind a space


class MixedModel(StepModel):
    """p(word) = share · p(word by the words) + (1 - share) · p(word by the characters).

    The same holds for every beginning of a word, so each character has a probability as soon
    as it is written: that of the beginning with it over that of the beginning without it.
    Where no word of the lexicon goes on so, the characters alone go on. It is a
    `decoding.LanguageModel`.

    A state (K + 6, N) int64 is that of the characters, and: the node of the beginning of the
    word in the lexicon, what came before it, whether it has a capital, the logarithms of its
    probability by the words and by the characters, and the language (`WordModel`). Capital
    and logarithms are 0 where there is no such beginning, so that texts meet again in one state.
    """

    def __init__(self, characters: NgramModel, words: WordModel, share: float = WORD_SHARE):
        if not 0 < share < 1:
            raise ValueError(f"a share of the words lies between 0 and 1, not {share}")
        self.characters, self.words, self.share = characters, words, share
        self.charset = characters.charset
        self._lexicon = words.lexicon
        self._closed = self._lexicon.root + 1  # behind a mark that no word follows at once
        self._by_words, self._by_characters = np.log(share), np.log(1 - share)
        self._nowhere = np.array([self._lexicon.dead, words.unknown, 0, 0, 0, 0])
        self._read_symbols(words)

    @property
    def prior(self) -> np.ndarray | None:
        """That of the characters."""
        return self.characters.prior

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
        own = [self._lexicon.root, self.words.start, 0, 0, 0, self.words.no_language]
        return np.append(self.characters.start(), own)

    def follow(self, states: np.ndarray, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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
        own[:2, lost] = self._nowhere[:2, None]
        self._behind_marks(own, symbols, np.flatnonzero(~letter & ~inside))
        return likely, np.concatenate([inner, own])

    def _within(self, own, symbols, likely, apostrophe) -> tuple[np.ndarray, np.ndarray]:
        """Words that begin, go on or end: log-probabilities of the symbols, states behind them."""
        node, context, capital, by_words, by_characters, language = own
        lexicon, begins = self._lexicon, node == self._lexicon.root
        raised = self._capital.take(symbols)
        capital = np.where(begins, raised, capital)
        letter = self._is_letter.take(symbols)
        longer = np.full(len(node), lexicon.dead)
        goes = np.flatnonzero((letter | apostrophe) & (begins | (raised == 0)))
        longer[goes] = self._one_letter_longer(node[goes], symbols[goes])
        # An apostrophe that ends no word of the lexicon is a mark behind the word before it.
        apostrophe = apostrophe & (longer < lexicon.dead)
        ends = ~letter & ~apostrophe
        done = ends | apostrophe
        at = np.where(ends, node, longer)
        first, whole = lexicon.first[at], lexicon.whole[at]
        last = np.where(done, first + whole, lexicon.end[at])
        rate = self.words.probability(first, last, context, capital, language)
        rate *= np.where(ends, self._follower.take(symbols), 1.0) * _LETTER_RATE

        before = np.where(begins, 0.0, self._mixed(by_words * _UNIT, by_characters * _UNIT))
        by_characters = by_characters + np.rint(likely / _UNIT).astype(np.int64)
        by_words = np.log(np.maximum(rate, _NEVER))
        gain = np.minimum(self._mixed(by_words, by_characters * _UNIT) - before, 0.0)
        by_words = np.rint(by_words / _UNIT).astype(np.int64)

        alive = ~done & (rate > 0)
        going = np.stack([longer, context, capital, by_words, by_characters, language])
        new = np.where(alive, going, self._nowhere[:, None])
        new[5] = language
        new[:, done] = self._behind_words(
            symbols[done], apostrophe[done], first[done], whole[done], language[done]
        )
        return gain, new

    def _one_letter_longer(self, nodes: np.ndarray, symbols: np.ndarray) -> np.ndarray:
        letters = self._letter.take(symbols)
        return np.where(letters < 0, self._lexicon.dead, self._lexicon.longer(nodes, letters))

    def _behind_words(self, symbols, apostrophe, number, whole, language) -> np.ndarray:
        """(6, N) states behind the ends of words, known ones if they are `whole`."""
        words, new = self.words, np.zeros((_OWN, len(symbols)), np.int64)
        at_once = self._space.take(symbols) | apostrophe
        new[0] = np.where(at_once, self._lexicon.root, self._behind.take(symbols))
        word = np.where(whole, number, words.unknown)
        new[1] = np.where(at_once, word, self._mark.take(symbols))
        told = words.languages.take(number, mode="clip")
        new[5] = np.where(whole & (told < words.no_language), told, language)
        return new

    def _behind_marks(self, own: np.ndarray, symbols: np.ndarray, places: np.ndarray) -> None:
        """Symbols that are no letter and end no word of the lexicon."""
        marks = symbols[places]
        space = self._space.take(marks)
        own[1, places] = np.where(space, own[1, places], self._mark.take(marks))
        own[0, places] = np.where(space, self._lexicon.root, self._behind.take(marks))

    def _mixed(self, by_words: np.ndarray, by_characters: np.ndarray) -> np.ndarray:
        return np.logaddexp(self._by_words + by_words, self._by_characters + by_characters)
