"""How much a second reader is worth, chosen on lines that were not trained on."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.decoding.beam import Hypothesis
from handwriting.lines.decoding.second import SecondReader, SecondSettings, new_scores
from handwriting.lines.metrics import line_errors

FIRST = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)
SECOND = (0.1, 0.2, 0.3, 0.4, 0.5)
BONUSES = (-0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0)


def tune_second(
    lists: Sequence[list[Hypothesis]], texts: Sequence[str], charset: Charset, reader: SecondReader
) -> SecondSettings:
    """The weights and the bonus with the lowest CER; the other settings stay.

    All combinations are tried. Of equal ones the first wins, and the search's own order, with no
    weight for the second reader, comes before all others.

    Args:
        lists: of each line the texts that the search found.
        texts: what is written.

    Raises:
        ValueError: no lines, or not as many of one as of the other.
    """
    if not len(texts) or len(lists) != len(texts):
        raise ValueError(f"{len(lists)} lines with {len(texts)} texts cannot be tuned on")
    parts, edits = _table(lists, texts, charset, reader)
    plain = replace(reader.settings, first=1.0, second=0.0, bonus=0.0)
    tried = [
        replace(plain, first=first, second=second, bonus=bonus)
        for first, second, bonus in product(FIRST, SECOND, BONUSES)
    ]
    rows = np.arange(len(texts))

    def errors(settings: SecondSettings) -> int:
        return int(edits[rows, new_scores(parts, settings).argmax(axis=1)].sum())

    return min([plain, *tried], key=errors)


def _table(lists, texts, charset, reader) -> tuple[np.ndarray, np.ndarray]:
    """Parts (4, N, K) and edits (N, K) of K texts of each of N lines.

    A line with fewer texts has some that are never chosen.
    """
    found = reader.parts(lists)
    width = max(parts.shape[1] for parts in found)
    table = np.zeros((4, len(lists), width))
    table[0] = -np.inf
    edits = np.zeros((len(lists), width))
    for row, (own, parts, text) in enumerate(zip(lists, found, texts, strict=True)):
        count = parts.shape[1]
        table[:, row, :count] = parts
        read = [charset.decode(one.indices) for one in own[:count]]
        edits[row, :count], _ = line_errors([text] * count, read)
    return table, edits
