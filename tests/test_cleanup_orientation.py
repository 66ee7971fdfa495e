"""Which way up a page is, and when it is not turned."""

import cv2
import numpy as np
import pytest
from drawn_pages import draw_full_page

from handwriting.cleanup import clean_page
from handwriting.cleanup.orientation import find_direction, find_writing, uprightness
from handwriting.cleanup.rectify import render, whole


@pytest.fixture(scope="module")
def page():
    return draw_full_page(seed=3)


@pytest.mark.parametrize("turns", range(4))
def test_pages_are_turned_upright(page, turns):
    clean = clean_page(np.ascontiguousarray(np.rot90(page, turns)), light=False)
    np.testing.assert_array_equal(clean.image, page)


@pytest.mark.parametrize("degrees", [-30, 14, 40])
def test_strong_slopes_are_levelled(page, degrees):
    leaning = render(page, whole(page.shape).turned(degrees), 225)
    clean = clean_page(leaning)
    across = clean.matrix[:2, :2] @ [1, 0]
    assert np.rad2deg(np.arctan2(across[1], across[0])) == pytest.approx(-degrees, abs=1.5)
    assert abs(find_direction(find_writing(clean.image))) == 0


@pytest.mark.parametrize("degrees", [-7, 5])
def test_slight_slopes_are_left_to_the_layout(page, degrees):
    leaning = render(page, whole(page.shape).turned(degrees), 225)
    np.testing.assert_array_equal(clean_page(leaning).matrix, np.eye(3))


def test_uprightness_changes_sign(page):
    mask = find_writing(page)
    upright, turned = (uprightness(np.ascontiguousarray(m)) for m in (mask, mask[::-1, ::-1]))
    assert upright > 0.12 and turned < -0.12


def symmetrical_page() -> np.ndarray:
    """Lines of letters that look the same from both sides, with a mark in the upper half."""
    page = np.full((900, 640), 230, np.uint8)
    for y in range(60, 860, 44):
        for x in range(50, 590, 26):
            cv2.circle(page, (x, y), 7, 40, 2, cv2.LINE_AA)
    page[400:420, 20:40] = 60
    return page


class Witness:
    """A judge that prefers pictures with the mark on the left."""

    def __init__(self, wanted=slice(0, 45)):
        self.seen, self.wanted = [], wanted

    def __call__(self, picture) -> float:
        self.seen.append(picture.shape)
        return 0.5 + float((picture[:, self.wanted] < 128).mean())


def test_a_judge_decides_where_the_shapes_do_not():
    page = symmetrical_page()
    over = np.ascontiguousarray(page[::-1, ::-1])
    assert abs(uprightness(find_writing(page))) < 0.12
    judge = Witness()
    np.testing.assert_array_equal(clean_page(page, light=False, judge=judge).image, page)
    np.testing.assert_array_equal(clean_page(over, light=False, judge=judge).image, page)
    assert len(judge.seen) == 4
    assert all(height < page.shape[0] / 2 for height, _ in judge.seen)


def test_without_a_judge_a_doubtful_page_is_upright():
    over = np.ascontiguousarray(symmetrical_page()[::-1, ::-1])
    np.testing.assert_array_equal(clean_page(over).matrix, np.eye(3))


def test_a_judge_that_sees_no_difference_turns_nothing():
    over = np.ascontiguousarray(symmetrical_page()[::-1, ::-1])
    np.testing.assert_array_equal(clean_page(over, judge=lambda _: 0.0).matrix, np.eye(3))


def test_a_judge_is_not_asked_where_it_is_clear(page):
    judge = Witness()
    clean_page(page, judge=judge)
    assert not judge.seen
