"""Confidence means what it says: known cases, and a known temperature found again."""

import doctest

import numpy as np
import pytest
from sklearn.metrics import log_loss

from handwriting import calibration


@pytest.fixture
def calibrated():
    """Logits whose softmax is the true distribution of their labels."""
    generator = np.random.default_rng(0)
    logits = generator.normal(scale=2, size=(20_000, 5))
    draws = generator.gumbel(size=logits.shape)
    return logits, (logits + draws).argmax(axis=1)


def test_doctests():
    failed, attempted = doctest.testmod(calibration)
    assert failed == 0 and attempted


def test_bins_are_closed_above_and_hold_every_sample():
    confidence = np.array([0.5, 0.6, 0.75, 1.0])
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    bins = calibration.reliability_bins(probabilities, [0, 0, 1, 0], bins=4)
    assert bins.count.tolist() == [0, 1, 2, 1]
    assert bins.accuracy[1:].tolist() == [1, 0.5, 1]
    assert np.isnan(bins.confidence[0])


def test_expected_calibration_error_of_an_overconfident_model():
    probabilities = np.tile([1.0, 0.0], (10, 1))
    labels = [0] * 6 + [1] * 4
    assert calibration.expected_calibration_error(probabilities, labels) == pytest.approx(0.4)


def test_expected_calibration_error_of_the_truth_is_near_zero(calibrated):
    logits, labels = calibrated
    error = calibration.expected_calibration_error(calibration.softmax(logits), labels)
    assert error < 0.01


def test_negative_log_likelihood_agrees_with_scikit_learn(calibrated):
    logits, labels = calibrated
    expected = log_loss(labels, calibration.softmax(logits))
    assert calibration.negative_log_likelihood(logits, labels) == pytest.approx(expected)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_fit_finds_the_temperature_that_was_put_in(calibrated, temperature):
    logits, labels = calibrated
    fitted = calibration.fit_temperature(logits * temperature, labels)
    assert fitted == pytest.approx(temperature, rel=0.03)


def test_scaling_lowers_the_error_and_keeps_the_ranking(calibrated):
    logits, labels = calibrated[0] * 4, calibrated[1]
    temperature = calibration.fit_temperature(logits, labels)
    before, after = calibration.softmax(logits), calibration.apply_temperature(logits, temperature)
    assert calibration.expected_calibration_error(after, labels) < 0.01
    assert calibration.expected_calibration_error(before, labels) > 0.1
    np.testing.assert_array_equal(before.argmax(axis=1), after.argmax(axis=1))


@pytest.mark.parametrize(
    "logits, labels",
    [
        ([[9.0, 0.0], [0.0, 9.0]], [0, 1]),  # all right: no evidence of overconfidence
        ([[3.0], [5.0]], [0, 0]),  # one class
        ([[2.0, 2.0], [2.0, 2.0]], [0, 1]),  # nothing depends on T
    ],
)
def test_fit_without_evidence_is_one(logits, labels):
    assert calibration.fit_temperature(logits, labels) == 1


def test_fit_stays_within_its_bounds():
    always_wrong = np.array([[50.0, 0.0], [0.0, 50.0]])
    fitted = calibration.fit_temperature(always_wrong, [1, 0])
    assert fitted == pytest.approx(calibration.TEMPERATURE_BOUNDS[1], rel=1e-3)


def test_fit_refuses_what_it_cannot_fit():
    with pytest.raises(ValueError, match="no samples"):
        calibration.fit_temperature(np.zeros((0, 3)), [])
    with pytest.raises(ValueError, match="finite"):
        calibration.fit_temperature([[np.nan, 0.0]], [1])


@pytest.mark.parametrize("temperature", [0, -1, np.nan])
def test_temperature_must_be_positive(temperature):
    with pytest.raises(ValueError, match="positive"):
        calibration.apply_temperature([[0.0, 1.0]], temperature)
