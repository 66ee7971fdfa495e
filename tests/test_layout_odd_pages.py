"""Pages without writing, of odd shapes, or with hardly any: a sensible layout, never an error."""

import cv2
import numpy as np
import pytest
from layout_pages import PAPER, SPACING, sheet, words, write, write_column

from handwriting.layout import Layout, find_lines
from handwriting.layout.level import WORK_AREA, level_page


def noise(height=900, width=700):
    return np.random.default_rng(1).integers(0, 256, (height, width), np.uint8)


def dust():
    return np.where(np.random.default_rng(2).random((900, 700)) < 0.02, 0, 255).astype(np.uint8)


def gradient():
    return np.tile(np.linspace(20, 240, 900).astype(np.uint8), (700, 1))


def landscape():
    """Hills under a sky with a sun, in soft light."""
    page = np.tile(np.linspace(230, 170, 600)[:, None], (1, 900)).astype(np.uint8)
    x = np.arange(900)
    for base, high, wave, shade in ((380, 60, 140, 120), (460, 40, 90, 80), (540, 25, 60, 45)):
        hill = base - high * np.sin(x / wave + shade)
        page[np.arange(600)[:, None] > hill] = shade
    cv2.circle(page, (700, 110), 50, 252, -1)
    return cv2.GaussianBlur(page, (0, 0), 2)


def rules():
    page = sheet(800, 900)
    page[40::50] = 120
    return page


def scribble():
    """One endless stroke over and over the page."""
    page = sheet(900, 900)
    at = np.linspace(0, 400, 4000)
    points = np.stack([450 + 400 * np.sin(at), 450 + 400 * np.sin(1.37 * at)], axis=1)
    cv2.polylines(page, [points.astype(np.int32)], False, 40, 2)
    return page


EMPTY = {
    "white": np.full((900, 700), 255, np.uint8),
    "grey": np.full((900, 700), 128, np.uint8),
    "black": np.zeros((900, 700), np.uint8),
    "gradient": gradient(),
    "rules alone": rules(),
    "dust": dust(),
    "1x1": np.zeros((1, 1), np.uint8),
    "1x1 white": np.full((1, 1), 255, np.uint8),
    "column": np.full((3000, 1), 90, np.uint8),
    "row": np.full((1, 3000), 90, np.uint8),
    "no pixels": np.zeros((0, 10), np.uint8),
}


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_is_found_where_nothing_is_written(name):
    assert find_lines(EMPTY[name]) == Layout()


def assert_sound(layout, shape):
    """Points within the page, blocks that exist, baselines from left to right."""
    for line in layout.lines:
        for points in (line.polygon, line.baseline):
            assert np.isfinite(points).all()
            assert (points >= 0).all() and (points <= np.array(shape[::-1]) - 1).all()
        assert len(line.polygon) >= 3 and len(line.baseline) >= 2
        assert (np.diff(line.baseline[:, 0]) >= 0).all()
        assert 0 <= line.block < len(layout.blocks)


@pytest.mark.parametrize("picture", [noise, landscape, scribble])
def test_pictures_that_are_no_writing(picture):
    page = picture()
    layout = find_lines(page)
    assert_sound(layout, page.shape)
    assert len(layout.lines) <= 3


@pytest.mark.parametrize("shape", [(40_000, 200), (200, 40_000)])
def test_very_long_pages(shape):
    page = np.full(shape, PAPER, np.uint8)
    height, width = shape
    tall = height > width
    places = [(20, 9_000 + y) for y in range(0, 1800, 60)] if tall else [(9_000, 110)]
    for n, (left, base) in enumerate(places):
        write(page, words(n, 1 if tall else 60), left, base)
    layout = find_lines(page)
    assert_sound(layout, shape)
    # The shortest words are too small here to be told from dirt.
    assert len(layout.lines) > 0.85 * len(places)
    assert level_page(page).ink.size < 3 * WORK_AREA


def test_one_word_and_one_character():
    for text in ("quay", "g"):
        page = sheet(500, 700)
        line = write(page, text, 300, 260, 1.5)
        layout = find_lines(page)
        assert len(layout.lines) == 1
        found, box = layout.lines[0].polygon, line.polygon
        assert np.abs(found.min(axis=0) - box.min(axis=0)).max() < 20
        assert np.abs(found.max(axis=0) - box.max(axis=0)).max() < 20


@pytest.mark.parametrize("size", [(14, 40), (30, 30), (64, 300)])
def test_tiny_pages(size):
    page = np.full(size, PAPER, np.uint8)
    cv2.putText(page, "oak", (3, size[0] - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 30, 1)
    assert_sound(find_lines(page), size)


def test_dark_table_around_the_sheet():
    page = sheet()
    truth = write_column(page, 10, 150, top=180)
    framed = cv2.copyMakeBorder(page, 150, 150, 200, 200, cv2.BORDER_CONSTANT, value=30)
    layout = find_lines(framed)
    assert_sound(layout, framed.shape)
    bases = [line.baseline[:, 1].mean() - 150 for line in layout.lines]
    assert len(bases) == len(truth)
    assert np.abs(np.array(bases) - [line.baseline[0, 1] for line in truth]).max() < SPACING / 5


def test_only_two_levels_of_grey():
    page = sheet()
    write_column(page, 10, 150)
    layout = find_lines(np.where(page > 140, 255, 0).astype(np.uint8))
    assert len(layout.lines) == 10


def test_faint_and_strong_ink_on_one_page():
    page = sheet()
    write_column(page, 6, 150)
    for n in range(6, 11):
        write(page, words(3 * n, 8), 150, 120 + n * SPACING, ink=130)
    assert len(find_lines(page).lines) == 11


def test_the_page_itself_is_not_changed():
    page = sheet(400)
    write_column(page, 3, 150)
    before = page.copy()
    find_lines(page)
    assert (page == before).all()
