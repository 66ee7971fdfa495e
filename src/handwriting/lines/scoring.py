"""Tables of scores: one row for each line, and one for each group of lines."""

import numpy as np
import pandas as pd

from handwriting.calibration import ReliabilityBins, reliability_bins
from handwriting.lines import alignment, metrics
from handwriting.lines.data import LineSplit
from handwriting.lines.metrics import EVERYTHING, TextRules

# Columns of edits and of lengths by the score made from them.
RATES = {
    "cer": ("edits", "characters"),
    "wer": ("word_edits", "words"),
    "cer_ignoring_case": ("edits_ignoring_case", "characters_ignoring_case"),
    "cer_ignoring_case_and_punctuation": ("edits_of_letters", "letters"),
}
_RULES = {
    "cer_ignoring_case": TextRules(case=False),
    "cer_ignoring_case_and_punctuation": TextRules(case=False, punctuation=False),
}


def score_lines(split: LineSplit, hypotheses: list[str]) -> pd.DataFrame:
    """A row for each line: source, language, the columns of `RATES`, both texts and `right`."""
    references = split.texts
    columns = {
        "source": [line.source or "unknown" for line in split],
        "language": [line.language or "unknown" for line in split],
    }
    for rate, names in RATES.items():
        rules = _RULES.get(rate, EVERYTHING)
        scored = metrics.line_errors(references, hypotheses, rules, words=rate == "wer")
        columns |= dict(zip(names, scored, strict=True))
    columns["reference"] = [EVERYTHING.apply(text) for text in references]
    columns["hypothesis"] = [EVERYTHING.apply(text) for text in hypotheses]
    return pd.DataFrame(columns).assign(right=columns["edits"] == 0)


def score_groups(split: LineSplit, lines: pd.DataFrame) -> pd.DataFrame:
    """All lines, each source and each language: see `LineEvaluation.table`."""
    groups = {("all", "all"): lines.index}
    for kind in ("source", "language"):
        groups |= {(kind, name): rows for name, rows in sorted(lines.groupby(kind).groups.items())}
    rows = [_score_group(split, lines.loc[numbers]) for numbers in groups.values()]
    return pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(groups, names=("by", "name")))


def _score_group(split: LineSplit, lines: pd.DataFrame) -> dict:
    unit, clusters = metrics.bootstrap_clusters(split[number] for number in lines.index)
    low, high = metrics.bootstrap_interval(lines["edits"], lines["characters"], clusters)
    rates = {
        rate: metrics.error_rate(lines[edits], lines[lengths])
        for rate, (edits, lengths) in RATES.items()
    }
    return {
        "lines": len(lines),
        "characters": int(lines["characters"].sum()),
        "cer": rates.pop("cer"),
        "cer_low": low,
        "cer_high": high,
        "wer": rates.pop("wer"),
        "lines_right": float(lines["right"].mean()),
        "unit": unit,
        "units": len(set(clusters)),
        **rates,
    }


def calibrate(lines: pd.DataFrame, confidences: list) -> tuple[ReliabilityBins, str]:
    """Bins of the confidences, and whether they are of `lines` or of `words`.

    A word of the hypothesis is right if the alignment matches it with one of the reference.

    Raises:
        ValueError: not one confidence for each line, or for each word of a line.
    """
    if len(confidences) != len(lines):
        raise ValueError(f"{len(confidences)} confidences for {len(lines)} lines")
    if all(np.ndim(confidence) == 0 for confidence in confidences):
        return _bins(confidences, lines["right"]), "lines"
    right = []
    pairs = zip(lines["reference"], lines["hypothesis"], confidences, strict=True)
    for number, (reference, hypothesis, given) in enumerate(pairs):
        operations = alignment.edit_operations(reference.split(), hypothesis.split())
        own = [kind == alignment.MATCH for kind, _, word in operations if word is not None]
        if len(own) != len(given):
            raise ValueError(f"line {number}: {len(given)} confidences for {len(own)} words")
        right += own
    return _bins(np.concatenate(confidences), right), "words"


def _bins(confidences, right) -> ReliabilityBins:
    # As one class, that of the answer: label 0 where it is right, another where it is not.
    column = np.asarray(confidences, np.float64)[:, None]
    return reliability_bins(column, np.where(np.asarray(right, bool), 0, 1))
