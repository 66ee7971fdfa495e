"""Did the confidences change? Two measures, and the sizes at which they mean something."""

from dataclasses import dataclass

import numpy as np

from handwriting.errors import UserError

# Fixed for every model and time, so that values compare; finer where good models are.
EDGES = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0)
_SMOOTHING = 0.5  # readings added to each bin, so that an empty one has a logarithm


@dataclass(frozen=True)
class Drift:
    """The confidences of a current window against those of a reference window.

    Attributes:
        reference_n, current_n: readings in each.
        reference_mean, current_mean: of their confidences.
        psi: population stability index; 0 for equal distributions.
        psi_chance: what it stays below 99 times in 100 if nothing changed.
        ks_distance: of Kolmogorov and Smirnov, the largest gap between the two cumulative
            distributions, 0 … 1.
        ks_p: probability of such a gap, or a larger one, if nothing changed.
    """

    reference_n: int
    current_n: int
    reference_mean: float
    current_mean: float
    psi: float
    psi_chance: float
    ks_distance: float
    ks_p: float


def measure_drift(reference, current) -> Drift:
    """Compare two windows of confidences, each (N,) float 0 … 1 with N at least 1."""
    stats = scipy_stats()
    reference, current = np.asarray(reference, np.float64), np.asarray(current, np.float64)
    test = stats.ks_2samp(reference, current)
    return Drift(
        len(reference),
        len(current),
        float(reference.mean()),
        float(current.mean()),
        population_stability_index(reference, current),
        psi_by_chance(len(reference), len(current)),
        float(test.statistic),
        float(test.pvalue),
    )


def population_stability_index(reference, current, edges=EDGES) -> float:
    """PSI = Σ over bins of (current share - reference share) · ln(current / reference share).

    Half a reading is added to every bin. By custom (Siddiqi, "Credit Risk Scorecards", 2006)
    less than 0.1 is no change, and more than 0.25 a large one.

    >>> population_stability_index([0.1, 0.9], [0.1, 0.9])
    0.0
    >>> round(population_stability_index([0.25] * 3, [0.75] * 3, edges=(0, 0.5, 1)), 3)
    2.919
    """
    shares = []
    for values in (reference, current):
        counts = np.histogram(values, edges)[0] + _SMOOTHING
        shares.append(counts / counts.sum())
    before, now = shares
    return float(((now - before) * np.log(now / before)).sum())


def psi_by_chance(reference_n: int, current_n: int, bins: int = len(EDGES) - 1) -> float:
    """The PSI that unchanged data stay below 99 times in 100.

    Without a change, PSI / (1/n + 1/m) follows χ² with bins - 1 degrees of freedom
    (Yurdakul, "Statistical Properties of Population Stability Index", 2018), so that in
    small windows more than 0.25 means nothing.

    >>> [round(psi_by_chance(n, n), 2) for n in (50, 173, 500)]
    [0.87, 0.25, 0.09]
    """
    quantile = scipy_stats().chi2.ppf(0.99, bins - 1)
    return float(quantile * (1 / reference_n + 1 / current_n))


def scipy_stats():
    """The module, imported when it is first needed.

    Raises:
        UserError: SciPy is not installed.
    """
    try:
        from scipy import stats
    except ImportError:
        raise UserError("drift is measured with the package scipy; install it") from None
    return stats
