"""Lines from pages and from pictures: one look, whatever paper, angle and outline."""

import subprocess
import sys

import cv2
import numpy as np
import pytest
from drawn_lines import draw_line, draw_page, ink_height, likeness
from real_data import real_data

from handwriting.errors import UserError
from handwriting.images import load
from handwriting.lines import cutting
from handwriting.lines.cutting import Extent, cut_line
from handwriting.lines.normalise import normalise_line
from handwriting.lines.outlines import Outline
from handwriting.lines.paper import WIDEST
from handwriting.lines.readers.alto import parse_alto
from handwriting.lines.readers.layout import parse_xml

TEXTS = ("a fully hidden tale", "Big dogs jumped by", "kites fly high today", "plain paths go by")


@pytest.fixture(scope="module")
def page():
    return draw_page(TEXTS)


@pytest.fixture(scope="module")
def straight(page):
    return cut_page(page[0], outlines(page))


def cut_page(picture, places) -> list[np.ndarray | None]:
    """The images alone."""
    return [line.image if line else None for line in cutting.cut_page(picture, places)]


def outlines(page) -> list[Outline]:
    return [Outline(*places) for places in zip(*page[1:], strict=True)]


def is_a_line(line: np.ndarray) -> bool:
    return line.dtype == np.uint8 and line.shape[0] == 64 and 1 <= line.shape[1] <= WIDEST


def test_lines_are_dark_on_even_paper_with_margins(straight):
    for line in straight:
        assert is_a_line(line)
        assert np.median(line) == 235
        assert line.min() < 100
        ink = line < 170
        assert ink[[0, -1]].sum() < 0.01 * ink.sum()
        assert not ink[:, :5].any() and not ink[:, -5:].any()
        assert ink[:, :14].any() and ink[:, -14:].any(), "empty ends are cut off"


def test_turned_page_gives_the_same_lines(page, straight):
    picture, polygons, baselines = page
    height, width = picture.shape
    for degrees in (-25, 90):
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        matrix[:, 2] += 300
        turned = cv2.warpAffine(picture, matrix, (width + 600, height + 700), borderValue=225)

        def move(points, matrix=matrix):
            return points @ matrix[:, :2].T + matrix[:, 2]

        for line, polygon, baseline in zip(straight, polygons, baselines, strict=True):
            assert likeness(line, cut_line(turned, move(polygon), move(baseline))) > 0.9


def test_bent_line_becomes_straight():
    picture, polygons, baselines = draw_page(["a fully hidden tale of hilly paths"])
    straight = cut_line(picture, polygons[0], baselines[0])
    columns = np.arange(picture.shape[1])
    bend = 18 * np.sin(columns / 110)
    rows = np.arange(picture.shape[0])[:, None] - bend
    maps = np.broadcast_to(columns, rows.shape).astype(np.float32), rows.astype(np.float32)
    bent = cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderValue=225)
    at = np.arange(34, polygons[0][1, 0], 8)
    course = np.stack([at, 70 + np.interp(at, columns, bend)], axis=1)
    polygon = np.concatenate([course - (0, 28), course[::-1] + np.array([0, 14])])
    assert likeness(straight, cut_line(bent, polygon, course)) > 0.9
    assert likeness(straight, cut_line(bent, polygon)) > 0.65, "baseline from the ink"


def test_a_large_scan_gives_the_same_lines(page, straight):
    picture, polygons, baselines = page
    large = cv2.resize(picture, None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)
    line = cut_line(large, polygons[1] * 5, baselines[1] * 5)
    assert likeness(straight[1], line) > 0.9


@pytest.mark.parametrize("missing", ["polygon", "baseline", "strip"])
def test_half_an_outline_will_do(page, straight, missing):
    picture, polygons, baselines = page
    given = {
        "polygon": [Outline(None, baseline) for baseline in baselines],
        "baseline": [Outline(polygon) for polygon in polygons],
        "strip": [
            Outline(np.concatenate([b - (0, 6), b[::-1] + np.array([0, 4])]), b) for b in baselines
        ],
    }[missing]
    for line, other in zip(straight, cut_page(picture, given), strict=True):
        assert likeness(line, other) > 0.6 and abs(np.log(other.shape[1] / line.shape[1])) < 0.3


def test_baseline_drawn_from_the_right(page, straight):
    picture, polygons, baselines = page
    assert likeness(straight[0], cut_line(picture, polygons[0], baselines[0][::-1])) > 0.95


def test_pieces_of_neighbours_are_taken_out_and_own_letters_kept_whole(page):
    picture, polygons, baselines = page
    clean = cut_line(picture, polygons[1], baselines[1])
    touched = picture.copy()
    # A tail of the line above that hangs into the polygon, between two words.
    cv2.line(touched, (111, 85), (111, 122), 40, 2)
    assert np.abs(cut_line(touched, polygons[1], baselines[1]).astype(int) - clean).max() < 60
    # A polygon that cuts the tall letters keeps them as they are.
    tight = polygons[1].copy()
    tight[:2, 1] += 13
    assert likeness(clean, cut_line(picture, tight, baselines[1])) > 0.97


def test_nothing_is_seen_outside_the_polygon(page):
    picture, polygons, baselines = page
    (left, top), (right, _), *lower = polygons[0]
    notched = np.array([(left, top + 17), (60, top + 17), (60, top), (right, top), *lower])
    dirty = picture.copy()
    dirty[int(top) : int(top) + 12, int(left) : 54] = 60
    clean, other = (cut_line(p, notched, baselines[0]) for p in (picture, dirty))
    assert likeness(clean, other) > 0.99


def test_one_page_keeps_one_scale():
    words = (*TEXTS, "no sum can more", "eraser")
    picture, polygons, baselines = draw_page(words)
    lines = cut_page(picture, [Outline(*p) for p in zip(polygons, baselines, strict=True)])
    share = [
        line.shape[1] / np.ptp(polygon[:, 0]) for line, polygon in zip(lines, polygons, strict=True)
    ]
    assert max(share) / min(share) < 1.4
    alone = cut_line(picture, polygons[-1], baselines[-1])
    held = cut_line(picture, polygons[-1], baselines[-1], Extent(22, 9))
    assert held.shape[1] < 0.8 * alone.shape[1], "medians given from outside hold, too"


def test_contrast_is_raised_but_not_without_bound():
    for ink, expected in ((165, 125), (195, 160)):
        picture, polygons, baselines = draw_page(TEXTS[:1], ink=ink, paper=225)
        line = cut_line(picture, polygons[0], baselines[0])
        assert abs(int(np.percentile(line, 2)) - expected) < 15
        assert np.median(line) == 235


def test_shadow_across_the_page_is_flattened(page, straight):
    picture, polygons, baselines = page
    light = np.linspace(1.0, 0.4, picture.shape[1])
    shaded = (picture * light).astype(np.uint8)
    line = cut_line(shaded, polygons[2], baselines[2])
    assert likeness(straight[2], line) > 0.97
    assert np.percentile(line, 70) > 228


@pytest.mark.parametrize(
    "polygon",
    [
        np.zeros((0, 2)),
        [[5, 5], [300, 90]],
        [[5, 5], [300, 5], [20, 5]],
        [[-900, -900], [-500, -900], [-500, -800]],
        [[1e300, 0], [0, 1e300], [5, 5]],
        [[np.nan, 0], [np.inf, 9], [5, 5]],
        [[400, 10], [690, 10], [690, 30], [400, 30]],
    ],
)
def test_unusable_outlines_harm_nobody_else(page, straight, polygon):
    picture = page[0]
    with pytest.raises(ValueError):
        cut_line(picture, np.array(polygon, float))
    lines = cut_page(picture, [Outline(np.array(polygon, float)), *outlines(page), Outline()])
    assert lines[0] is None and lines[-1] is None
    assert all(np.array_equal(a, b) for a, b in zip(lines[1:-1], straight, strict=True))


def test_any_outline_gives_a_line_or_an_error():
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (120, 200)).astype(np.uint8)
    for _ in range(60):
        points, more = (
            rng.normal(0, rng.choice([1, 30, 300, 1e5]), (rng.integers(0, 9), 2)) + 60
            for _ in range(2)
        )
        for line in cut_page(picture, [Outline(points, more), Outline(points)]):
            assert line is None or is_a_line(line)


def test_real_page_is_cut_like_the_shipped_lines():
    folder = real_data("pages/copiste/imp_wikitexte_0102.xml") / "pages" / "copiste"
    layout = parse_alto(parse_xml(folder / "imp_wikitexte_0102.xml"))
    gray = load(folder / "imp_wikitexte_0102.jpg")
    lines = cut_page(gray, [line.outline for line in layout.lines])
    assert len(lines) == 22 and all(is_a_line(line) for line in lines)
    assert all(np.median(line) > 228 for line in lines)
    assert all(len(np.flatnonzero((line < 170).any(axis=1))) > 20 for line in lines)


@pytest.mark.parametrize(
    "picture",
    [
        np.full((80, 500), 230, np.uint8),
        np.full((1, 300), 200, np.uint8),
        np.zeros((1, 1), np.uint8),
        np.full((2000, 10), 200, np.uint8),
        np.random.default_rng(0).normal(200, 8, (100, 600)).clip(0, 255).astype(np.uint8),
    ],
)
def test_picture_without_writing_is_bare_paper(picture):
    line = normalise_line(picture)
    assert is_a_line(line) and (line == 235).all()


def test_very_wide_and_very_small_pictures():
    wide = np.tile(draw_line("wide"), (1, 400))[:, :30_000]
    line = normalise_line(wide)
    assert line.shape[1] / line.shape[0] == pytest.approx(wide.shape[1] / wide.shape[0], rel=0.3)
    assert is_a_line(line) and line.min() < 150
    wider = cv2.resize(wide, (30_000, 20), interpolation=cv2.INTER_AREA)
    assert normalise_line(wider).shape == (64, WIDEST)
    small = cv2.resize(draw_line(), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    assert is_a_line(normalise_line(small)) and normalise_line(small).min() < 160


def test_polarity_colour_depth_and_type_do_not_matter():
    picture = draw_line("jumpy figures")
    line = normalise_line(picture)
    colour = np.stack([picture] * 3, axis=2)
    for other in (255 - picture, colour, picture / 255.0, picture.astype(np.uint16) * 257):
        assert likeness(line, normalise_line(other)) > 0.99
    assert np.median(line) == 235


def test_line_of_a_photo_is_found_in_shadow_and_at_an_angle():
    expected = normalise_line(draw_line("figures by the glyph"))
    sheet = np.full((500, 800), 220, np.uint8)
    text = draw_line("figures by the glyph", paper=220)
    sheet[200 : 200 + text.shape[0], 150 : 150 + text.shape[1]] = text
    shade = np.linspace(1, 0.45, 800) * np.linspace(1, 0.8, 500)[:, None]
    matrix = cv2.getRotationMatrix2D((400, 250), 5, 1)
    for photo in (sheet * shade, cv2.warpAffine(sheet, matrix, (800, 500), borderValue=220)):
        assert likeness(expected, normalise_line(photo.astype(np.uint8))) > 0.85


def test_small_letters_are_not_blown_up():
    whole, small = normalise_line(draw_line("happy bride")), normalise_line(draw_line("mensa"))
    assert ink_height(whole) > 50
    assert 20 <= ink_height(small) <= 40


def test_a_missing_picture_is_one_clear_line(tmp_path):
    with pytest.raises(UserError, match=r"absent\.png: no such file"):
        normalise_line(tmp_path / "absent.png")


def test_prediction_imports_nothing_heavy():
    code = (
        "import sys, handwriting.lines.normalise, handwriting.lines.cutting\n"
        "heavy = {'keras', 'tensorflow', 'pandas', 'matplotlib', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_cut_line_knows_where_it_was(page):
    picture, polygons, baselines = page
    cut = cutting.cut_page(picture, outlines(page))
    for line, polygon, baseline in zip(cut, polygons, baselines, strict=True):
        columns = np.flatnonzero((line.image < 150).any(axis=0))[[0, -1]]
        points, above, below = line.place(columns)
        level = np.interp(points[:, 0], *np.transpose(baseline))
        assert np.abs(points[:, 1] - level).max() < 3
        left, top = polygon.min(axis=0)
        right, bottom = polygon.max(axis=0)
        assert left - 3 < points[0, 0] < points[1, 0] < right + 3
        assert 0 < above[0] < 1.5 * (level[0] - top) and 0 < below[0] < 2 * (bottom - top)
