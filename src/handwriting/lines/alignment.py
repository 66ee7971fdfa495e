"""Which character was read as which: the edits between two texts, and counts of them."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from handwriting.lines.metrics import EVERYTHING, TextRules

MATCH, SUBSTITUTION = "match", "substitution"
DELETION, INSERTION = "deletion", "insertion"
Operation = tuple[str, str | None, str | None]


def edit_operations(reference: Sequence[str], hypothesis: Sequence[str]) -> list[Operation]:
    """The fewest edits between two texts, in order, matches included.

    Several sets of edits are often equally few. Of these the one is taken that pairs like
    with like: first é with e and A with a, then letter with letter, digit with digit, sign
    with sign; after that, two pairs go before two gaps with a match between.

    Args:
        reference, hypothesis: strings, or lists of words.

    Returns:
        (operation, reference item, hypothesis item): `match`, `substitution`, `deletion`
        (hypothesis item None) or `insertion` (reference item None).

    >>> edit_operations("né", "e")
    [('deletion', 'n', None), ('substitution', 'é', 'e')]
    """
    start, end = _shared_ends(reference, hypothesis)
    head, tail = reference[:start], reference[len(reference) - end :]
    middle = _align(
        reference[start : len(reference) - end], hypothesis[start : len(hypothesis) - end]
    )
    return [*_matches(head), *middle, *_matches(tail)]


def _shared_ends(reference, hypothesis) -> tuple[int, int]:
    """Items that are equal from the start and, of the others, from the end."""
    shared = min(len(reference), len(hypothesis))
    start = 0
    while start < shared and reference[start] == hypothesis[start]:
        start += 1
    end = 0
    while end < shared - start and reference[-1 - end] == hypothesis[-1 - end]:
        end += 1
    return start, end


def _matches(items) -> list[Operation]:
    return [(MATCH, item, item) for item in items]


def _align(reference, hypothesis) -> list[Operation]:
    rows, columns = len(reference), len(hypothesis)
    # One edit outweighs all preferences together: these only choose among equally few edits.
    edit = 2 * (rows + columns) + 1
    gap, pairs = edit + 1, _pair_costs(reference, hypothesis, edit)
    ramp = gap * np.arange(columns + 1)
    table = np.empty((rows + 1, columns + 1), np.int64)
    table[0] = ramp
    for row in range(rows):
        best = table[row] + gap
        best[1:] = np.minimum(best[1:], table[row, :-1] + pairs[row])
        table[row + 1] = np.minimum.accumulate(best - ramp) + ramp  # insertions, left to right
    return _walk_back(table, pairs, gap, reference, hypothesis)


def _walk_back(table, pairs, gap: int, reference, hypothesis) -> list[Operation]:
    row, column = len(reference), len(hypothesis)
    operations = []
    while row or column:
        here = table[row, column]
        if row and column and here == table[row - 1, column - 1] + pairs[row - 1, column - 1]:
            row, column = row - 1, column - 1
            item, other = reference[row], hypothesis[column]
            operations.append((MATCH if item == other else SUBSTITUTION, item, other))
        elif row and here == table[row - 1, column] + gap:
            row -= 1
            operations.append((DELETION, reference[row], None))
        else:
            column -= 1
            operations.append((INSERTION, None, hypothesis[column]))
    return operations[::-1]


def _pair_costs(reference, hypothesis, edit: int) -> np.ndarray:
    """(R, H) int64: 0 for a match, else an edit with 0, 1 or 2 added, the less alike the more."""
    unlike = 2 - _equal(reference, hypothesis, _kind).astype(np.int64)
    unlike[_equal(reference, hypothesis, _bare)] = 0
    return np.where(_equal(reference, hypothesis, str), 0, edit + unlike)


def _equal(reference, hypothesis, key) -> np.ndarray:
    numbers: dict[str, int] = {}
    coded = [
        np.array([numbers.setdefault(key(item), len(numbers)) for item in items], np.int64)
        for items in (reference, hypothesis)
    ]
    return np.equal.outer(*coded)


@lru_cache(maxsize=4096)
def _bare(item: str) -> str:
    """Without case and accents; a sign that this would leave empty stays."""
    return TextRules(case=False, accents=False).apply(item) or item


@lru_cache(maxsize=4096)
def _kind(item: str) -> str:
    """L, N, P, S or Z: letters, numbers, punctuation, symbols, spaces."""
    return unicodedata.category(item[0])[0]


class CharacterScore(NamedTuple):
    """How one character of the references was read.

    Attributes:
        count: times in the references.
        right, substituted, deleted: what became of these; they sum to `count`.
        inserted: times it was read where nothing stands.
        recall: right / count; NaN where it is never in the references.
        precision: right / times it was read; NaN where it never was.
    """

    count: int
    right: int
    substituted: int
    deleted: int
    inserted: int
    recall: float
    precision: float


def count_confusions(
    references: Sequence[str], hypotheses: Sequence[str], rules: TextRules = EVERYTHING
) -> Counter[tuple[str, str]]:
    """How often each (reference character, hypothesis character) was aligned, hits included.

    "" stands for nothing: ("e", "") is an e left out, ("", "e") one read where none is. The
    counts off the diagonal sum to the edits of the CER.

    >>> sorted(count_confusions(["né"], ["e"]).items())
    [(('n', ''), 1), (('é', 'e'), 1)]
    """
    counts: Counter[tuple[str, str]] = Counter()
    for reference, hypothesis in zip(references, hypotheses, strict=True):
        operations = edit_operations(rules.apply(reference), rules.apply(hypothesis))
        counts.update((item or "", other or "") for _, item, other in operations)
    return counts


def most_confused(counts: Counter, number: int = 10) -> list[tuple[str, str, int]]:
    """The most frequent errors: (reference, hypothesis, how often), equal ones by code point."""
    errors = [(*pair, count) for pair, count in counts.items() if pair[0] != pair[1]]
    return sorted(errors, key=lambda error: (-error[2], error[:2]))[:number]


def character_scores(counts: Counter) -> dict[str, CharacterScore]:
    """The score of every character that was written or read, most frequent first."""
    written, read = Counter(), Counter()
    for (reference, hypothesis), count in counts.items():
        written[reference] += count
        read[hypothesis] += count
    characters = sorted((written | read).keys() - {""}, key=lambda char: (-written[char], char))
    return {char: _character_score(counts, char, written[char], read[char]) for char in characters}


def _character_score(counts: Counter, char: str, written: int, read: int) -> CharacterScore:
    right, deleted, inserted = counts[char, char], counts[char, ""], counts["", char]
    return CharacterScore(
        count=written,
        right=right,
        substituted=written - right - deleted,
        deleted=deleted,
        inserted=inserted,
        recall=right / written if written else float("nan"),
        precision=right / read if read else float("nan"),
    )
