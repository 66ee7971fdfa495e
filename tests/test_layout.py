"""Lines of drawn pages: found where they are, once each, and in the order they are read in."""

import cv2
import numpy as np
import pytest
from layout_pages import INK, SPACING, sheet, turned, words, write, write_column

from handwriting.layout import find_lines, overlay
from handwriting.layout.baselines import band, read_twice
from handwriting.layout.distinct import join_fragments
from handwriting.layout.insertions import split_insertions
from handwriting.layout.metrics import duplicates, intersection_over_union, match
from handwriting.layout.strokes import Strokes


def matched(layout, truth) -> list[int]:
    """Numbers of the true lines in the order in which they were found, each found once."""
    scores = intersection_over_union(
        [line.polygon for line in layout.lines], [line.polygon for line in truth]
    )
    return [true for _, true in sorted(match(scores))]


def assert_found(page, truth, order=None):
    """Every line once, nothing else, in order; baselines and outlines near the truth."""
    layout = find_lines(page)
    assert len(layout.lines) == len(truth)
    numbers = matched(layout, truth)
    assert numbers == (order or list(range(len(truth))))
    assert duplicates([line.polygon for line in layout.lines]) == 0
    bands = [[band(line.baseline, SPACING) for line in lines] for lines in (layout.lines, truth)]
    assert read_twice(*bands) == 0
    for found, number in zip(layout.lines, numbers, strict=True):
        true = truth[number]
        off = found.baseline[:, 1] - np.interp(found.baseline[:, 0], *true.baseline.T)
        assert np.abs(off).max() < 0.15 * SPACING
        ends = found.baseline[[0, -1], 0] - true.baseline[:, 0]
        assert np.abs(ends).max() < 0.5 * SPACING
    return layout


def test_one_column():
    page = sheet()
    truth = write_column(page, 12, 150)
    layout = assert_found(page, truth)
    assert len(layout.blocks) == 1 and abs(layout.angle) < 0.3
    ink = page < 150
    inside = np.zeros(page.shape, bool)
    for line in layout.lines:
        left, top = np.floor(line.polygon.min(axis=0)).astype(int)
        right, bottom = np.ceil(line.polygon.max(axis=0)).astype(int)
        inside[top : bottom + 1, left : right + 1] = True
    assert (ink & inside).sum() > 0.98 * ink.sum()


@pytest.mark.parametrize("degrees", [-8, -4, 3, 8])
def test_slanted_lines(degrees):
    page = sheet(1200)
    page, truth = turned(page, write_column(page, 12, 200, top=260, count=7), degrees)
    page[page == 0] = 255
    layout = find_lines(page)
    found = [band(line.baseline, SPACING) for line in layout.lines]
    true = [band(line.baseline, SPACING) for line in truth]
    pairs = match(intersection_over_union(found, true))
    assert len(layout.lines) == 12 and [j for _, j in sorted(pairs)] == list(range(12))
    assert abs(layout.angle - degrees) < 0.5


def test_lines_that_bend():
    page = sheet()
    truth = write_column(page, 11, 150, count=8)
    rise = np.rint(20 * np.sin(np.arange(page.shape[1]) / 320)).astype(int)
    for column, up in enumerate(rise):
        page[:, column] = np.roll(page[:, column], -up)
    layout = find_lines(page)
    assert len(layout.lines) == len(truth)
    for line, true in zip(layout.lines, truth, strict=True):
        bent = true.baseline[0, 1] - rise[line.baseline[:, 0].astype(int)]
        assert np.abs(line.baseline[:, 1] - bent).max() < 0.2 * SPACING


@pytest.mark.parametrize("size", [0.6, 1.0, 2.2])
def test_any_size_of_page(size):
    page = np.full((round(900 * size), round(1300 * size)), 226, np.uint8)
    bases = [round((100 + 60 * n) * size) for n in range(12)]
    truth = [
        write(page, words(4 * n, 7), round(90 * size), b, 1.1 * size) for n, b in enumerate(bases)
    ]
    assert matched(find_lines(page), truth) == list(range(12))


def test_two_columns_are_read_one_after_the_other():
    page = sheet()
    heading = write(page, words(2, 9), 180, 70)
    left = write_column(page, 10, 90, top=190, count=4)
    right = write_column(page, 10, 770, top=205, count=4, first=3)
    layout = assert_found(page, [heading, *left, *right])
    blocks = [line.block for line in layout.lines]
    assert len(set(blocks[1:11])) == 1 and len(set(blocks[11:])) == 1
    assert blocks[1] != blocks[11]


def test_a_note_in_the_margin_is_read_beside_its_line():
    page = sheet()
    lines = write_column(page, 12, 420, count=7)
    note = write(page, "see page two", 130, 120 + 5 * SPACING)
    truth = [*lines[:5], note, *lines[5:]]
    assert_found(page, truth)


def test_an_insertion_between_lines_is_a_line():
    page = sheet()
    lines = [write(page, words(5 * n, 8), 150, 120 + 90 * n) for n in range(8)]
    added = write(page, "and salted fish", 560, 120 + 90 * 3 + 44, 0.8)
    assert sorted(matched(find_lines(page), [*lines, added])) == list(range(9))


def strokes_of(mask: np.ndarray, middle: float) -> Strokes:
    rows, columns = np.nonzero(mask)
    left, right = columns.min(), columns.max()
    firm = np.ones(len(rows), bool)
    return Strokes(columns, rows, firm, int(left), np.full(right - left + 1, middle))


def test_a_word_taken_for_ascenders_becomes_a_line():
    page = sheet(200)
    write(page, "on our own", 100, 120)
    alone = strokes_of(page < 140, 111)
    assert split_insertions(alone, SPACING) == [alone]
    write(page, "table set", 130, 86, 0.8)
    line, word = split_insertions(strokes_of(page < 140, 111), SPACING)
    assert len(line.x) == len(alone.x) and line.y.min() == alone.y.min()
    assert word.y.max() <= 88 and abs(word.left - 130) < 6


def test_a_part_cut_off_a_line_joins_it():
    page = sheet(200)
    write(page, "on our own", 100, 120)
    line = strokes_of(page < 140, 111)
    low, high = line.take(line.x < 220), line.take(line.x >= 220).moved(-0.6 * SPACING)
    (joined,) = join_fragments([high, low], SPACING)
    assert len(joined.x) == len(line.x) and joined.right == line.right
    assert len(join_fragments([high.moved(0)._replace(y=high.y - 40), low], SPACING)) == 2


def test_what_shines_through_beside_a_line_is_left_out():
    page = sheet()
    truth = write_column(page, 12, 260, count=6)
    for n in range(2, 9, 2):
        write(page, "stores", 80, 120 + n * SPACING, ink=126)
    assert_found(page, truth)


def test_a_gap_between_paragraphs():
    page = sheet(1200)
    first = write_column(page, 5, 150)
    second = write_column(page, 6, 150, top=120 + 9 * SPACING, first=2)
    layout = assert_found(page, [*first, *second])
    assert len(layout.blocks) == 2


@pytest.mark.parametrize("step", [1, 2])
def test_an_empty_line_begins_a_block_whatever_the_usual_distance(step):
    page, rows = sheet(), (0, 1, 2, 4, 5) if step == 1 else (0, 2, 4, 8, 10)
    for number, row in enumerate(rows):
        write(page, words(3 * number, 7), 100, 120 + 60 * row)
    layout = find_lines(page)
    assert [line.block for line in layout.lines] == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("squared", [False, True])
def test_ruled_and_squared_paper(squared):
    page = sheet()
    page[64::SPACING, :] = 105
    if squared:
        page[34::SPACING, :] = 105
        page[:, 10::30] = 105
    truth = write_column(page, 12, 150)
    assert matched(find_lines(page), truth) == list(range(12))
    assert len(find_lines(page).lines) == 12


def test_words_that_stand_on_a_rule_which_joins_them():
    page = sheet()
    truth = write_column(page, 12, 150)
    for line in truth:  # as long and as dark as the words: nothing tells it from their strokes
        (left, base), (right, _) = line.baseline.astype(int)
        cv2.line(page, (left, base + 2), (right, base - 2), INK, 6)
    assert matched(find_lines(page), truth) == list(range(12))


def test_uneven_light():
    page = sheet()
    truth = write_column(page, 12, 150)
    light = np.linspace(1.0, 0.45, page.shape[1])[None] * np.linspace(0.8, 1.0, len(page))[:, None]
    noise = np.random.default_rng(0).normal(0, 4, page.shape)
    assert_found((page * light + noise).clip(0, 255).astype(np.uint8), truth)


def test_small_print_beside_writing_is_marked():
    page = sheet()
    for n in range(2):
        place = (400, 50 + 26 * n)
        text = "HARBOUR OFFICE AND STORES, EAST QUAY 12"
        cv2.putText(page, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 40, 1, cv2.LINE_AA)
    truth = write_column(page, 12, 150, top=200, scale=1.3)
    layout = find_lines(page)
    written = layout.of_kind("handwritten")
    assert len(written) == 12
    assert all(line.baseline[:, 1].min() < 100 for line in layout.of_kind("printed"))
    assert len(truth) == 12


def test_overlay_shows_each_line():
    page = sheet(400)
    write_column(page, 3, 150)
    layout = find_lines(page)
    picture = overlay(page, layout)
    assert picture.shape == (*page.shape, 3)
    assert (picture != page[..., None]).any(axis=2).sum() > 100
    assert (overlay(page, find_lines(sheet(400))) == page[..., None]).all()
