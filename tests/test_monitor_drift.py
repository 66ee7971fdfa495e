"""Drift is found where there is some, and rarely where there is none."""

import numpy as np
import pytest

from handwriting.monitor.drift import (
    CHI2_99,
    EDGES,
    measure_drift,
    population_stability_index,
    psi_by_chance,
)
from handwriting.monitor.verdict import Limits, judge

LIMITS = Limits()


def test_psi_is_the_sum_that_the_books_give():
    before, now = np.array([0.1] * 40 + [0.9] * 60), np.array([0.1] * 20 + [0.9] * 80)
    shares = [np.array([40.5, 60.5]) / 101, np.array([20.5, 80.5]) / 101]
    expected = sum((q - p) * np.log(q / p) for p, q in zip(*shares, strict=True))
    assert population_stability_index(before, now, (0, 0.5, 1)) == pytest.approx(expected)
    assert np.isfinite(population_stability_index([0.05] * 9, [1.0] * 9)), "empty bins"


def test_psi_of_unchanged_data_is_below_its_bound_99_times_in_100():
    random = np.random.default_rng(0)
    for size in (100, 400):
        pairs = random.beta(9, 2, (300, 2, size))
        above = [population_stability_index(*pair) > psi_by_chance(size, size) for pair in pairs]
        assert sum(above) <= 9


def test_the_bound_of_psi_is_the_quantile_that_scipy_gives():
    from scipy.stats import chi2

    assert chi2.ppf(0.99, len(EDGES) - 2) == pytest.approx(CHI2_99, abs=1e-3)


def alarms(sizes, runs, now=(9, 2)) -> float:
    """Share of runs in which confidences from Beta(9, 2) and then Beta(*now) raise an alarm."""
    random = np.random.default_rng(1)
    drifts = (
        measure_drift(random.beta(9, 2, sizes[0]), random.beta(*now, sizes[1])) for _ in range(runs)
    )
    return np.mean([judge(drift, None, 0, LIMITS).due for drift in drifts])


@pytest.mark.parametrize("sizes", [(100, 100), (500, 100), (500, 500)])
def test_no_drift_rarely_raises_an_alarm(sizes):
    # 2 % is what `Limits` promises; 3.5 % of 200 is three standard deviations above 1.2 %.
    assert alarms(sizes, 200) <= 0.035


@pytest.mark.parametrize("now, least", [((4, 3), 1.0), ((20, 2), 0.9), ((7, 3), 0.9)])
def test_drift_raises_an_alarm(now, least):
    assert alarms((300, 300), 40, now) >= least


def test_a_change_too_small_to_matter_raises_none_however_many_readings():
    random = np.random.default_rng(2)
    drift = measure_drift(random.beta(9, 2, 20_000), random.beta(9, 2.3, 20_000))
    assert drift.ks_p < 0.01 and not judge(drift, None, 0, LIMITS).due
