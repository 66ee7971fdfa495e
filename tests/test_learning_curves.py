"""Subsets that lie within each other, and power laws found again."""

import numpy as np
import pytest

from handwriting.datasets.base import Split
from handwriting.learning_curves import fit_power_law, nested_subset


def split(labels):
    labels = np.array(labels)
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[:, 0, 0] = np.arange(len(labels))
    return Split(images, labels)


def numbers(part):
    return set(part.images[:, 0, 0].tolist())


def test_a_smaller_subset_lies_within_a_larger_one():
    whole = split([0] * 20 + [1] * 5 + [2] * 9)
    small, large = nested_subset(whole, 4), nested_subset(whole, 7)
    assert np.bincount(small.labels).tolist() == [4, 4, 4]
    assert np.bincount(large.labels).tolist() == [7, 5, 7]
    assert numbers(small) < numbers(large) < numbers(whole)
    assert (whole.labels[small.images[:, 0, 0]] == small.labels).all()


def test_the_seed_decides_which_images():
    whole = split([0] * 50)
    first, again, other = (numbers(nested_subset(whole, 10, seed)) for seed in (0, 0, 1))
    assert first == again != other


@pytest.mark.parametrize("floor", [0.0, 0.03])
def test_the_power_law_is_found_again(floor):
    counts = np.array([300, 1000, 3000, 10_000])
    law = fit_power_law(counts, floor + 0.9 * counts**-0.4)
    assert law.floor == pytest.approx(floor, abs=1e-6)
    assert law.exponent == pytest.approx(0.4)
    assert law.images_for(law.error(50_000)) == pytest.approx(50_000)


def test_error_below_the_floor_takes_no_number_of_images():
    counts = np.array([300, 1000, 3000])
    law = fit_power_law(counts, 0.05 + 0.9 * counts**-0.5)
    assert law.images_for(0.04) == float("inf")


def test_no_floor_below_zero():
    # Steeper and steeper, as no power law with a floor is.
    assert fit_power_law([100, 200, 400], [0.5, 0.3, 0.05]).floor == 0


@pytest.mark.parametrize("counts, errors", [([1, 2], [0.2, 0.1]), ([1, 2, 3], [0.2, 0.1, 0.0])])
def test_too_little_to_fit_is_said(counts, errors):
    with pytest.raises(ValueError, match="three positive points"):
        fit_power_law(counts, errors)
