"""Which language a page is in, by its most frequent small words."""

import re

# Words that are frequent in one of the languages and rare in the others.
WORDS = {
    "en": "the and of to that was is with for it he his not as be have had my you which this from",
    "fr": "le la les et des du un une que qui est dans pour par sur au avec ne pas vous il je nous",
    "de": "der die das und zu den von ist mit sich dem nicht ein eine auf ich im auch als wir sie",
}
LEAST = 3  # such words, …
LEAD = 2  # … and so many times those of the second language

_LISTS = {language: frozenset(words.split()) for language, words in WORDS.items()}


def guess_language(text: str) -> str:
    """`en`, `fr` or `de`, or "" where the text does not say clearly.

    >>> guess_language("the tide was high and the ferry late")
    'en'
    >>> guess_language("Grand Hotel, 1912")
    ''
    """
    found = re.findall(r"[^\W\d_]+", text.lower())
    counts = {name: sum(word in words for word in found) for name, words in _LISTS.items()}
    best, second = sorted(counts, key=counts.get, reverse=True)[:2]
    clear = counts[best] >= max(LEAST, LEAD * counts[second])
    return best if clear else ""
