"""Scores of layouts: by hand on made-up lines, and on real pages."""

import numpy as np
import pytest
from real_data import real_data

from handwriting.errors import UserError
from handwriting.images import load
from handwriting.layout import Block, Layout, TextLine, find_lines
from handwriting.layout.baselines import band, baseline_scores, line_distances, read_twice
from handwriting.layout.metrics import (
    Detection,
    duplicates,
    intersection_over_union,
    match,
    misplaced,
)
from handwriting.layout.scoring import score_page
from handwriting.layout.truth import TrueLine, in_useful_order, read_truth

KINDS = "handwritten", "printed"


def level(left, right, row):
    return np.array([[left, row], [right, row]], float)


def true_line(left, right, row):
    return TrueLine(band(level(left, right, row), 40), level(left, right, row))


def layout(*lines):
    """Lines given as left, right, row and kind."""
    blocks = tuple(Block((0, 0, 1, 1), kind) for kind in KINDS)
    found = [
        TextLine(band(level(*line[:3]), 40), level(*line[:3]), KINDS.index(line[3]))
        for line in lines
    ]
    return Layout(tuple(found), blocks)


def test_intersection_over_union_of_what_touches_and_what_does_not():
    one = np.array([[0, 0], [99, 0], [99, 99], [0, 99]])
    other, far = one + np.array([50, 0]), one + np.array([500, 0])
    scores = intersection_over_union([one], [one, other, far])
    assert scores == pytest.approx(np.array([[1, 1 / 3, 0]]), abs=0.01)
    assert intersection_over_union([], [one]).shape == (0, 1)


def test_matches_are_one_to_one_and_good_enough():
    scores = np.array([[0.9, 0.8, 0.1], [0.85, 0.2, 0.1], [0.0, 0.0, 0.49]])
    assert match(scores) == [(0, 0)]
    assert match(np.zeros((0, 3))) == []


def test_detection_adds_up():
    total = Detection(3, 4, 5) + Detection(1, 1, 1)
    assert (total.precision, total.recall) == (0.8, pytest.approx(4 / 6))
    assert total.f1 == pytest.approx(8 / 11)
    assert np.isnan(Detection(0, 0, 0).f1) and Detection(0, 3, 0).f1 == 0


def test_an_outline_within_a_larger_one_is_a_duplicate():
    large = band(level(0, 600, 100), 40)
    small = band(level(100, 300, 104), 40)
    below = band(level(0, 600, 140), 40)
    assert duplicates([large, small, below]) == 1
    assert duplicates([large, large]) == 1
    assert duplicates([]) == 0


def test_baselines_within_a_quarter_of_the_distance_count_in_full():
    truth = [level(0, 1000, 100), level(0, 1000, 200)]
    assert line_distances(truth).tolist() == [100, 100]
    for off, credit in ((0, 1.0), (24, 1.0), (50, 0.5), (80, 0.0)):
        found = [level(0, 1000, 100 - off)]
        precision, recall = baseline_scores(found, truth)
        assert precision == pytest.approx(credit, abs=0.02)
        assert recall == pytest.approx(credit / 2, abs=0.02)


def test_a_line_in_two_parts_costs_precision_and_not_recall():
    truth = [level(0, 1000, 100), level(0, 1000, 200)]
    halves = [level(0, 495, 100), level(500, 1000, 100), level(0, 1000, 200)]
    precision, recall = baseline_scores(halves, truth)
    assert recall == pytest.approx(1, abs=0.01) and precision == pytest.approx(2 / 3, abs=0.01)
    assert np.isnan(baseline_scores([], truth)[0]) and baseline_scores([], truth)[1] == 0
    assert np.isnan(baseline_scores(truth, [])[1])


def test_read_twice_knows_parts_and_insertions():
    truth = [band(level(0, 1000, 100), 60), band(level(400, 600, 70), 60)]
    whole, left, right = truth[0], band(level(0, 480, 100), 60), band(level(500, 1000, 100), 60)
    assert read_twice([left, right], truth) == 0
    assert read_twice([whole, left], truth) == 1
    assert read_twice([whole, left, right], truth) == 2
    assert read_twice([whole, band(level(400, 600, 72), 60)], truth) == 0
    assert read_twice([], truth) == 0


@pytest.mark.parametrize(
    ("order", "count"), [([], 0), ([2, 5, 9], 0), ([4, 0, 1, 2], 1), ([1, 0, 3, 2, 4], 2)]
)
def test_misplaced(order, count):
    assert misplaced(order) == count


def test_a_page_is_scored_with_and_without_print():
    truth = [true_line(0, 900, 100 * n) for n in range(1, 5)]
    lines = [(0, 900, 100 * n, "handwritten") for n in (2, 1, 3)]
    score = score_page(layout(*lines, (0, 900, 900, "printed")), truth)
    assert score.outlines == (3, 4, 4) and score.written == score.bands == (3, 3, 4)
    assert score.baselines == pytest.approx((1, 0.75))
    assert (score.covered, score.twice, score.misplaced) == (0, 0, 1)


def test_bands_forgive_thin_outlines_and_nothing_else():
    strips = [TrueLine(band(level(0, 900, y), 8), level(0, 900, y)) for y in (100, 200, 300)]
    lines = [(0, 900, 100, "handwritten"), (0, 900, 200, "handwritten")]
    score = score_page(layout(*lines, (0, 300, 300, "handwritten")), strips)
    assert score.written.hits == 0 and score.bands.hits == 2


def test_a_page_without_truth_and_one_without_lines():
    assert score_page(Layout(), []).outlines == (0, 0, 0)
    assert score_page(layout((0, 90, 50, "handwritten")), []).written == (0, 1, 0)
    assert score_page(Layout(), [true_line(0, 90, 50)]).bands == (0, 0, 1)


def test_useful_orders():
    page = [true_line(0, 400, 100 * n) for n in range(1, 9)]
    columns = [*page, *(true_line(500, 900, 100 * n) for n in range(1, 9))]
    added = [*page[:3], true_line(100, 200, 260), *page[3:]]
    for lines in (page, columns, added, []):
        assert in_useful_order(lines)
    assert not in_useful_order([*page[1:], page[0]])
    assert not in_useful_order([*page, true_line(700, 780, 100)])
    assert not in_useful_order([page[1], page[0], *page[2:]])


def test_truth_of_something_else_is_refused(tmp_path):
    file = tmp_path / "page.xml"
    file.write_text("<html><body/></html>")
    with pytest.raises(UserError, match=r"page.xml: neither ALTO nor PAGE"):
        read_truth(file, (10, 10))


def test_real_pages():
    folder = real_data("pages/copiste/wikitexte_0016_2.xml") / "pages"
    total, in_order = Detection(0, 0, 0), 0
    names = (
        "copiste/wikitexte_0016_2",
        "mss19/manuscrit-zola-misc_f485",
        "peraire/B.3.pologne-urss1_0026",
    )
    for name in names:
        picture = load(folder / f"{name}.jpg")
        truth = read_truth(folder / f"{name}.xml", picture.shape)
        score = score_page(find_lines(picture), truth)
        total += score.written
        in_order += score.misplaced == 0 or not in_useful_order(truth)
        assert score.covered == score.twice == 0
    assert total.f1 > 0.96 and total.truth > 60
    assert in_order == len(names)
