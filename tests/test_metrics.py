"""Hand-checked cases, and agreement with scikit-learn on random ones."""

import doctest

import numpy as np
import pytest
from sklearn import metrics as reference

from handwriting import metrics


@pytest.fixture
def scored():
    """400 samples of 6 classes, of which class 5 never occurs as a label."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 5, 400)
    logits = generator.normal(size=(400, 6)) + 2 * np.eye(6)[labels]
    return logits, labels


def test_doctests():
    failed, attempted = doctest.testmod(metrics)
    assert failed == 0 and attempted


def test_confusion_matrix_has_labels_in_rows(scored):
    logits, labels = scored
    predictions = logits.argmax(axis=1)
    expected = reference.confusion_matrix(labels, predictions, labels=range(6))
    np.testing.assert_array_equal(metrics.confusion_matrix(labels, predictions, 6), expected)


@pytest.mark.parametrize("wrong", [[-1], [2]])
def test_confusion_matrix_refuses_unknown_classes(wrong):
    with pytest.raises(ValueError, match="outside 0 … 1"):
        metrics.confusion_matrix([0], wrong, 2)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_top_k_accuracy_agrees_with_scikit_learn(scored, k):
    logits, labels = scored
    assert metrics.top_k_accuracy(logits, labels, k) == pytest.approx(
        reference.top_k_accuracy_score(labels, logits, k=k, labels=range(6))
    )


def test_top_k_accuracy_of_constant_logits_is_chance():
    assert metrics.top_k_accuracy(np.zeros((10, 10)), np.arange(10), 3) == 0.3


def test_top_k_accuracy_refuses_broken_logits():
    with pytest.raises(ValueError, match="finite"):
        metrics.top_k_accuracy([[np.nan, np.nan]], [1], 1)


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_means_agree_with_scikit_learn(scored, average):
    logits, labels = scored
    predictions = logits.argmax(axis=1)
    ours = metrics.precision_recall_f1(metrics.confusion_matrix(labels, predictions, 6))
    theirs = reference.precision_recall_fscore_support(
        labels, predictions, average=average, zero_division=0
    )
    assert list(getattr(ours, average)().values()) == pytest.approx(theirs[:3])


def test_a_class_that_never_occurs_does_not_change_the_macro_mean():
    small = metrics.precision_recall_f1([[3, 1], [0, 4]])
    large = metrics.precision_recall_f1([[3, 1, 0], [0, 4, 0], [0, 0, 0]])
    assert np.isnan(large.f1[2])
    assert large.macro() == small.macro()


def test_scores_without_samples_are_nan():
    empty = np.zeros((3, 3), int)
    assert np.isnan(metrics.accuracy(empty))
    assert np.isnan(metrics.merged_accuracy(empty, "abc"))
    assert np.isnan(metrics.top_k_accuracy(np.zeros((0, 3)), [], 1))
    assert np.isnan(metrics.precision_recall_f1(empty).macro()["f1"])


def test_most_confused_pairs_leaves_out_hits_and_zeros():
    confusion = [[9, 4, 0], [0, 9, 0], [1, 0, 9]]
    assert metrics.most_confused_pairs(confusion, "abc", 5) == [("a", "b", 4), ("c", "a", 1)]


def test_merged_accuracy_forgives_only_inside_a_group():
    classes = ["0", "O", "A", "B"]
    assert metrics.merged_accuracy(metrics.confusion_matrix([0, 1], [1, 0], 4), classes) == 1
    assert metrics.merged_accuracy(metrics.confusion_matrix([2, 0], [3, 2], 4), classes) == 0


def test_confusable_groups_are_disjoint():
    members = [text for group in metrics.CONFUSABLE_GROUPS for text in group]
    assert len(members) == len(set(members))


def test_wilson_interval_at_the_ends():
    low, high = metrics.wilson_interval(20, 20)
    assert 0.83 < low < 0.85 and high == pytest.approx(1)
    assert metrics.wilson_interval(0, 20) == pytest.approx((1 - high, 1 - low))


def test_bootstrap_interval_is_repeatable_and_agrees_with_wilson():
    values = np.arange(500) < 450
    interval = metrics.bootstrap_interval(values, seed=3)
    assert interval == metrics.bootstrap_interval(values, seed=3)
    assert interval == pytest.approx(metrics.wilson_interval(450, 500), abs=0.01)


def test_classification_report_agrees_with_scikit_learn(scored):
    logits, labels = scored
    table, summary = metrics.classification_report(logits, labels, list("abcdef"))
    theirs = reference.classification_report(
        labels, logits.argmax(axis=1), labels=range(6), output_dict=True, zero_division=0
    )
    for number, text in enumerate("abcdef"):
        assert table.loc[text, "f1"] == pytest.approx(theirs[str(number)]["f1-score"])
        assert table.loc[text, "support"] == theirs[str(number)]["support"]
    assert summary["accuracy"] == pytest.approx((logits.argmax(axis=1) == labels).mean())
