"""Batches and variation of lines."""

from dataclasses import replace

import numpy as np
import pytest
from lines_toy import CHARSET, draw_text, make_data

from handwriting.lines.augment import (
    NO_AUGMENTATION,
    LineAugmentation,
    augment_line,
    shrink,
    to_ink,
)
from handwriting.lines.batches import (
    make_batch,
    plan_batches,
    required_frames,
    scaled_width,
    training_batches,
    usable_lines,
    varied_widths,
)
from handwriting.lines.data import Line
from handwriting.lines.geometry import frame_count, padded_width


def test_every_line_is_in_one_batch_and_no_batch_is_too_wide():
    widths = np.random.default_rng(1).integers(20, 900, 5000)
    plan = plan_batches(widths, 6000, np.random.default_rng(0))
    assert sorted(np.concatenate(plan)) == list(range(5000))
    assert all(len(rows) * widths[rows].max() <= 6000 for rows in plan)
    padding = sum(len(rows) * widths[rows].max() for rows in plan) / widths.sum()
    assert padding < 1.1


def test_a_line_wider_than_the_budget_comes_alone():
    plan = plan_batches(np.array([10, 10_000, 10]), 100, None)
    assert [len(rows) for rows in plan] == [2, 1]


def test_an_epoch_is_the_same_whenever_it_is_asked_for_and_differs_from_the_next():
    lines = make_data(40, 1).train.lines

    def epoch(number):
        count, batches = training_batches(lines, 40, CHARSET, 1500, LineAugmentation(), 7, number)
        batches = list(batches)
        assert count == len(batches)
        return batches

    first, again, other = epoch(1), epoch(1), epoch(2)
    assert all(np.array_equal(a.images, b.images) for a, b in zip(first, again, strict=True))
    assert any(a.images.shape != b.images.shape for a, b in zip(first, other, strict=False))


def test_labels_and_frames_are_true_lengths():
    rng = np.random.default_rng(0)
    lines = [Line(draw_text(text, rng), text) for text in ("ab", "abcabc")]
    batch = make_batch(lines, 40, CHARSET, NO_AUGMENTATION, rng)
    assert list(batch.label_lengths) == [2, 6]
    assert CHARSET.decode(batch.labels[1]) == "abcabc"
    widths = [scaled_width(line, 40) for line in lines]
    assert list(batch.frame_counts) == [frame_count(w) for w in widths]
    assert batch.images.shape[2] == padded_width(max(widths))
    assert batch.images[0, :, widths[0] :].max() == 0  # paper behind the shorter line


def test_lines_that_ctc_cannot_align_are_left_out():
    rng = np.random.default_rng(0)
    narrow = Line(np.full((64, 24), 235, np.uint8), "aaaa")
    unknown, empty = Line(draw_text("a", rng), "é"), Line(draw_text("a", rng), "")
    good = Line(draw_text("aa", rng), "aa")
    assert required_frames("aab") == 4
    assert usable_lines([narrow, unknown, empty, good], 40, CHARSET) == [good]


def test_a_line_is_never_squeezed_below_what_its_text_needs():
    tight = Line(np.full((64, 64), 235, np.uint8), "ababababab")
    lines = usable_lines([tight] * 40, 40, CHARSET)
    widths = varied_widths(lines, 40, 0.5, np.random.default_rng(0))
    assert widths.min() >= 4 * required_frames(tight.text) and widths.max() > 45


def test_an_epoch_has_few_shapes():
    rng = np.random.default_rng(0)
    plan = plan_batches(rng.integers(20, 900, 20_000), 12_000, rng)
    sizes = [len(rows) for rows in plan]
    assert len(set(sizes)) < 40 < len(plan) / 4


def test_without_strength_nothing_varies():
    image = draw_text("abc", np.random.default_rng(0))
    rng = np.random.default_rng(0)
    assert np.array_equal(
        augment_line(image, 40, shrink(image, 40).shape[1], NO_AUGMENTATION, rng),
        shrink(to_ink(image), 40),
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_varied_line_stays_a_line(seed):
    image = draw_text("abcabc", np.random.default_rng(0))
    plain = shrink(to_ink(image), 40)
    ink = augment_line(image, 40, 150, LineAugmentation(), np.random.default_rng(seed))
    assert ink.dtype == np.uint8 and ink.shape == (40, 150)
    assert 0.4 < (ink > 60).mean() / (plain > 60).mean() < 1.8


def test_what_shows_through_is_faint_and_takes_no_ink_away():
    image, rng = draw_text("abcabc", np.random.default_rng(0)), np.random.default_rng(3)
    through = replace(NO_AUGMENTATION, show_through=1.0)
    plain = replace(NO_AUGMENTATION, shear=1e-9)  # warped as well, by nothing
    before = augment_line(image, 40, 150, plain, np.random.default_rng(3)).astype(int)
    after = augment_line(image, 40, 150, through, rng).astype(int)
    added = after - before
    assert added.min() >= -1 and (added > 15).sum() > 0.3 * (before > 60).sum()
    assert added.max() < 0.5 * before.max()


def test_paper_is_no_ink():
    assert to_ink(np.array([[0, 235, 255]], np.uint8)).tolist() == [[255, 0, 0]]
