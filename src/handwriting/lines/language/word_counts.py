"""Counting words, and which follow which."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

SMALL, CAPITAL = 0, 1
START = ""  # what a word at the start of a line follows

# An apostrophe ends a word: l' and homme, don' and t.
_TOKEN = re.compile(r"([^\W\d_]+'?)|([^ ])")


@dataclass
class WordCounts:
    """Weighted counts; a form is a word in small letters with `SMALL` or `CAPITAL`.

    Attributes:
        forms: language to form to count.
        pairs: what came before to form to count: a word in small letters, a mark, or `START`.
        befores: the same to the count of all words behind it, those in capitals among them.
        followers: what stands behind a word to count, "" at the end of a line.
    """

    forms: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    pairs: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    befores: Counter = field(default_factory=Counter)
    followers: Counter = field(default_factory=Counter)


def count_words(
    texts: Sequence[str], languages: Sequence[str], weights: Sequence[float]
) -> WordCounts:
    """Count lines.

    Weights say how much a text counts beside the lightest of its language: languages are
    counted apart, so that what they weigh against each other does not matter.
    """
    lightest: dict[str, float] = {}
    for language, weight in zip(languages, weights, strict=True):
        lightest[language] = min(weight, lightest.get(language, weight))
    counts = WordCounts()
    for text, language, weight in zip(texts, languages, weights, strict=True):
        weight /= lightest[language]
        for word, before, follower in words_of(text):
            counts.befores[before] += weight
            counts.followers[follower] += weight
            if form := form_of(word):
                counts.forms[language][form] += weight
                counts.pairs[before][form] += weight
    return counts


def words_of(text: str) -> Iterator[tuple[str, str, str]]:
    """Each word, what it follows (see `WordCounts.pairs`), and the character behind it.

    >>> list(words_of("L'ami, dit"))
    [("L'", '', 'a'), ('ami', "l'", ','), ('dit', ',', '')]
    """
    before = START
    for match in _TOKEN.finditer(text):
        word, mark = match.groups()
        if word:
            yield word, before, text[match.end() : match.end() + 1]
        before = mark or word.lower()


def form_of(word: str) -> tuple[str, int] | None:
    """The word in small letters, and whether it has a capital; None with other capitals.

    >>> form_of("Typha"), form_of("I"), form_of("RBG")
    (('typha', 1), ('i', 1), None)
    """
    small = word.lower()
    if word == small:
        return small, SMALL
    return (small, CAPITAL) if word[1:] == small[1:] else None
