"""From a picture to a clean page: what it shows, where it lies, and what is left alone."""

import numpy as np
import pytest
from drawn_pages import draw_full_page, place, rule

from handwriting.cleanup import clean_page
from handwriting.cleanup.phone import photograph
from handwriting.cleanup.rectify import corners_of


@pytest.fixture(scope="module")
def page():
    return draw_full_page()


@pytest.fixture(scope="module")
def photo(page):
    return photograph(page, seed=4, turns=1, surface="wood")


@pytest.fixture(scope="module")
def cleaned(photo):
    return clean_page(photo.picture, keep_steps=True)


def corner_error(clean, expected) -> float:
    """Largest distance in pixels of the input of the page's corners, each from its own."""
    found = clean.to_input(corners_of(clean.image.shape))
    return float(np.linalg.norm(found - expected, axis=1).max())


def test_a_turned_photo_becomes_an_upright_page(page, photo, cleaned):
    assert corner_error(cleaned, photo.corners(page)) < 0.012 * max(photo.picture.shape)
    height, width = cleaned.image.shape
    assert width / height == pytest.approx(page.shape[1] / page.shape[0], rel=0.04)


def test_a_cleaned_photo_is_light_paper_with_dark_ink(cleaned):
    inner = cleaned.image[40:-40, 40:-40]
    assert inner.dtype == np.uint8
    assert 230 <= np.median(inner) <= 255
    assert np.percentile(inner, 1) < 130
    # No corner is left in the shade: the paper is as light everywhere.
    levels = [np.percentile(part, 80) for part in np.array_split(inner, 5)]
    assert np.ptp(levels) < 12


def test_every_step_can_be_seen(photo, cleaned):
    names = [step.name for step in cleaned.steps]
    expected = ["outline", "perspective", "orientation", "light", "noise", "contrast", "rules"]
    assert names == expected
    assert all(step.picture.dtype == np.uint8 and step.remark for step in cleaned.steps)
    bare = clean_page(photo.picture)
    assert [step.name for step in bare.steps] == expected
    assert all(step.picture is None for step in bare.steps)
    np.testing.assert_array_equal(bare.image, cleaned.image)


@pytest.mark.parametrize("options", ["perspective", "orientation", "light", "rules"])
def test_steps_can_be_left_out(photo, cleaned, options):
    clean = clean_page(photo.picture, **{options: False})
    names = {step.name for step in cleaned.steps} - {step.name for step in clean.steps}
    gone = {
        "perspective": {"outline", "perspective", "rules"},  # without a photo rules are left
        "orientation": {"orientation"},
        "light": {"light", "noise", "contrast"},
        "rules": {"rules"},
    }
    assert names == gone[options]


@pytest.mark.parametrize("kind", ["plain", "ruled", "squared", "crop", "few lines", "one line"])
def test_an_upright_scan_keeps_its_place(page, kind):
    scan = {
        "plain": page,
        "ruled": rule(page),
        "squared": rule(page, squared=True),
        "crop": page[200:700, 120:560],
        "few lines": page[:230],
        "one line": page[66:112],
    }[kind]
    clean = clean_page(scan)
    np.testing.assert_array_equal(clean.matrix, np.eye(3))
    assert clean.image.shape == scan.shape
    # Its ink stays where it was.
    before, after = scan < 140, clean.image < 140
    assert (before & after).sum() > 0.9 * before.sum()


def test_colour_gives_the_same_page(page):
    colour = np.repeat(page[..., None], 3, axis=2)
    np.testing.assert_array_equal(clean_page(colour).image, clean_page(page).image)


def test_the_input_is_not_changed(page):
    given = page.copy()
    for options in ({"light": False}, {}, {"rules": True}):
        clean_page(given, **options).image[:] = 0 if options != {"light": False} else 255
    np.testing.assert_array_equal(given, page)


def test_large_scans_are_reduced_and_the_way_back_is_known():
    scan = np.full((4200, 3000), 230, np.uint8)
    clean = clean_page(scan)
    assert clean.image.shape == (2400, 1714)
    np.testing.assert_allclose(
        clean.to_input(corners_of(clean.image.shape)), corners_of(scan.shape), atol=1e-6
    )


def test_a_scan_within_a_narrow_frame_is_not_turned_or_lost(page):
    framed = np.full((page.shape[0] + 80, page.shape[1] + 60), 20, np.uint8)
    framed[30:-50, 20:-40] = page
    clean = clean_page(framed)
    found = clean.to_input(corners_of(clean.image.shape))
    inner = corners_of(page.shape) + np.array([20, 30])
    assert np.linalg.norm(found - inner, axis=1).max() < 90


def test_the_sheet_is_found_when_a_side_is_cut_off(page):
    corners = np.array([[60, 70], [610, 40], [640, 905], [40, 880]]) - [90, 0]
    picture = place(page, corners, (640, 960))
    clean = clean_page(picture)
    assert "perspective" in [step.name for step in clean.steps]
    found = clean.to_input(corners_of(clean.image.shape))
    np.testing.assert_allclose(found[1:3], corners[1:3], atol=12)


@pytest.mark.parametrize("surface", ["dark", "wood"])
def test_a_photo_turned_over_when_it_was_loaded_is_turned_back(page, surface):
    photo = photograph(page, seed=4, surface=surface)
    gray = photo.picture[..., 1].copy()
    clean, inverse = clean_page(gray), clean_page(255 - gray)
    assert "polarity" not in [step.name for step in clean.steps]
    assert "polarity" in [step.name for step in inverse.steps]
    np.testing.assert_array_equal(clean.image, inverse.image)


def test_two_pages_side_by_side_stay_together(page):
    spread = np.hstack([page, page])
    spread[:, page.shape[1] - 6 : page.shape[1] + 6] = 120
    picture = np.full((spread.shape[0] + 200, spread.shape[1] + 260), 50, np.uint8)
    picture[100:-100, 130:-130] = spread
    clean = clean_page(picture)
    assert clean.image.shape[1] / clean.image.shape[0] == pytest.approx(1.385, rel=0.03)


BAD = {
    "blank": np.full((700, 500), 250, np.uint8),
    "white": np.full((700, 500), 255, np.uint8),
    "black": np.zeros((700, 500), np.uint8),
    "one pixel": np.full((1, 1), 90, np.uint8),
    "one row": np.arange(200, dtype=np.uint8)[None],
    "strip": np.full((40, 8000), 240, np.uint8),
    "noise": np.random.default_rng(0).integers(0, 256, (600, 450), np.uint8),
    "slope": np.tile(np.linspace(0, 255, 500).astype(np.uint8), (700, 1)),
    "stripes": np.tile((np.arange(500) % 40 < 20).astype(np.uint8) * 255, (700, 1)),
    "one letter": np.pad(np.zeros((200, 40), np.uint8), 100, constant_values=255),
}


@pytest.mark.parametrize("name", BAD)
def test_pictures_without_a_page_are_left_in_place(name):
    for picture in (BAD[name], np.repeat(BAD[name][..., None], 3, axis=2)):
        clean = clean_page(picture, rules=True)
        np.testing.assert_array_equal(clean.matrix, np.eye(3))
        assert clean.image.shape == BAD[name].shape


def test_a_blank_page_stays_blank():
    clean = clean_page(BAD["blank"]).image
    assert clean.min() >= 230


def test_very_long_strips_keep_their_lines_legible():
    assert clean_page(np.full((200, 40_000), 240, np.uint8)).image.shape == (200, 40_000)
