"""Scores of a character recogniser on one split, as numbers, as text and as figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from handwriting import calibration, error_plots, metrics
from handwriting.datasets.base import Split
from handwriting.errors import UserError
from handwriting.plots import png_bytes


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate_characters` found.

    Attributes:
        classes: what the indices below read as.
        scores: accuracy, merged_accuracy (see `metrics.CONFUSABLE_GROUPS`), top_3_accuracy,
            macro_ and weighted_ precision, recall and f1, negative_log_likelihood (with the
            temperature), ece_before and ece_after the temperature.
        interval: 95 % Wilson interval of the accuracy, for the draw of the images alone.
        temperature: by which the logits were divided.
        per_class: table by class of precision, recall, f1, support.
        confusion: (C, C) int64, row = label, column = prediction.
        labels: (N,) int64, into `classes`.
        probabilities: (N, C) float64, with the temperature.
        bins_before, bins_after: for the reliability diagram.
        notes: what must be said beside the numbers.
    """

    classes: tuple[str, ...]
    scores: dict[str, float]
    interval: tuple[float, float]
    temperature: float
    per_class: pd.DataFrame = field(repr=False)
    confusion: np.ndarray = field(repr=False)
    labels: np.ndarray = field(repr=False)
    probabilities: np.ndarray = field(repr=False)
    bins_before: calibration.ReliabilityBins = field(repr=False)
    bins_after: calibration.ReliabilityBins = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def accuracy(self) -> float:
        return self.scores["accuracy"]

    @property
    def count(self) -> int:
        return len(self.labels)

    @property
    def predictions(self) -> np.ndarray:
        """(N,) int64, into `classes`."""
        return self.probabilities.argmax(axis=1)

    def confused_pairs(self, count: int = 10) -> list[tuple[str, str, int]]:
        """The most frequent errors: (label, prediction, how often)."""
        return metrics.most_confused_pairs(self.confusion, self.classes, count)

    def to_dict(self) -> dict:
        """Everything but the arrays, ready for JSON."""
        used = self.per_class.dropna(subset="f1")
        return {
            "n": self.count,
            **self.scores,
            "accuracy_interval_95": list(self.interval),
            "temperature": self.temperature,
            "confused_pairs": [list(pair) for pair in self.confused_pairs()],
            "per_class": used.to_dict("index"),
            "notes": list(self.notes),
        }

    def summary_text(self) -> str:
        """The scores in a few lines for a terminal."""
        low, high = self.interval
        score = self.scores
        before, after = score["ece_before"], score["ece_after"]
        lines = [
            f"accuracy   {self.accuracy:.4f}   95 % interval {low:.4f} … {high:.4f}",
            f"images     {self.count:,} of {len(self.classes)} classes",
            f"top 3      {score['top_3_accuracy']:.4f}",
            *self._merged_line(),
            "           precision  recall     F1",
            *(
                f"{mean:<11}{score[mean + '_precision']:.4f}     "
                f"{score[mean + '_recall']:.4f}     {score[mean + '_f1']:.4f}"
                for mean in ("macro", "weighted")
            ),
            f"ECE        {before:.4f}, with temperature {self.temperature:.3f} {after:.4f}",
            "confused   " + "  ".join(f"{a}→{b} {n}" for a, b, n in self.confused_pairs(8)),
            *(f"note: {note}" for note in self.notes),
        ]
        return "\n".join(lines)

    def result_columns(self, split: str) -> dict:
        """For `results.append_result`; a score on training images goes into the notes alone."""
        if split == "train":
            score = f"training images: {self.accuracy:.4f}, n = {self.count}"
            return {"metric": "accuracy", "notes": "; ".join((*self.notes, score))}
        row = {f"{split}_score": self.accuracy, f"{split}_n": self.count}
        return row | {"metric": "accuracy", "notes": "; ".join(self.notes)}

    def _merged_line(self) -> list[str]:
        merged = self.scores["merged_accuracy"]
        if merged == self.accuracy:
            return []
        return [f"merged     {merged:.4f}   look-alikes such as 0 O o count as one class"]


def evaluate_characters(
    recognizer,
    split: Split,
    classes: Sequence[str],
    *,
    restrict: bool = False,
    notes: Sequence[str] = (),
) -> Evaluation:
    """Score a recogniser on a split, matching their classes by text.

    Args:
        recognizer: has `.classes`, `.card.temperature` and `.logits((N, 28, 28) uint8)`, which
            returns (N, C) float32 before any temperature.
        classes: what the labels of the split read as; their order may differ from the model's.
        restrict: let the model choose only among `classes`. Otherwise an answer outside them,
            such as an emoji for a digit, is an error like any other.

    Raises:
        UserError: the split is empty, or has images of classes that the model does not know.
    """
    if not len(split):
        raise UserError("nothing to evaluate: the split has no images")
    labels = _align_labels(split.labels, classes, recognizer.classes)
    logits = recognizer.logits(split.images)
    known = tuple(recognizer.classes)
    if restrict:
        notes = (*notes, f"answers restricted to the {len(classes)} classes of the data set")
        kept = [index for index, text in enumerate(known) if text in set(classes)]
        labels = np.searchsorted(kept, labels)
        logits, known = logits[:, kept], tuple(known[index] for index in kept)
    answers = np.array(known)[logits.argmax(axis=1)]
    if outside := np.isin(answers, list(classes), invert=True).sum():
        notes = (*notes, f"answers outside the data set: {outside:,}")
    return score_logits(logits, labels, known, recognizer.card.temperature, notes)


def score_logits(logits, labels, classes, temperature=1.0, notes=()) -> Evaluation:
    """The `Evaluation` of logits (N, C) against labels (N,), both in the order of `classes`."""
    per_class, scores = metrics.classification_report(logits, labels, classes)
    predictions = logits.argmax(axis=1)
    probabilities = calibration.apply_temperature(logits, temperature)
    before = calibration.reliability_bins(calibration.softmax(logits), labels)
    after = calibration.reliability_bins(probabilities, labels)
    loss = calibration.negative_log_likelihood(logits / temperature, labels)
    scores |= {"negative_log_likelihood": loss}
    scores |= {"ece_before": before.error(), "ece_after": after.error()}
    return Evaluation(
        classes=tuple(classes),
        scores=scores,
        interval=metrics.wilson_interval(int((predictions == labels).sum()), len(labels)),
        temperature=float(temperature),
        per_class=per_class,
        confusion=metrics.confusion_matrix(labels, predictions, len(classes)),
        labels=labels,
        probabilities=probabilities,
        bins_before=before,
        bins_after=after,
        notes=tuple(notes),
    )


def save_figures(evaluation: Evaluation, split: Split, folder: Path, prefix: str) -> list[Path]:
    """Write `folder/PREFIX_confusion.png` and its like; the two of errors only if there are any."""
    pairs = evaluation.confused_pairs(8)
    labels, classes = evaluation.labels, evaluation.classes
    figures = {
        "confusion": error_plots.plot_confusion(evaluation.confusion, classes),
        "reliability": error_plots.plot_reliability(evaluation.bins_before, evaluation.bins_after),
        "per_class": error_plots.plot_per_class(evaluation.per_class),
    }
    if pairs:
        figures["confused_pairs"] = error_plots.plot_confused_pairs(
            split.images, labels, evaluation.predictions, classes, pairs
        )
        figures["errors"] = error_plots.plot_errors(
            split.images, labels, evaluation.probabilities, classes
        )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{prefix}_{name}.png" for name in figures]
    for path, figure in zip(paths, figures.values(), strict=True):
        path.write_bytes(png_bytes(figure))
    return paths


def _align_labels(labels, classes: Sequence[str], known: Sequence[str]) -> np.ndarray:
    """Turn indices into `classes` into indices into `known`, by text."""
    index_of = {text: index for index, text in enumerate(known)}
    used = np.unique(labels)
    missing = [classes[index] for index in used if classes[index] not in index_of]
    if missing:
        raise UserError(f"the model does not know the classes {' '.join(missing)}")
    table = np.array([index_of.get(text, -1) for text in classes])
    return table[labels]
