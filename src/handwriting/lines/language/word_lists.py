"""How frequent words are, from the lists of the package wordfreq.

Speer, "wordfreq", v3.0, 2022, doi:10.5281/zenodo.7199437; the lists are CC BY-SA 4.0. They hold
some 300,000 English and French and 600,000 German words, most of which no text here has.
"""

from handwriting.errors import UserError
from handwriting.lines.language.word_counts import form_of, words_of

PACKAGE = "wordfreq==3.1.1"
CREDIT = f"{PACKAGE}, word frequencies CC BY-SA 4.0"


def word_list(language: str) -> dict[str, float]:
    """Word in small letters to its frequency; l'ami counts as l' and as ami.

    Raises:
        UserError: the package is not installed or has no such language.
    """
    try:
        from wordfreq import get_frequency_dict
    except ImportError:
        raise UserError(f"--words: needs another package; `pip install {PACKAGE}`") from None
    try:
        listed = get_frequency_dict(language, wordlist="best")
    except LookupError:
        raise UserError(f"--words: wordfreq knows no language {language!r}") from None
    frequencies: dict[str, float] = {}
    for text, frequency in listed.items():
        for word, _, _ in words_of(text):
            if form := form_of(word):
                frequencies[form[0]] = frequencies.get(form[0], 0.0) + frequency
    return frequencies
