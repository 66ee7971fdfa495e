"""How to weigh the texts of a beam anew, chosen on lines that were not trained on."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from tqdm import tqdm

from handwriting.lines.charset import Charset
from handwriting.lines.decoding.beam import Hypothesis
from handwriting.lines.decoding.rescoring import (
    Rescorer,
    RescoringSettings,
    new_scores,
    score_parts,
)
from handwriting.lines.metrics import line_errors

OWN = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
BONUSES = (-0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5)


def tune_rescoring(
    lists: Sequence[list[Hypothesis]], texts: Sequence[str], charset: Charset, rescorer: Rescorer
) -> RescoringSettings:
    """The own, weight and bonus with the lowest CER; the other settings stay.

    All combinations are tried: the model is asked only once. Of equal ones the first wins, and
    the search's own order comes before all others.

    Args:
        lists: of each line the texts that the search found.
        texts: what is written.

    Raises:
        ValueError: no lines, or not as many of one as of the other.
    """
    if not len(texts) or len(lists) != len(texts):
        raise ValueError(f"{len(lists)} lines with {len(texts)} texts cannot be tuned on")
    parts, likely, edits = _table(lists, texts, charset, rescorer)
    plain = replace(rescorer.settings, own=1.0, weight=0.0, bonus=0.0)
    tried = [
        replace(plain, own=own, weight=weight, bonus=bonus)
        for own, weight, bonus in product(OWN, WEIGHTS, BONUSES)
    ]
    rows = np.arange(len(texts))

    def errors(settings: RescoringSettings) -> int:
        return int(edits[rows, new_scores(parts, likely, settings).argmax(axis=1)].sum())

    return min([plain, *tried], key=errors)


def _table(lists, texts, charset, rescorer) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score parts (3, N, K), log r (N, K) and edits (N, K) of K texts of each line.

    A line with fewer texts has texts that are not to be chosen.
    """
    likely = rescorer.log_probs(lists)
    width = max(map(len, likely))
    table = np.zeros((5, len(lists), width))
    table[0] = -np.inf
    bar = tqdm(total=len(lists), desc="rescoring", unit="line", disable=not sys.stderr.isatty())
    with bar:
        for row, (found, logs, text) in enumerate(zip(lists, likely, texts, strict=True)):
            count = len(logs)
            table[:3, row, :count] = score_parts(found[:count])
            table[3, row, :count] = logs
            read = [charset.decode(own.indices) for own in found[:count]]
            table[4, row, :count], _ = line_errors([text] * count, read)
            bar.update()
    return table[:3], table[3], table[4]
