"""The words of a decoded line, and what else they may be."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import exp, log
from operator import ne

from handwriting.lines.alignment import MATCH, edit_operations
from handwriting.lines.decoding.result import Character, Word

MOST_ALTERNATIVES = 5
_LEAST_ODDS = 1e-3  # against the reading chosen
FAINTEST = log(_LEAST_ODDS / 1000)  # of the odds that may together make a reading likely


def make_words(
    characters: Sequence[Character],
    places: Sequence[tuple[int, int]],
    confidences: Sequence[float],
    odds: Sequence[dict[str, float]],
) -> tuple[Word, ...]:
    """Words with their alternatives.

    Args:
        characters: of the line.
        places: `word_spans` of them.
        confidences: of the words, 0 … 1.
        odds: for each word, other readings and how many times as probable as it they are.
    """
    words = []
    for (first, end), confidence, others in zip(places, confidences, odds, strict=True):
        text = "".join(character.text for character in characters[first:end])
        start, stop = characters[first].start, characters[end - 1].end
        words.append(Word(text, confidence, start, stop, _alternatives(others, confidence)))
    return tuple(words)


def word_spans(text: str) -> list[tuple[int, int]]:
    """First character and end, exclusive, of each word.

    >>> word_spans(" le  pont")
    [(1, 3), (5, 9)]
    """
    return [match.span() for match in re.finditer("[^ ]+", text)]


def edited_words(
    text: str, places: Sequence[tuple[int, int]], edits: Sequence[tuple[int, float, str]]
) -> list[dict[str, float]]:
    """Other readings of each word by single edits: position, logarithm of the odds, new text."""
    odds = [defaultdict(float) for _ in places]
    starts = [first for first, _ in places]
    for position, value, written in edits:
        number = bisect_right(starts, position) - 1
        if number < 0 or position >= places[number][1]:
            continue  # a space, which belongs to no word
        first, end = places[number]
        reading = text[first:position] + written + text[position + 1 : end]
        if written == " ":
            reading = " ".join(reading.split())  # none at the ends of the word
        odds[number][reading] += exp(value)
    return odds


def readings_among(hypotheses: Sequence[tuple[str, float]]) -> list[dict[str, float]]:
    """Other readings of each word of the first text, by what the other texts have there.

    Args:
        hypotheses: texts and their log-probabilities, up to a constant.

    Returns:
        For each word, readings with the sum of the texts that have them over the sum of
        those that have the word itself.
    """
    best = hypotheses[0][0].split()
    masses = [defaultdict(float) for _ in best]
    for text, score in hypotheses:
        mass = exp(min(score - hypotheses[0][1], 0))
        for place, reading in _readings(best, text.split()):
            masses[place][reading] += mass
    return [
        {reading: mass / by[word] for reading, mass in by.items() if reading != word}
        for word, by in zip(best, masses, strict=True)
    ]


def _readings(best: list[str], other: list[str]) -> Iterator[tuple[int, str]]:
    """(place, reading) for the words of `best` whose counterpart in `other` is certain."""
    if len(best) == len(other) and sum(map(ne, best, other)) < 2:
        yield from enumerate(other)  # as it mostly is; to align them would give the same
        return
    place = 0
    for _, run in groupby(edit_operations(best, other), lambda step: step[0] == MATCH):
        run = list(run)
        own = [word for _, word, _ in run if word is not None]
        read = [word for _, _, word in run if word is not None]
        if len(own) == len(read):
            yield from enumerate(read, start=place)
        elif len(own) == 1:
            yield place, " ".join(read)
        place += len(own)


def _alternatives(odds: dict[str, float], confidence: float) -> tuple[tuple[str, float], ...]:
    likely = sorted(odds.items(), key=lambda item: (-item[1], item[0]))[:MOST_ALTERNATIVES]
    likely = [(text, value) for text, value in likely if value >= _LEAST_ODDS]
    total = sum(value for _, value in likely)
    # Odds are against the reading itself; a calibrated confidence may leave less room.
    scale = min(confidence, (1 - confidence) / total) if total else 0.0
    return tuple((text, value * scale) for text, value in likely)
