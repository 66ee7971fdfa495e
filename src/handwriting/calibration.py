"""Does 90 % sure mean right nine times in ten? Measuring and mending it.

After Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
Temperature scaling divides all logits by one number fitted on the validation split: the
ranking, and so the accuracy, stays as it is.
"""

from typing import NamedTuple

import numpy as np

TEMPERATURE_BOUNDS = (0.05, 20.0)


class ReliabilityBins(NamedTuple):
    """What a reliability diagram shows.

    Attributes:
        edges: (bins + 1,) float, 0 … 1.
        count: (bins,) int, samples in each bin.
        confidence: (bins,) float, mean highest probability; NaN in an empty bin.
        accuracy: (bins,) float, share predicted right; NaN in an empty bin.
    """

    edges: np.ndarray
    count: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray

    def error(self) -> float:
        """Mean gap between accuracy and confidence, weighted by count; NaN without samples."""
        total = self.count.sum()
        if not total:
            return float("nan")
        gaps = np.abs(np.nan_to_num(self.accuracy - self.confidence))
        return float((self.count * gaps).sum() / total)


def softmax(logits) -> np.ndarray:
    """Probabilities along the last axis, float64; large logits do not overflow.

    >>> softmax([1000.0, 1000.0]).tolist()
    [0.5, 0.5]
    """
    return np.exp(_log_softmax(logits))


def _log_softmax(logits) -> np.ndarray:
    shifted = np.asarray(logits, np.float64)
    shifted = shifted - shifted.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def reliability_bins(probabilities, labels, bins: int = 15) -> ReliabilityBins:
    """Sort samples by their highest probability into equal bins, closed above: (m/M, (m+1)/M].

    Args:
        probabilities: (N, C) float, rows summing to 1.
        labels: (N,) int.
    """
    probabilities, labels = np.asarray(probabilities), np.asarray(labels)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    index = np.clip(np.searchsorted(edges, confidence) - 1, 0, bins - 1)
    count = np.bincount(index, minlength=bins)
    share = np.where(count, 1 / np.maximum(count, 1), np.nan)
    return ReliabilityBins(
        edges,
        count,
        np.bincount(index, confidence, minlength=bins) * share,
        np.bincount(index, right, minlength=bins) * share,
    )


def expected_calibration_error(probabilities, labels, bins: int = 15) -> float:
    """ECE = Σ over bins of (samples in bin / all samples) · |accuracy - mean confidence|.

    Equal-width bins of the highest probability, as in Guo et al. 2017. 0 is perfect.

    >>> round(expected_calibration_error([[0.8, 0.2]] * 4, [0, 0, 0, 1]), 3)
    0.05
    """
    return reliability_bins(probabilities, labels, bins).error()


def negative_log_likelihood(logits, labels) -> float:
    """Mean of -log(probability of the label), natural logarithm; NaN without samples.

    >>> round(negative_log_likelihood([[0.0, 0.0]], [1]), 4)
    0.6931
    """
    labels = np.asarray(labels, np.int64)
    if not len(labels):
        return float("nan")
    return float(-_log_softmax(logits)[np.arange(len(labels)), labels].mean())


def apply_temperature(logits, temperature: float = 1.0) -> np.ndarray:
    """Probabilities softmax(logits / temperature), (N, C) float64.

    Raises:
        ValueError: the temperature is not a positive number.
    """
    if not (np.isfinite(temperature) and temperature > 0):
        raise ValueError(f"a temperature is a positive number, not {temperature}")
    return softmax(np.asarray(logits, np.float64) / temperature)


def fit_temperature(logits, labels) -> float:
    """The temperature with the lowest negative log-likelihood, by golden section on log T.

    The likelihood has a single optimum in T. Two cases hold no evidence and give 1: every
    sample right (the fit would run to T = 0, boundless confidence) and a likelihood that
    does not depend on T (one class, or constant logits). Otherwise the answer is held
    within `TEMPERATURE_BOUNDS`.

    Args:
        logits: (N, C) float, finite, of samples the model was not trained on.
        labels: (N,) int.

    Raises:
        ValueError: no samples, or logits that are not finite.
    """
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels, np.int64)
    if not len(labels):
        raise ValueError("no samples to fit a temperature on")
    if not np.isfinite(logits).all():
        raise ValueError("logits are not finite")
    if (logits.argmax(axis=1) == labels).all():
        return 1.0

    def loss(log_temperature: float) -> float:
        return negative_log_likelihood(logits / np.exp(log_temperature), labels)

    fitted = _golden_section(loss, *np.log(TEMPERATURE_BOUNDS))
    return float(np.exp(fitted)) if loss(fitted) < loss(0.0) - 1e-12 else 1.0


def _golden_section(function, low: float, high: float, tolerance: float = 1e-5) -> float:
    """Where a function with one minimum in low … high has it (Kiefer 1953)."""
    ratio = (5**0.5 - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = function(left), function(right)
    while high - low > tolerance:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = function(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = function(right)
    return (low + high) / 2
