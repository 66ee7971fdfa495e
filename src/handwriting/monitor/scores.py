"""Error, calibration and their intervals on corrected readings."""

from dataclasses import dataclass

import numpy as np

from handwriting.lines.metrics import bootstrap_interval, error_rate
from handwriting.monitor.readings import Readings

BINS = 10  # of confidences, equally wide
# Fewer pages show no spread between pages: readings are drawn instead.
LEAST_PAGES = 5
NAN = float("nan")


@dataclass(frozen=True)
class Score:
    """The error on corrected readings: CER of lines, share of wrong characters.

    Attributes:
        n: corrected readings.
        error, low, high: with a 95 % bootstrap interval over pages; NaN where unknown.
        error_if_rest_right: over all readings, as if those without a correction were right:
            the truth lies between the two, unless errors were overlooked.
    """

    n: int
    error: float
    low: float
    high: float
    error_if_rest_right: float


@dataclass(frozen=True)
class Calibration:
    """How far confidences are from the share that was right, on corrected readings.

    Attributes:
        unit: `characters`, `lines` or `words`.
        n: how many of them.
        confidence, right: mean confidence and mean share right.
        error: expected calibration error: the gap in each of ten bins, weighted by its size.
    """

    unit: str
    n: int
    confidence: float
    right: float
    error: float


@dataclass(frozen=True)
class Rise:
    """The error of a current window less that of a reference window, with a 95 % interval."""

    reference_n: int
    current_n: int
    reference_error: float
    current_error: float
    rise: float
    low: float
    high: float


def score(readings: Readings, chosen=slice(None)) -> Score:
    """Of the chosen readings (a slice or mask)."""
    corrected = readings.corrected[chosen]
    edits, length = readings.edits[chosen], readings.length[chosen]
    some = edits[corrected], length[corrected], readings.cluster[chosen][corrected].tolist()
    low, high = bootstrap_interval(*some) if len(some[0]) else (NAN, NAN)
    return Score(int(corrected.sum()), error_rate(*some[:2]), low, high, error_rate(edits, length))


def calibrations(readings: Readings, chosen=slice(None)) -> list[Calibration]:
    """Of whole readings, and of words where their confidences are known.

    A line's confidence is the expected share of its characters that are right, and is held
    against just that; a word or a single character is right or wrong.
    """
    known = readings.corrected[chosen] & np.isfinite(readings.confidence[chosen])
    edits, length = readings.edits[chosen][known], readings.length[chosen][known]
    right = 1 - np.minimum(edits / np.maximum(length, 1), 1)
    found = [_calibration(f"{readings.kind}s", readings.confidence[chosen][known], right)]
    rows = np.zeros(len(readings), bool)
    rows[chosen] = True
    words = readings.words[rows[readings.words[:, 0].astype(int)]]
    found.append(_calibration("words", words[:, 1], words[:, 2]))
    return [entry for entry in found if entry.n]


def _calibration(unit: str, confidence: np.ndarray, right: np.ndarray) -> Calibration:
    if not len(confidence):
        return Calibration(unit, 0, NAN, NAN, NAN)
    means = float(confidence.mean()), float(right.mean())
    return Calibration(unit, len(confidence), *means, calibration_error(confidence, right))


def calibration_error(confidence, right, bins: int = BINS) -> float:
    """Σ over bins of (readings in bin / all) · |mean share right - mean confidence|.

    As `calibration.expected_calibration_error`, for shares as well: equal bins, closed above.

    >>> round(calibration_error([0.9, 0.9, 0.3, 0.3], [1.0, 0.5, 0.0, 0.2]), 3)
    0.175
    """
    confidence, right = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    return float(np.abs(np.bincount(place, right - confidence)).sum() / len(confidence))


def error_rise(readings: Readings, reference, current, seed: int = 0, draws: int = 1000) -> Rise:
    """How much more error a current window has than a reference window, on corrected readings.

    Both are drawn anew, page by page (see `lines.metrics.bootstrap_interval`), or reading by
    reading where there are fewer than five pages.

    Args:
        reference, current: (N,) bool.
    """
    errors, drawn, counts = [], [], []
    for number, window in enumerate((reference, current)):
        chosen = window & readings.corrected
        edits, length = readings.edits[chosen], readings.length[chosen]
        counts.append(int(chosen.sum()))
        errors.append(error_rate(edits, length))
        drawn.append(_drawn(edits, length, readings.cluster[chosen], [seed, number], draws))
    low, high = np.percentile(drawn[1] - drawn[0], (2.5, 97.5))
    return Rise(*counts, *errors, errors[1] - errors[0], float(low), float(high))


def _drawn(edits, length, cluster, seed, draws: int) -> np.ndarray:
    """(draws,) error rates of resampled clusters; NaN without readings."""
    if not len(edits):
        return np.full(draws, NAN)
    _, group = np.unique(cluster, return_inverse=True)
    if group.max() + 1 < LEAST_PAGES:
        group = np.arange(len(edits))
    count = group.max() + 1
    sums = np.stack([np.bincount(group, values, count) for values in (edits, length)], axis=1)
    times = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), draws)
    drawn_edits, drawn_length = (times @ sums).T
    return drawn_edits / np.maximum(drawn_length, 1)
