"""Two views of a line in one batch, and the loss that asks for the same reading of both."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from lines_toy import CHARSET, make_data

from handwriting.lines.augment import NO_AUGMENTATION, LineAugmentation, line_views
from handwriting.lines.batches import make_batch, plan_batches, training_batches
from handwriting.lines.ctc import view_differences
from handwriting.lines.data import Line, LineSplit
from handwriting.lines.experiments import LineExperiment
from handwriting.lines.network import CTCModel
from handwriting.lines.training import train_lines


def make_lines(count: int = 6) -> list[Line]:
    return list(make_data(count, 1).train.lines)


def test_views_are_in_the_same_place_and_look_different():
    image = make_lines(1)[0].image
    strength = replace(LineAugmentation(shear=0.3, elastic=0.03), masking=0.0, thickness=0.0)
    one, two = line_views(image, 40, 130, strength, np.random.default_rng(1), 2)
    assert not np.array_equal(one, two)
    # Strokes fall in the same columns: dark columns of the one are dark in the other.
    assert np.corrcoef(one.mean(0), two.mean(0))[0, 1] > 0.98
    alone = line_views(image, 40, 130, strength, np.random.default_rng(1))
    assert np.array_equal(alone[0], one)


def test_masked_spans_are_of_one_view_alone():
    image = make_lines(1)[0].image
    strength = replace(NO_AUGMENTATION, masking=0.3)
    views = line_views(image, 40, 130, strength, np.random.default_rng(5), 2)
    bare = line_views(image, 40, 130, replace(NO_AUGMENTATION, blur=1e-9), np.random.default_rng(5))
    gone = [(view.max(0) == 0) & (bare[0].max(0) > 0) for view in views]
    assert gone[0].any() or gone[1].any()
    assert not np.array_equal(gone[0], gone[1])


def test_batch_has_all_lines_once_and_all_again():
    lines = make_lines(4)
    batch = make_batch(
        lines, 40, CHARSET, LineAugmentation(), np.random.default_rng(0), None, views=2
    )
    assert len(batch) == 8
    for values in (batch.labels, batch.label_lengths, batch.frame_counts):
        assert np.array_equal(values[:4], values[4:])
    assert batch.images.shape[0] == 8
    assert not np.array_equal(batch.images[:4], batch.images[4:])


def test_batches_of_two_views_are_as_large_as_those_of_one():
    widths = np.full(64, 200)
    single = plan_batches(widths, 2400, None)
    double = plan_batches(widths, 2400, None, views=2)
    assert max(len(rows) for rows in single) == 2 * max(len(rows) for rows in double)
    assert sorted(np.concatenate(double)) == list(range(64))
    count, batches = training_batches(
        make_lines(8), 40, CHARSET, 1200, LineAugmentation(), 3, 0, views=2
    )
    sizes = [len(batch) for batch in batches]
    assert len(sizes) == count and sum(sizes) == 16 and not any(size % 2 for size in sizes)


def test_a_line_too_wide_for_a_batch_comes_twice_all_the_same():
    plan = plan_batches(np.array([9000, 9000]), 100, None, views=2)
    assert [len(rows) for rows in plan] == [1, 1]


def test_difference_is_the_divergence_from_the_other_view_over_counted_frames():
    rng = np.random.default_rng(2)
    logits = rng.normal(size=(4, 5, 3)).astype(np.float32)
    counts = np.array([5, 3, 5, 3], np.int32)
    found = keras.ops.convert_to_numpy(view_differences(logits, counts))
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    for row, other in ((0, 2), (1, 3), (2, 0), (3, 1)):
        frames = (p[other] * np.log(p[other] / p[row])).sum(-1)
        assert found[row] == pytest.approx(frames[: counts[row]].sum(), rel=1e-4)


def test_equal_views_do_not_differ():
    logits = np.random.default_rng(0).normal(size=(3, 4, 6)).astype(np.float32)
    found = view_differences(np.concatenate([logits, logits]), np.full(6, 4, np.int32))
    assert keras.ops.convert_to_numpy(found) == pytest.approx(np.zeros(6), abs=1e-5)


def test_loss_adds_the_differences_of_both_heads():
    rng = np.random.default_rng(4)
    heads = [rng.normal(size=(4, 6, 5)).astype(np.float32) for _ in range(2)]
    labels = np.array([[2, 6, 0, 1], [1, 5, 2, 0]] * 2, np.int32)
    inputs = keras.Input((2,))
    model = CTCModel(inputs, [inputs, inputs])
    model.auxiliary_weight = 0.3
    plain = float(model.compute_loss(y=labels, y_pred=heads))
    model.consistency = 0.2
    both = float(model.compute_loss(y=labels, y_pred=heads))
    counts = labels[:, 1]
    extra = [float(keras.ops.mean(view_differences(head, counts))) for head in heads]
    assert both - plain == pytest.approx(0.2 * (extra[0] + 0.3 * extra[1]), rel=1e-4)


def test_training_with_consistency_learns_and_reports_each_line_once():
    lines = LineSplit(tuple(make_lines(12)))
    experiment = LineExperiment(
        "toy",
        architecture="tiny",
        epochs=3,
        cooldown_epochs=1,
        batch_columns=1200,
        consistency=0.2,
    )
    result = train_lines(experiment, lines, lines, charset=CHARSET, quiet=True)
    assert [row["lines"] for row in result.history] == [12] * 3
    assert result.history[-1]["loss"] < result.history[0]["loss"]
