"""Scores of a line recogniser on one split, as numbers, as tables and as text."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from handwriting.calibration import ReliabilityBins
from handwriting.errors import UserError
from handwriting.lines import alignment
from handwriting.lines.data import LineSplit
from handwriting.lines.scoring import calibrate, score_groups, score_lines

RULES_TEXT = "case, accents, punctuation and spaces count; runs of spaces are one"


@dataclass(frozen=True)
class LineEvaluation:
    """What `evaluate_lines` found.

    Attributes:
        lines: a row for each line: source, language, reference, hypothesis, the edits and
            lengths named in `scoring.RATES`, and `right`, whether the line has no error.
        table: a row for (all, all), each (source, name) and each (language, name), with lines,
            characters, cer, cer_low, cer_high, wer, lines_right, unit, units,
            cer_ignoring_case and cer_ignoring_case_and_punctuation. Rates are fractions;
            the 95 % interval draws `units` writers, pages or lines, as `unit` says.
        counts: see `alignment.count_confusions`.
        bins: of the confidences, None without; `bins_of` says whether of lines or words.
        notes: what must be said beside the numbers.
    """

    lines: pd.DataFrame = field(repr=False)
    table: pd.DataFrame
    counts: Counter = field(repr=False)
    bins: ReliabilityBins | None = field(default=None, repr=False)
    bins_of: str = ""
    notes: tuple[str, ...] = ()

    @property
    def overall(self) -> pd.Series:
        """The row of the table for all lines."""
        return self.table.loc[("all", "all")]

    @property
    def cer(self) -> float:
        return float(self.overall["cer"])

    @property
    def wer(self) -> float:
        return float(self.overall["wer"])

    @property
    def interval(self) -> tuple[float, float]:
        """95 % of the CER."""
        return float(self.overall["cer_low"]), float(self.overall["cer_high"])

    @property
    def count(self) -> int:
        return len(self.lines)

    @property
    def ece(self) -> float:
        """Expected calibration error of the confidences; NaN without."""
        return self.bins.error() if self.bins else math.nan

    def confusions(self, number: int = 10) -> list[tuple[str, str, int]]:
        """The most frequent errors: (reference, hypothesis, how often), "" for nothing."""
        return alignment.most_confused(self.counts, number)

    def characters(self) -> pd.DataFrame:
        """Table by character, most frequent first: the fields of `alignment.CharacterScore`."""
        scores = alignment.character_scores(self.counts)
        columns = alignment.CharacterScore._fields
        index = pd.Index(list(scores), name="character", dtype=object)
        return pd.DataFrame(list(scores.values()), index=index, columns=columns)

    def worst(self, number: int = 10) -> list[int]:
        """Numbers of the lines with the highest CER, of equal ones those with more edits first."""
        return self._ranked()[:number]

    def median(self, number: int = 10) -> list[int]:
        """Numbers of the lines in the middle of that order: what a reading looks like."""
        ranked = self._ranked()
        start = max(len(ranked) - number, 0) // 2
        return ranked[start : start + number]

    def _ranked(self) -> list[int]:
        edits = self.lines["edits"].to_numpy()
        rates = edits / np.maximum(self.lines["characters"].to_numpy(), 1)
        return np.lexsort((-edits, -rates)).tolist()

    def to_dict(self) -> dict:
        """The numbers without the lines, ready for JSON: NaN is None."""
        report = {"n": self.count, **_plain(self.overall.drop("lines"))}
        for kind in ("source", "language"):
            rows = self.table.loc[[kind]].droplevel(0)
            report[f"by_{kind}"] = {name: _plain(row) for name, row in rows.iterrows()}
        report["confusions"] = [list(confusion) for confusion in self.confusions(20)]
        scores = alignment.character_scores(self.counts)
        report["per_character"] = {char: _plain(score._asdict()) for char, score in scores.items()}
        if self.bins:
            report |= {"ece": _number(self.ece), "ece_of": self.bins_of}
        return report | {"rules": RULES_TEXT, "notes": list(self.notes)}

    def summary_text(self) -> str:
        """The scores in a few lines for a terminal."""
        row = self.overall
        confused = [_confusion_text(*confusion) for confusion in self.confusions(8)]
        lines = [
            f"CER        {row.cer:.4f}   {_interval_text(row)}",
            f"WER        {row.wer:.4f}",
            f"lines      {row.lines:,} with {row.characters:,} characters; "
            f"{row.lines_right:.1%} of the lines without an error",
            f"ignoring   case {row.cer_ignoring_case:.4f}, "
            f"case and punctuation {row.cer_ignoring_case_and_punctuation:.4f}",
            *self._group_lines(),
            "confused   " + ("  ".join(confused) or "none"),
        ]
        if self.bins:
            lines.append(f"ECE        {self.ece:.4f} of {self.bins.count.sum():,} {self.bins_of}")
        lines.append(f"rules      {RULES_TEXT}")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def _group_lines(self) -> list[str]:
        """A line for each source and language, where there are several of a kind."""
        lines = []
        for kind in ("source", "language"):
            rows = self.table.loc[[kind]].droplevel(0)
            if len(rows) > 1:
                lines += [
                    f"{kind:<11}{name:<12} CER {row.cer:.4f}  WER {row.wer:.4f}  "
                    f"{row.lines:>6,} lines  {_interval_text(row)}"
                    for name, row in rows.iterrows()
                ]
        return lines

    def result_columns(self, split: str, source: str = "") -> dict:
        """For `results.append_result`; a score on training lines goes into the notes alone.

        Args:
            split: the one that was scored: train, validation or test.
            source: of this source alone; without, of all lines.
        """
        row = self.table.loc[("source", source) if source else ("all", "all")]
        if split == "train":
            score = f"training lines: CER {row.cer:.4f}, n = {row.lines}"
            return {"metric": "CER", "notes": "; ".join((*self.notes, score))}
        facts = f"{_interval_text(row)}; WER {row.wer:.4f}"
        columns = {f"{split}_score": float(row.cer), f"{split}_n": int(row.lines)}
        return columns | {"metric": "CER", "notes": "; ".join((*self.notes, facts))}


def evaluate_lines(
    split: LineSplit,
    hypotheses: Sequence[str],
    confidences: Sequence[float] | Sequence[Sequence[float]] | None = None,
    notes: Sequence[str] = (),
) -> LineEvaluation:
    """Score what was read against the texts of a split.

    Args:
        hypotheses: (N,) texts in the order of the split.
        confidences: (N,), each 0…1 for the line, or for each line one number for each of
            its words, for the calibration.

    Raises:
        UserError: the split is empty.
        ValueError: another number of hypotheses, or of confidences, than fits.
    """
    if not len(split):
        raise UserError("nothing to evaluate: the split has no lines")
    lines = score_lines(split, list(hypotheses))
    bins, bins_of = None, ""
    if confidences is not None:
        bins, bins_of = calibrate(lines, list(confidences))
    return LineEvaluation(
        lines=lines,
        table=score_groups(split, lines),
        counts=alignment.count_confusions(lines["reference"], lines["hypothesis"]),
        bins=bins,
        bins_of=bins_of,
        notes=tuple(notes),
    )


def _interval_text(row) -> str:
    if math.isnan(row.cer_low):
        return f"no interval from one {row.unit}"
    units = f"{row.units:,} {row.unit.replace(' or ', 's or ')}s"
    return f"95 % interval {row.cer_low:.4f} … {row.cer_high:.4f} over {units}"


def _confusion_text(reference: str, hypothesis: str, count: int) -> str:
    names = {"": "nothing", " ": "space"}
    return f"{names.get(reference, reference)}→{names.get(hypothesis, hypothesis)} {count}"


def _plain(row) -> dict:
    return {name: _number(value) for name, value in row.items()}


def _number(value):
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and math.isnan(value) else value
