"""`# $ & @` from fonts: disjoint fonts, fonts without the glyph, variation by seed."""

import csv
from pathlib import Path

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from real_data import real_data

from handwriting.datasets.symbols import (
    SYMBOLS,
    draw_symbols,
    list_fonts,
    load_symbols,
    split_fonts,
    trace_glyph,
)
from handwriting.errors import UserError


def make_font(file: Path, characters: str, lean: int) -> Path:
    """A font whose glyphs are two crossing bars, leaning as told."""
    names = [".notdef", *(f"glyph{ord(c)}" for c in characters)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): f"glyph{ord(c)}" for c in characters})
    glyphs = {name: _bars(lean + 40 * i) for i, name in enumerate(names)}
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(names, (900, 0)))
    builder.setupHorizontalHeader(ascent=900, descent=-100)
    builder.setupNameTable({"familyName": file.stem, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(file)
    return file


def _bars(lean: int):
    pen = TTGlyphPen(None)
    bars = [
        [(200, 0), (200 + lean, 800), (280 + lean, 800), (280, 0)],
        [(0, 300), (0, 380), (800, 380), (800, 300)],
    ]
    for corners in bars:
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


@pytest.fixture
def fonts(tmp_path):
    lacking = make_font(tmp_path / "lacking.ttf", "#$&", 10)
    whole = [make_font(tmp_path / f"hand{i}.ttf", "#$&@", 60 * i) for i in range(11)]
    return [*whole, lacking]


def test_fonts_are_divided_without_overlap(fonts):
    parts = split_fonts(fonts, seed=1)
    names = [{font.name for font in part} for part in parts]
    assert all(names) and sum(map(len, names)) == len(fonts) == len(set.union(*names))
    assert split_fonts(fonts[::-1], seed=1) == parts
    assert split_fonts(fonts, seed=2) != parts


def test_font_without_the_glyph_is_passed_over(fonts):
    assert trace_glyph(fonts[-1], "@") is None
    assert trace_glyph(fonts[-1], "#") is not None
    rng = np.random.default_rng(0)
    with pytest.raises(UserError, match="none of 1 fonts has '@'"):
        draw_symbols("@", [fonts[-1]], 2, rng)


def test_images_fill_the_box_of_emnist(fonts, tmp_path):
    train, validation, test = load_symbols((12, 3, 3), seed=0, folder=tmp_path)
    assert [len(split) for split in (train, validation, test)] == [48, 12, 12]
    assert train.images.shape == (48, 28, 28) and train.images.dtype == np.uint8
    assert np.bincount(train.labels).tolist() == [12] * len(SYMBOLS)
    extents = [max(np.ptp(np.argwhere(image > 100), axis=0) + 1).item() for image in train.images]
    assert min(extents) >= 22 and max(extents) <= 26
    assert 0 < train.images.mean() < 120  # ink is 255 and the smaller part


def test_same_seed_draws_the_same_and_samples_differ(fonts, tmp_path):
    first, second = (load_symbols((6, 1, 1), seed=5, folder=tmp_path)[0] for _ in range(2))
    assert np.array_equal(first.images, second.images)
    other = load_symbols((6, 1, 1), seed=6, folder=tmp_path)[0]
    assert not np.array_equal(first.images, other.images)
    assert len({image.tobytes() for image in first.images}) == len(first)


def test_folder_without_fonts_is_refused(tmp_path):
    with pytest.raises(UserError, match="no handwriting fonts"):
        list_fonts(tmp_path)


def test_table_names_the_fonts_to_use(fonts, tmp_path):
    with (tmp_path / "fonts.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ["file"])
        table.writeheader()
        table.writerows([{"file": "hand1.ttf"}, {"file": "not-there.ttf"}])
    assert [font.name for font in list_fonts(tmp_path)] == ["hand1.ttf"]


def test_real_fonts_have_the_symbols():
    folder = real_data("fonts/fonts.csv") / "fonts"
    fonts = split_fonts(list_fonts(folder))[2]
    assert all(any(trace_glyph(font, c) for font in fonts) for c in SYMBOLS)
