"""Correcting a classifier for another mix of classes than it was trained on."""

import numpy as np
import pytest
from keras import ops

from handwriting.batches import to_input
from handwriting.datasets.base import CharacterData, Split, empty_split
from handwriting.models import HEAD, build_model
from handwriting.priors import EMNIST_DIGIT_SHARE, correct_prior, expected_mix


@pytest.fixture
def lopsided():
    """Nine images of class a for one of class b, and validation in the same mix."""
    rng = np.random.default_rng(0)

    def split(count: int) -> Split:
        labels = (np.arange(count) % 10 == 0).astype(np.int64)
        return Split(rng.integers(0, 256, (count, 28, 28)).astype(np.uint8), labels)

    return CharacterData("lopsided", ("a", "b"), split(100), split(50), empty_split())


def bias_of(model) -> np.ndarray:
    return model.get_layer(HEAD).get_weights()[1]


def test_uniform_mix_lifts_the_rare_class(lopsided):
    model = build_model("tiny", 2)
    before = bias_of(model)
    correct_prior(model, lopsided, "uniform")
    change = bias_of(model) - before
    assert change[1] - change[0] > 0, "the rare class gains"
    # For logits that are calibrated already the gain is exactly the ratio of the two sizes.
    assert (change[1] - change[0]) / np.log(9) == pytest.approx(change[1] / np.log(5), rel=1e-5)


def test_everything_but_the_bias_stays(lopsided):
    model = build_model("tiny", 2)
    images = to_input(lopsided.validation.images)
    before = ops.convert_to_numpy(model(images))
    correct_prior(model, lopsided, "uniform")
    difference = ops.convert_to_numpy(model(images)) - before
    np.testing.assert_allclose(difference, difference[:1].repeat(50, 0), atol=1e-5)


def test_data_prior_changes_nothing(lopsided):
    model = build_model("tiny", 2)
    before = bias_of(model).copy()
    correct_prior(model, lopsided, "data")
    assert np.array_equal(bias_of(model), before)


def test_emnist_mix_moves_digits_to_their_published_share():
    mix = expected_mix("emnist", ("3", "7", "a", "B"), np.array([60, 20, 15, 5]))
    assert mix.sum() == pytest.approx(1) and mix[:2].sum() == pytest.approx(EMNIST_DIGIT_SHARE)
    assert mix[0] / mix[1] == pytest.approx(3) and mix[2] / mix[3] == pytest.approx(3)


def test_unknown_mix_is_refused():
    with pytest.raises(ValueError, match="there are data, uniform, emnist"):
        expected_mix("zipf", ("a", "b"), np.array([1, 1]))
