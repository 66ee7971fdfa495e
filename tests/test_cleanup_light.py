"""Light, noise, binarisation and ruled lines, each by itself."""

import cv2
import numpy as np
import pytest
from drawn_pages import draw_full_page, rule

from handwriting.cleanup import (
    flatten_light,
    otsu,
    raise_contrast,
    remove_noise,
    sauvola,
    suppress_rules,
)
from handwriting.cleanup.light import noise_level


@pytest.fixture(scope="module")
def page():
    return draw_full_page(lines=10)


@pytest.fixture(scope="module")
def shaded(page):
    """Half in the shade of something with a fairly sharp edge, darker towards one side."""
    light = np.linspace(1, 0.6, page.shape[1])[None] * np.ones(page.shape)
    light[page.shape[0] // 2 :] *= 0.45
    return (page * cv2.GaussianBlur(light, (0, 0), 4)).astype(np.uint8)


def agreement(found, page) -> float:
    """F1 of the ink of a black and white page against the drawn one's."""
    found, true = found == 0, page < 135
    return 2 * (found & true).sum() / (found.sum() + true.sum())


def test_shade_is_evened_out(page, shaded):
    flat = flatten_light(shaded)
    assert agreement(otsu(shaded), page) < 0.5
    assert agreement(otsu(flat), page) > 0.9
    paper = flat[page > 220]
    assert np.percentile(paper, 95) - np.percentile(paper, 5) < 12


def test_light_on_an_even_page_changes_little(page):
    flat = flatten_light(page)
    assert (flat[page == 225] >= 236).mean() > 0.99
    assert agreement(otsu(flat), page) > 0.97


def test_sauvola_needs_no_even_light(page, shaded):
    assert agreement(sauvola(shaded), page) > 0.85
    assert agreement(sauvola(page), page) > 0.9


@pytest.mark.parametrize("binarise", [otsu, sauvola])
@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (60, 40)])
def test_nothing_is_ink_on_a_blank_page(binarise, shape):
    assert (binarise(np.full(shape, 200, np.uint8)) == 255).all()


def test_otsu_parts_two_levels():
    assert otsu(np.uint8([[30, 30, 200], [40, 190, 210]])).tolist() == [
        [0, 0, 255],
        [0, 255, 255],
    ]


def test_noise_is_measured_and_removed(page):
    rng = np.random.default_rng(1)
    noisy = (page + rng.normal(0, 9, page.shape)).clip(0, 255).astype(np.uint8)
    assert noise_level(page) < 1
    assert noise_level(noisy) == pytest.approx(9, rel=0.25)
    quiet = remove_noise(noisy)
    assert quiet[page == 225].std() < 0.5 * noisy[page == 225].std()
    assert agreement(otsu(quiet), page) > 0.93
    assert remove_noise(page) is page


def test_faint_ink_is_darkened():
    faint = draw_full_page(lines=6, paper=238, ink=190)
    clear = raise_contrast(faint)
    assert np.percentile(clear[faint < 200], 20) < 175
    assert np.median(clear) >= 235
    blank = np.full((90, 80), 238, np.uint8)
    np.testing.assert_array_equal(raise_contrast(blank), blank)


@pytest.mark.parametrize("squared", [False, True])
def test_rules_go_and_strokes_stay(page, squared):
    ruled = rule(page, squared=squared)
    clean = suppress_rules(ruled)
    printed = (ruled < 180) & (page > 220)
    assert (clean[printed] < 180).mean() < 0.12
    strokes = page < 100
    assert (clean[strokes] < 150).mean() > 0.97
    np.testing.assert_array_equal(suppress_rules(np.full((2, 9), 7, np.uint8)), 7)
