"""Test-time augmentation averages what the model says of each view."""

import numpy as np

from handwriting.augment import NONE, Augmentation
from handwriting.tta import averaged_probabilities

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)


class Listener:
    """Answers with the share of ink, and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def probabilities(self, images):
        self.asked.append(images)
        ink = images.mean(axis=(1, 2)) / 255
        return np.stack([ink, 1 - ink], axis=1)


def test_each_entry_is_the_mean_of_the_views_so_far():
    model = Listener()
    means = averaged_probabilities(model, IMAGES, Augmentation(), views=3)
    answers = np.stack([Listener().probabilities(images) for images in model.asked])
    assert means.shape == (4, 3, 2)
    np.testing.assert_array_equal(model.asked[0], IMAGES)
    for views in range(4):
        np.testing.assert_allclose(means[views], answers[: views + 1].mean(axis=0))
    assert not np.array_equal(model.asked[1], model.asked[2])


def test_views_that_do_not_differ_change_nothing():
    means = averaged_probabilities(Listener(), IMAGES, NONE, views=2)
    np.testing.assert_allclose(means[2], means[0])


def test_the_seed_decides_the_views():
    first, again, other = (
        averaged_probabilities(Listener(), IMAGES, Augmentation(), 1, seed) for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again) and not np.array_equal(first, other)
