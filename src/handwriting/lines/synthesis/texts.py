"""The texts of synthetic lines: what stands on one line of a page, a form or a label."""

import numpy as np

from handwriting.lines.charset import plain_text
from handwriting.lines.synthesis.corpus import Corpus
from handwriting.lines.synthesis.draws import around, between, chance, pick
from handwriting.lines.synthesis.notation import notation
from handwriting.lines.synthesis.rare import insert, token_with

LONGEST = 75  # characters

_COMMON = frozenset(" abcdefghijklmnopqrstuvwxyz")


class TextSampler:
    """Draws labels in all languages of the corpus, each as often.

    Args:
        corpus: running text.
        characters: those that can be drawn; all others are left out of the texts.
    """

    def __init__(self, corpus: Corpus, characters: frozenset[str]):
        self._corpus = corpus
        self._characters = characters
        # Running text teaches the small letters; everything else is asked for by turns.
        self._wanted = tuple(sorted(characters - _COMMON)) or tuple(sorted(characters))

    def sample(self, rng: np.random.Generator) -> tuple[str, str]:
        """A text of 1 … 75 characters, as `plain_text` has it, and its language."""
        while True:
            language = pick(rng, self._corpus.languages)
            text = self._clean(self._draw(rng, language))
            if any(character.isalnum() for character in text):
                return text, language

    def _clean(self, text: str) -> str:
        kept = "".join(c for c in plain_text(text) if c in self._characters)
        return plain_text(kept[:LONGEST])

    def _draw(self, rng: np.random.Generator, language: str) -> str:
        kind = rng.random()
        if kind < 0.10:
            return self._short(rng, language)
        if kind < 0.17:
            return " ".join(
                notation(rng, language, self._corpus) for _ in range(between(rng, 1, 3))
            )
        words = self._corpus.words(rng, language, _line_length(rng))
        if kind < 0.50:
            return self._with_rare(rng, language, words)
        if kind < 0.58:
            item = notation(rng, language, self._corpus)
            return " ".join(insert(rng, words, item))
        if kind < 0.64:
            return " ".join(words).upper()
        return _broken(rng, _with_capitals(rng, words))

    def _short(self, rng: np.random.Generator, language: str) -> str:
        """One word, or a few that begin with a capital, as names do."""
        if chance(rng, 0.5):
            return pick(rng, self._corpus.words(rng, language, 60))
        words = self._corpus.words(rng, language, 300)
        names = [word for word in words if word[0].isupper()] or words
        return " ".join(pick(rng, names) for _ in range(between(rng, 1, 3)))

    def _with_rare(self, rng: np.random.Generator, language: str, words: list[str]) -> str:
        for _ in range(between(rng, 1, 3)):
            wanted = pick(rng, self._wanted)
            words = insert(rng, words, token_with(rng, language, wanted, self._corpus))
        return " ".join(words)


def _line_length(rng: np.random.Generator) -> int:
    """Characters on a line: most of a page's lines are full, some end early."""
    if chance(rng, 0.2):
        return between(rng, 3, 25)
    return int(around(rng, 40, 0.35, 12, LONGEST))


def _with_capitals(rng: np.random.Generator, words: list[str]) -> list[str]:
    """Now and then a word in capitals, for weight."""
    if chance(rng, 0.06):
        at = between(rng, 0, len(words) - 1)
        words = [*words[:at], words[at].upper(), *words[at + 1 :]]
    return words


def _broken(rng: np.random.Generator, words: list[str]) -> str:
    """A line whose last or first word may be the part of one that was broken."""
    if chance(rng, 0.08) and words[-1].isalpha() and len(words[-1]) > 4:
        last = words[-1]
        words = [*words[:-1], last[: between(rng, 2, len(last) - 2)] + "-"]
    if chance(rng, 0.05) and words[0].isalpha() and len(words[0]) > 4:
        words = [words[0][between(rng, 2, len(words[0]) - 2) :], *words[1:]]
    return " ".join(words)
