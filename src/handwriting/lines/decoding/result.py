"""What decoding a line gives."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Character:
    """One character, spaces among them.

    Attributes:
        confidence: probability that it is right, 0 … 1.
        start, end: frames it takes, end exclusive; neighbours meet without a gap.
    """

    text: str
    confidence: float
    start: int
    end: int


@dataclass(frozen=True)
class Word:
    """What stands between spaces.

    Attributes:
        confidence: probability that all its characters are right, 0 … 1.
        start, end: frames from its first to its last character, end exclusive.
        alternatives: other readings of the same place with their probabilities, the most
            probable first; together at most 1 - confidence. An empty reading means that
            there is no word; one with a space, that there are two.
    """

    text: str
    confidence: float
    start: int
    end: int
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Decoded:
    """A line as read.

    Attributes:
        confidence: expected share of its characters that are right; of an empty text, the
            probability that there is nothing to read.
        words: `text` between single spaces.
    """

    text: str
    confidence: float
    characters: tuple[Character, ...] = ()
    words: tuple[Word, ...] = ()
