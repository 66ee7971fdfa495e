"""The document model, and lines placed on it frame by frame."""

import math
from datetime import datetime

import numpy as np
import pytest
from documents import CREATED, NAN, make_block, make_document, make_line, make_page

from handwriting.document import (
    Document,
    Line,
    Page,
    Word,
    baseline_of,
    mean_confidence,
    words_of,
)
from handwriting.line_places import along, evenly, place_line
from handwriting.lines.decoding.result import Character, Decoded
from handwriting.lines.decoding.result import Word as DecodedWord

FRAMES = 10


@pytest.fixture
def decoded():
    """`ab c` in ten frames: a 1-3, b 3-4, space 4-6, c 6-9."""
    characters = (
        Character("a", 0.9, 1, 3),
        Character("b", 0.8, 3, 4),
        Character(" ", 0.9, 4, 6),
        Character("c", 0.7, 6, 9),
    )
    words = (DecodedWord("ab", 0.75, 1, 4, (("al", 0.2),)), DecodedWord("c", 0.7, 6, 9))
    return Decoded("ab c", 0.8, characters, words)


def test_texts_join_lines_and_blocks():
    page = make_page(
        make_block(make_line("one"), Line(" ", (0, 0, 1, 1)), make_line("two")),
        make_block(Line("", (0, 0, 1, 1))),
        make_block(make_line("three")),
    )
    assert page.text == "one\ntwo\n\nthree"
    assert [line.text for line in page.lines] == ["one", " ", "two", "", "three"]


def test_a_document_needs_a_page_and_a_time_zone():
    with pytest.raises(ValueError, match="page"):
        Document((), CREATED)
    with pytest.raises(ValueError, match="zone"):
        Document((Page(1, 1),), datetime(2024, 1, 1))


def test_a_document_is_named_after_its_title_or_file():
    assert make_document().name == "ebb"
    assert make_document(title="Low tide").name == "Low tide"
    assert make_document(Page(1, 1)).name == "page"


def test_mean_confidence_weighs_lines_by_length_and_skips_unknown_ones():
    box = (0, 0, 1, 1)
    lines = [Line("abc", box, 1.0), Line("d", box, 0.0), Line("long one", box, NAN)]
    assert mean_confidence([*lines, Line("e", box)]) == pytest.approx(0.75)
    assert mean_confidence([Line("", box, 0.4)]) is None


def test_a_line_without_words_is_split_evenly_over_its_box():
    line = Line("to  to be", (100, 0, 190, 30), 0.6)
    assert [(w.text, w.box, w.confidence) for w in words_of(line)] == [
        ("to", (100, 0, 120, 30), 0.6),
        ("to", (140, 0, 160, 30), 0.6),
        ("be", (170, 0, 190, 30), 0.6),
    ]


def test_blank_words_are_no_words():
    line = Line("a", (0, 0, 9, 9), words=(Word("", (0, 0, 1, 1)), Word("a", (1, 0, 9, 9))))
    assert [word.text for word in words_of(line)] == ["a"]


def test_a_baseline_that_is_not_known_is_level_within_the_box():
    (x0, y0), (x1, y1) = baseline_of(Line("a", (10, 100, 50, 140)))
    assert (x0, x1) == (10, 50)
    assert y0 == y1 and 120 < y0 < 140


def test_frames_split_a_box_evenly(decoded):
    line = place_line(decoded, evenly((100, 50, 200, 90), FRAMES), FRAMES)
    assert line.box == (100, 50, 200, 90)
    assert [word.box for word in line.words] == [(110, 50, 140, 90), (160, 50, 190, 90)]
    assert [c.box[::2] for c in line.words[0].characters] == [(110, 130), (130, 140)]
    assert line.words[0].alternatives == (("al", 0.2),)
    assert line.baseline[0] == (100, 80) and line.baseline[-1] == (200, 80)


@pytest.mark.parametrize("degrees", [0, 5, -20, 90])
def test_words_follow_the_baseline_they_were_cut_along(decoded, degrees):
    way = np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])
    up = np.array([way[1], -way[0]])
    points = np.array([300.0, 300.0]) + np.arange(FRAMES + 1)[:, None] * 8 * way
    line = place_line(decoded, along(points, above=12, below=4), FRAMES)
    word = line.words[1]
    np.testing.assert_allclose(word.baseline, [points[6], points[9]])
    corners = [points[i] + up * rise for i in (6, 9) for rise in (12, -4)]
    expected = (*np.min(corners, axis=0), *np.max(corners, axis=0))
    np.testing.assert_allclose(word.box, expected, atol=1e-9)
    np.testing.assert_allclose(line.polygon[0], points[0] + up * 12)


def test_any_callable_places_frames(decoded):
    def bend(edges):
        points = np.stack([edges * 10, 50 + np.sin(edges / 3) * 5], axis=1)
        return points, np.full(len(edges), 9.0), np.full(len(edges), 3.0)

    (first, _) = place_line(decoded, bend, FRAMES).words
    assert first.baseline[0] == pytest.approx((10, 50 + 5 * math.sin(1 / 3)))
    assert first.box[0] == pytest.approx(10, abs=2) and first.box[2] == pytest.approx(40, abs=2)


def test_the_outline_that_the_layout_found_is_kept(decoded):
    polygon = np.array([[0, 0], [90, 0], [90, 40], [0, 40]])
    places = evenly((5, 5, 85, 35), FRAMES)
    line = place_line(decoded, places, FRAMES, polygon, baseline=[[0, 30], [90, 31]])
    assert line.polygon[1] == (90, 0) and line.box == (0, 0, 90, 40)
    assert line.baseline == ((0, 30), (90, 31))


def test_a_line_that_reads_as_nothing_has_a_place():
    line = place_line(Decoded("", 0.9), evenly((10, 10, 60, 30), 5), 5)
    assert (line.text, line.words, line.box) == ("", (), (10, 10, 60, 30))


def test_frames_beyond_the_map_stay_at_its_end(decoded):
    line = place_line(decoded, evenly((0, 0, 50, 20), 5), 5)
    assert line.words[1].box == (50, 0, 50, 20)
