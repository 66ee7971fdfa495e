"""Did the confidences change? Two measures, and the sizes at which they mean something."""

from dataclasses import dataclass

import numpy as np

# Fixed for every model and time, so that values compare; finer where good models are.
EDGES = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0)
CHI2_99 = 21.666  # quantile of χ² with 9 degrees of freedom, one fewer than bins
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
            distributions, 0 … 1; NaN where SciPy is not installed.
        ks_p: probability of such a gap, or a larger one, if nothing changed; NaN likewise.
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
    reference, current = np.asarray(reference, np.float64), np.asarray(current, np.float64)
    return Drift(
        len(reference),
        len(current),
        float(reference.mean()),
        float(current.mean()),
        population_stability_index(reference, current),
        psi_by_chance(len(reference), len(current)),
        *_kolmogorov_smirnov(reference, current),
    )


def _kolmogorov_smirnov(reference, current) -> tuple[float, float]:
    try:
        from scipy.stats import ks_2samp  # slow to import, and not needed for serving
    except ImportError:
        return float("nan"), float("nan")
    test = ks_2samp(reference, current)
    return float(test.statistic), float(test.pvalue)


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


def psi_by_chance(reference_n: int, current_n: int) -> float:
    """The PSI, in the bins of `EDGES`, that unchanged data stay below 99 times in 100.

    Without a change, PSI / (1/n + 1/m) follows χ² with bins - 1 degrees of freedom
    (Yurdakul, "Statistical Properties of Population Stability Index", 2018), so that in
    small windows more than 0.25 means nothing.

    >>> [round(psi_by_chance(n, n), 2) for n in (50, 173, 500)]
    [0.87, 0.25, 0.09]
    """
    return CHI2_99 * (1 / reference_n + 1 / current_n)
