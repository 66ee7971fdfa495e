"""Trials: trained once, remembered, and scored on the data they were asked about."""

from dataclasses import replace

import numpy as np
import pytest

from handwriting import trials as module
from handwriting.augment import NONE
from handwriting.datasets.base import CharacterData
from handwriting.datasets.generated import generated_digits
from handwriting.experiments import find_experiment, with_changes
from handwriting.trials import Trials


@pytest.fixture(scope="module")
def data():
    digits = generated_digits(80)
    parts = (digits.take(slice(0, 40)), digits.take(slice(40, 60)), digits.take(slice(60, 80)))
    return CharacterData("digits", tuple("0123456789"), *parts)


EXPERIMENT = replace(
    with_changes(find_experiment("mnist_cnn"), {"architecture": "tiny", "epochs": 1}),
    batch_size=20,
    augmentation=NONE,
)


def test_a_training_is_done_once(data, monkeypatch):
    calls = []
    original = module.train
    monkeypatch.setattr(module, "train", lambda *a, **k: calls.append(a) or original(*a, **k))
    trials = Trials()
    first = trials.run(EXPERIMENT, data)
    assert trials.run(EXPERIMENT, data) is first and len(calls) == 1
    other = trials.run(EXPERIMENT, replace(data, train=data.train.take(slice(0, 20))))
    assert other is not first and len(calls) == 2


def test_scores_are_those_of_the_split_asked_about(data):
    trial = Trials().run(EXPERIMENT, data)
    assert trial.logits.shape == (20, 10) and len(trial.history) == 1
    right = trial.logits.argmax(axis=1) == data.validation.labels
    assert trial.scores.accuracy == pytest.approx(right.mean())
    assert trial.scores.accuracy == pytest.approx(trial.history["validation_accuracy"].iloc[0])
    # Asked about its own validation images as a test split, it scores the same.
    swapped = replace(data, test=data.validation)
    assert trial.test(swapped).accuracy == trial.scores.accuracy
    assert np.array_equal(trial.test(data).labels, data.test.labels)
