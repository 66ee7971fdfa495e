"""The characters that a line model can read, and the rules for the text of its labels."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FRENCH = "ÀÂÆÇÈÉÊËÎÏÔŒÙÛÜŸàâæçèéêëîïôœùûüÿ"
_GERMAN = "ÄÖÜẞäöüß"
_OTHER_LETTERS = "áíñóú"
_ASCII_SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]_{|}~"
_SIGNS = "£€§°«»½²×"

# Typographic variants that a label does not tell apart, as one plain character.
_PLAIN = {
    **dict.fromkeys("’‘ʼ`´′", "'"),
    **dict.fromkeys("“”„″", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "…": "...",
    "^": "",
    "\u00ad": "",
}
_TRANSLATION = str.maketrans(_PLAIN)


def plain_text(text: str) -> str:
    """Text as labels have it: NFC, plain quotes and dashes, single spaces, none at the ends.

    Guillemets, case and spelling stay. A caret, which marks raised letters, goes.

    >>> plain_text(" l’œil — “vu” 1^er… ")
    'l\\'œil - "vu" 1er...'
    """
    text = unicodedata.normalize("NFC", text).translate(_TRANSLATION)
    text = re.sub(r"-{2,}", "-", re.sub(r"\.{3,}", "...", text))
    return " ".join(text.split())


class Charset:
    """An ordered set of characters; the index behind the last one is CTC's blank.

    Args:
        characters: each a single code point, none twice.
    """

    def __init__(self, characters: Iterable[str]):
        self.characters: tuple[str, ...] = tuple(characters)
        if len(set(self.characters)) != len(self.characters):
            raise ValueError("a character occurs twice in the charset")
        self._index = {character: i for i, character in enumerate(self.characters)}

    def __len__(self) -> int:
        """Characters without the blank."""
        return len(self.characters)

    def __contains__(self, character: str) -> bool:
        return character in self._index

    def __eq__(self, other) -> bool:
        return isinstance(other, Charset) and self.characters == other.characters

    def __hash__(self) -> int:
        return hash(self.characters)

    @property
    def blank(self) -> int:
        """Index of CTC's blank: the last of `len(charset) + 1` logits."""
        return len(self.characters)

    def encode(self, text: str) -> np.ndarray:
        """(L,) int32 indices.

        Raises:
            KeyError: a character that is not in the charset (see `missing`).
        """
        return np.array([self._index[character] for character in text], np.int32)

    def decode(self, indices: Sequence[int]) -> str:
        """The text of indices without blanks."""
        return "".join(self.characters[i] for i in indices)

    def missing(self, text: str) -> list[str]:
        """Characters of the text that cannot be encoded, sorted."""
        return sorted(set(text) - self._index.keys())

    def union(self, characters: Iterable[str]) -> "Charset":
        """With further characters behind; the indices of the present ones stay."""
        new = dict.fromkeys(c for c in characters if c not in self._index)
        return Charset((*self.characters, *new))


# English, French and German in full, digits, punctuation and common signs.
DEFAULT_CHARSET = Charset(
    dict.fromkeys(
        " 0123456789" + _LETTERS + _FRENCH + _GERMAN + _OTHER_LETTERS + _ASCII_SIGNS + _SIGNS
    )
)
