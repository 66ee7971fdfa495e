"""Augmentation: the same generator gives the same pictures, and every knob does its own work."""

from dataclasses import fields

import numpy as np
import pytest

from handwriting.augment import NONE, Augmentation, augment_batch
from handwriting.experiments import EXPERIMENTS


@pytest.fixture
def glyphs():
    images = np.zeros((16, 28, 28), np.uint8)
    images[:, 8:20, 12:15] = 255
    images[:, 8:11, 9:18] = 255
    return images


def test_the_generator_alone_decides(glyphs):
    first, again, other = (
        augment_batch(glyphs, Augmentation(cutout=0.5), np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_none_changes_nothing_and_copies(glyphs):
    same = augment_batch(glyphs, NONE, np.random.default_rng(0))
    assert np.array_equal(same, glyphs) and same is not glyphs


@pytest.mark.parametrize("name", [f.name for f in fields(Augmentation) if f.name != "cutout_size"])
def test_each_strength_works_alone(glyphs, name):
    strength = getattr(Augmentation(), name) or 1.0
    alone = Augmentation(**{f.name: 0 for f in fields(Augmentation)} | {"cutout_size": 10})
    alone = Augmentation(**{**vars(alone), name: strength})
    changed = augment_batch(glyphs, alone, np.random.default_rng(0))
    assert changed.shape == glyphs.shape and changed.dtype == np.uint8
    assert not np.array_equal(changed, glyphs)


def test_ink_stays_in_the_picture(glyphs):
    varied = augment_batch(glyphs, Augmentation(thickness=0), np.random.default_rng(0))
    share = varied.sum(axis=(1, 2)) / glyphs.sum(axis=(1, 2))
    assert share.min() > 0.6 and share.max() < 1.5


def test_thickness_makes_strokes_thicker_and_thinner(glyphs):
    only = Augmentation(0, 0, 0, 0, 0, thickness=1.0)
    share = augment_batch(glyphs, only, np.random.default_rng(0)).sum((1, 2)) / glyphs[0].sum()
    assert share.min() < 0.9 and share.max() > 1.1


def test_strength_scales_everything():
    assert Augmentation().scaled(0) == NONE
    assert Augmentation().scaled(2).rotation == 2 * Augmentation().rotation
    assert Augmentation(thickness=0.8).scaled(2).thickness == 1.0


def test_experiments_name_themselves():
    assert all(name == experiment.name for name, experiment in EXPERIMENTS.items())
