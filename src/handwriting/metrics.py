"""Scores for single characters, as arithmetic that a reader can redo by hand.

Everything starts from the confusion matrix: row = label, column = prediction. Comparisons
are by class; case, size and position on the line count only where the class list keeps
them apart.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

# Cropping and scaling one glyph to 28×28 removes its size and its place on the line. What is
# left of the members of a group is the same drawing: only the neighbours in a word tell them
# apart. Groups are disjoint; letters whose two cases merely look alike (F f, Q q) stay out.
CONFUSABLE_GROUPS = (
    ("0", "O", "o"),  # one round stroke
    ("1", "I", "L", "l", "|"),  # one upright stroke; EMNIST files a plain l under L
    ("2", "Z", "z"),  # a 2 drawn with a sharp corner
    ("5", "S", "s"),  # a 5 drawn in one stroke
    ("9", "g", "q"),  # a loop and a tail that no longer shows whether it hangs below the line
    *(pair for pair in zip("CJKMPUVWXY", "cjkmpuvwxy", strict=True)),  # two sizes of one shape
)


class ClassScores(NamedTuple):
    """Per-class scores, each (C,) float64, and the number of labels, (C,) int64."""

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    support: np.ndarray

    def macro(self) -> dict[str, float]:
        """Plain mean over the classes that occur as a label or as a prediction."""
        return self._mean(np.ones(len(self.support)))

    def weighted(self) -> dict[str, float]:
        """Mean weighted by the number of labels; the weighted recall is the accuracy."""
        return self._mean(self.support)

    def _mean(self, weights) -> dict[str, float]:
        weights = np.where(np.isnan(self.f1), 0, weights)
        total = float(weights.sum())
        names = ("precision", "recall", "f1")
        sums = {name: float(np.nansum(getattr(self, name) * weights)) for name in names}
        return {name: value / total if total else float("nan") for name, value in sums.items()}


def confusion_matrix(labels, predictions, class_count: int) -> np.ndarray:
    """Count each (label, prediction) pair: (C, C) int64, row = label, column = prediction.

    Raises:
        ValueError: a label or prediction lies outside 0 … class_count - 1.

    >>> confusion_matrix([0, 0, 1], [0, 1, 1], 3).tolist()
    [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    """
    labels, predictions = np.asarray(labels, np.int64), np.asarray(predictions, np.int64)
    if labels.shape != predictions.shape:
        raise ValueError(f"{len(labels)} labels but {len(predictions)} predictions")
    for values in (labels, predictions):
        if values.size and not 0 <= values.min() <= values.max() < class_count:
            raise ValueError(f"a class index lies outside 0 … {class_count - 1}")
    cells = np.bincount(labels * class_count + predictions, minlength=class_count**2)
    return cells.reshape(class_count, class_count)


def accuracy(confusion) -> float:
    """Share of the samples on the diagonal; NaN without samples.

    >>> accuracy([[1, 1], [0, 2]])
    0.75
    """
    confusion = np.asarray(confusion)
    total = confusion.sum()
    return float(np.trace(confusion) / total) if total else float("nan")


def top_k_accuracy(logits, labels, k: int) -> float:
    """Share of the samples whose label is among the k highest logits; NaN without samples.

    Of equal logits the lower class index counts as the higher, as in `argmax`: constant
    logits earn nothing by being constant.

    Args:
        logits: (N, C) float, finite; probabilities serve as well.
        labels: (N,) int, 0 … C - 1.

    >>> top_k_accuracy([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]], [2, 2], k=2)
    0.5
    """
    logits, labels = np.asarray(logits), np.asarray(labels, np.int64)
    if not np.isfinite(logits).all():
        raise ValueError("logits are not finite")
    if not len(labels):
        return float("nan")
    own = logits[np.arange(len(labels)), labels][:, None]
    earlier = np.arange(logits.shape[1]) < labels[:, None]
    rank = ((logits > own) | ((logits == own) & earlier)).sum(axis=1)
    return float((rank < k).mean())


def precision_recall_f1(confusion) -> ClassScores:
    """Precision, recall and F1 of each class.

    precision = hits / predictions of the class, recall = hits / labels of the class,
    F1 = 2 hits / (predictions + labels). A class that occurs only as a label or only as a
    prediction scores 0. One that occurs as neither scores NaN and is left out of the means.

    >>> scores = precision_recall_f1([[3, 1, 0], [0, 0, 0], [0, 0, 0]])
    >>> scores.precision.tolist(), scores.recall.tolist()
    ([1.0, 0.0, nan], [0.75, 0.0, nan])
    """
    confusion = np.asarray(confusion)
    hits, predicted, support = np.diag(confusion), confusion.sum(axis=0), confusion.sum(axis=1)
    absent = predicted + support == 0

    def ratio(numerator, denominator):
        return np.where(absent, np.nan, numerator / np.maximum(denominator, 1))

    f1 = ratio(2 * hits, predicted + support)
    return ClassScores(ratio(hits, predicted), ratio(hits, support), f1, support)


def most_confused_pairs(confusion, classes, count: int = 10) -> list[tuple[str, str, int]]:
    """The most frequent errors as (label, prediction, how often), most frequent first.

    >>> most_confused_pairs([[5, 2, 0], [3, 5, 0], [0, 0, 5]], "abc")
    [('b', 'a', 3), ('a', 'b', 2)]
    """
    errors = np.array(confusion)
    np.fill_diagonal(errors, 0)
    order = np.argsort(-errors, axis=None, kind="stable")[:count]
    pairs = zip(*np.unravel_index(order, errors.shape), strict=True)
    return [(classes[i], classes[j], int(errors[i, j])) for i, j in pairs if errors[i, j]]


def merged_accuracy(confusion, classes, groups=CONFUSABLE_GROUPS) -> float:
    """Accuracy when a confusion inside one group is no error; NaN without samples.

    >>> merged_accuracy([[1, 3], [0, 4]], ["0", "O"], groups=[("0", "O")])
    1.0
    """
    group_of = {text: number for number, group in enumerate(groups) for text in group}
    numbers = [group_of.get(text, -1 - index) for index, text in enumerate(classes)]
    same = np.equal.outer(numbers, numbers)
    confusion = np.asarray(confusion)
    total = confusion.sum()
    return float(confusion[same].sum() / total) if total else float("nan")


def wilson_interval(hits: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927), which stays inside 0 … 1 for 0 or all hits.

    It covers the drawing of the samples alone, as if independent: not that several come
    from one writer, nor another seed. Without samples it is (0, 1).

    >>> [round(bound, 3) for bound in wilson_interval(90, 100)]
    [0.826, 0.945]
    """
    if not count:
        return 0.0, 1.0
    share, spread = hits / count, z * z / count
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * (share * (1 - share) / count + spread / count / 4) ** 0.5
    return float(max(centre - half, 0)), float(min(centre + half, 1))


def bootstrap_interval(values, seed: int = 0, draws: int = 1000) -> tuple[float, float]:
    """95 % percentile interval of the mean of `values` (N,), for scores that are no shares."""
    values = np.asarray(values, np.float64)
    if not len(values):
        raise ValueError("no values to draw from")
    generator = np.random.default_rng(seed)
    means = [generator.choice(values, len(values)).mean() for _ in range(draws)]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def classification_report(logits, labels, classes) -> tuple[pd.DataFrame, dict[str, float]]:
    """Scores by class and in one dict.

    Args:
        logits: (N, C) float, columns in the order of `classes`.
        labels: (N,) int.

    Returns:
        A table indexed by class with precision, recall, f1 and support; and a dict with
        accuracy, merged_accuracy, top_3_accuracy and the macro_ and weighted_ means.
    """
    logits = np.asarray(logits)
    top_3 = top_k_accuracy(logits, labels, 3)
    confusion = confusion_matrix(labels, logits.argmax(axis=1), len(classes))
    scores = precision_recall_f1(confusion)
    table = pd.DataFrame(scores._asdict(), index=pd.Index(classes, name="class"))
    summary = {
        "accuracy": accuracy(confusion),
        "merged_accuracy": merged_accuracy(confusion, classes),
        "top_3_accuracy": top_3,
        **{f"macro_{name}": value for name, value in scores.macro().items()},
        **{f"weighted_{name}": value for name, value in scores.weighted().items()},
    }
    return table, summary
