"""The sheet in a photo: found on any table, and not seen where there is none."""

import numpy as np
import pytest
from drawn_pages import draw_full_page, place
from real_data import real_data

from handwriting.cleanup import find_outline
from handwriting.cleanup.phone import photograph
from handwriting.cleanup.rectify import proportion
from handwriting.cleanup.textures import SURFACES
from handwriting.images import load


@pytest.fixture(scope="module")
def page():
    return draw_full_page(lines=14, width=520)


def error(photo, page, outline) -> float:
    """Largest distance of a corner, as a share of the diagonal."""
    size = photo.picture.shape[1::-1]
    apart = np.linalg.norm(outline.corners - photo.corners(page), axis=1)
    return float(apart.max() / np.hypot(*size))


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("seed", [2, 11])
def test_the_sheet_is_found(page, surface, seed):
    photo = photograph(page, seed, surface=surface)
    assert error(photo, page, find_outline(photo.picture)) < 0.02


@pytest.mark.parametrize("seed", [2, 11])
def test_the_sheet_is_found_without_colour(page, seed):
    photo = photograph(page, seed, surface="dark")
    gray = photo.picture[..., 1].copy()
    assert error(photo, page, find_outline(gray)) < 0.02


def test_the_sheet_and_not_its_shaded_part(page):
    corners = np.array([[90, 80], [520, 60], [560, 800], [60, 820]])
    picture = place(page, corners, (640, 900)).astype(float)
    picture[:430] *= 0.5
    found = find_outline(picture.astype(np.uint8))
    np.testing.assert_allclose(found.corners, corners, atol=12)


def test_two_visible_sides_are_not_enough(page):
    corners = np.array([[90, 80], [900, 60], [940, 1500], [60, 1520]])
    assert find_outline(place(page, corners, (640, 900))) is None


def test_a_light_table_is_no_outline(page):
    corners = np.array([[90, 80], [520, 60], [560, 800], [60, 820]])
    assert find_outline(place(page, corners, (640, 900), ground=222)) is None


def test_a_page_without_edges_has_no_outline(page):
    assert find_outline(page) is None


@pytest.mark.parametrize("ratio", [0.707, 1.0, 1.414])
def test_the_proportions_survive_perspective(ratio):
    """The sheet's own camera, by pinhole arithmetic: tilted about both axes."""
    corners = np.array([[-ratio, -1], [ratio, -1], [ratio, 1], [-ratio, 1]]) / 2
    tilt, turn = np.deg2rad([24, 17])
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]]
    )
    about_y = np.array(
        [[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]
    )
    points = np.c_[corners, np.zeros(4)] @ (about_y @ about_x).T + [0.05, -0.03, 1.7]
    seen = 800 * points[:, :2] / points[:, 2:] + [499.5, 374.5]
    assert proportion(seen, (750, 1000)) == pytest.approx(ratio, rel=0.01)


def test_photos_are_the_same_for_a_seed(page):
    one, same, other = (photograph(page, seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one.picture, same.picture)
    np.testing.assert_array_equal(one.matrix, same.matrix)
    assert not np.allclose(one.matrix, other.matrix)


@pytest.mark.parametrize("turns", range(4))
def test_the_photo_shows_the_page_where_the_matrix_says(turns):
    page = np.full((800, 600), 230, np.uint8)
    page[560:600, 120:160] = 10
    photo = photograph(page, 8, turns, surface="cloth")
    (x, y), (u, v) = (
        np.rint(at).astype(int) for at in _project(photo.matrix, [[139.5, 579.5], [139.5, 500]])
    )
    assert photo.picture[y, x].mean() < 0.4 * photo.picture[v, u].mean()


def _project(matrix, points):
    moved = np.c_[points, np.ones(len(points))] @ matrix.T
    return moved[:, :2] / moved[:, 2:]


def test_real_scans_show_no_sheet():
    folder = real_data("pages/copiste/wikitexte_0016_1.jpg") / "pages"
    for name in ("copiste/wikitexte_0016_1", "hooker/JDH_2_16_147_001"):
        assert find_outline(load(folder / f"{name}.jpg")) is None
