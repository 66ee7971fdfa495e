"""From counts and word lists to a model of words."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.language.lexicon import Lexicon
from handwriting.lines.language.word_counts import CAPITAL, SMALL, START, WordCounts
from handwriting.lines.language.words import WordModel

LONGEST = 24  # letters of a word in the lexicon
LISTED_SHARE = 0.3  # of the probability, at least, for what the word lists say
_FORM_DISCOUNT, _PAIR_DISCOUNT = 0.5, 0.75
_LEAST_PAIRS = 1.5  # a pair met once says little
_CAPITALS = {"de": 0.3}  # of listed words never met in a text
_OTHER_CAPITALS = 0.1
_PRIOR = 2.0  # occurrences that this prior weighs


def build_words(
    counts: WordCounts,
    lists: Mapping[str, Mapping[str, float]],
    charset: Charset,
    rarest: float,
) -> WordModel:
    """A model of words.

    Args:
        counts: of texts.
        lists: language to word in small letters to how frequent it is, on any scale.
        charset: words with other characters stay out.
        rarest: words less probable than this in each language stay out.
    """
    letters = "".join(sorted(c for c in charset.characters if c.isalpha() and c == c.lower()))
    letters += "'" * ("'" in charset)
    languages = sorted(counts.forms.keys() | lists.keys())
    rates = [
        _rates(counts.forms.get(name, Counter()), lists.get(name, {}), name) for name in languages
    ]
    known = {
        word
        for one in rates
        for (word, _), rate in one.items()
        if rate >= rarest and len(word) <= LONGEST and set(word) <= set(letters)
    }
    lexicon = Lexicon.of(letters, known)
    number = {word: i for i, word in enumerate(lexicon.words())}
    table = np.zeros((len(lexicon), 2, len(languages)))
    for column, one in enumerate(rates):
        for (word, capital), rate in one.items():
            if word in number:
                table[number[word], capital, column] = rate
    table /= np.maximum(table.sum(axis=(0, 1)), 1e-12)
    marks = "".join(sorted(c for c in counts.pairs if len(c) == 1 and not c.isalpha()))
    contexts = number | {START: len(number)}
    contexts |= {mark: len(number) + 2 + i for i, mark in enumerate(marks)}
    pairs, shares = _pairs(counts, contexts, number)
    behind = {c: n for c, n in sorted(counts.followers.items()) if not c.isalpha()}
    total = max(sum(behind.values()), 1e-9)
    followers = {c: n / total for c, n in behind.items()}
    return WordModel(lexicon, marks, table, pairs, shares, followers)


def _rates(met: Counter, listed: Mapping[str, float], language: str) -> dict:
    """Form to probability: of texts, discounted, and for the rest of the word list."""
    total = sum(met.values())
    rates = {form: (n - _FORM_DISCOUNT * min(n, 1)) / total for form, n in met.items()}
    spare = 1 - sum(rates.values())
    share = max(spare, LISTED_SHARE) if listed else spare
    rates = {form: rate * (1 - share) / max(1 - spare, 1e-9) for form, rate in rates.items()}
    usual = _CAPITALS.get(language, _OTHER_CAPITALS) * _PRIOR
    scale = share / max(sum(listed.values()), 1e-12)
    for word, frequency in listed.items():
        small, capital = met.get((word, SMALL), 0), met.get((word, CAPITAL), 0)
        with_capital = (capital + usual) / (small + capital + _PRIOR)
        for kind, part in ((SMALL, 1 - with_capital), (CAPITAL, with_capital)):
            rates[word, kind] = rates.get((word, kind), 0.0) + frequency * scale * part
    return rates


def _pairs(
    counts: WordCounts, contexts: Mapping[str, int], number: Mapping[str, int]
) -> tuple[np.ndarray, np.ndarray]:
    found: list[tuple[int, int, int]] = []
    shares: list[float] = []
    for before, forms in counts.pairs.items():
        if before not in contexts:
            continue
        total = counts.befores[before]
        for (word, capital), n in forms.items():
            if n >= _LEAST_PAIRS and word in number:
                found.append((contexts[before], capital, number[word]))
                shares.append((n - _PAIR_DISCOUNT) / total)
    pairs = np.array(found, np.int64).reshape(-1, 3)
    order = np.lexsort(pairs.T[::-1])
    return pairs[order], np.array(shares, np.float64)[order]
