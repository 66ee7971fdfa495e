"""Handwritten `# $ & @`, which no public data set of single characters holds.

They are drawn after handwriting fonts: the middle lines of each glyph are traced and drawn
again with other pens, slants and proportions (`strokes.vary`). No font stands in two splits.
"""

import csv
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from handwriting.datasets.base import Split, empty_split
from handwriting.datasets.strokes import Drawing, make_drawing, render, vary
from handwriting.datasets.trace import trace_lines
from handwriting.errors import UserError
from handwriting.paths import data_dir

SYMBOLS = ("#", "$", "&", "@")
# The share of the fonts that go to train and to validation; the others are for test.
SHARES = (0.8, 0.1)
PEN = (1.8, 3.1)
GLYPH_HEIGHT = 120


def list_fonts(folder: Path) -> list[Path]:
    """The font files that `fonts.csv` names, or every .ttf where there is no such table.

    Raises:
        UserError: there is none.
    """
    table = folder / "fonts.csv"
    if table.is_file():
        with table.open(encoding="utf-8", newline="") as lines:
            names = [row["file"] for row in csv.DictReader(lines)]
        fonts = [folder / name for name in names if (folder / name).is_file()]
    else:
        fonts = sorted(folder.glob("*.ttf"))
    if not fonts:
        raise UserError(
            f"{folder}: no handwriting fonts; put .ttf files there (see data/README.md) "
            "or name another data folder in HANDWRITING_DATA"
        )
    return fonts


def split_fonts(fonts: list[Path], seed: int = 0) -> tuple[list[Path], list[Path], list[Path]]:
    """Fonts for (train, validation, test), drawn by seed and disjoint.

    >>> [len(part) for part in split_fonts([Path(f"{n}.ttf") for n in range(99)])]
    [79, 10, 10]
    """
    # Sorted first: the split must not hang on the order of a listing.
    fonts = sorted(fonts, key=lambda font: font.name)
    order = np.random.default_rng([seed, len(fonts)]).permutation(len(fonts))
    train = int(SHARES[0] * len(fonts))
    validation = train + max(1, round(SHARES[1] * len(fonts)))
    chosen = [fonts[i] for i in order]
    return chosen[:train], chosen[train:validation], chosen[validation:]


@cache
def trace_glyph(font: Path, character: str) -> Drawing | None:
    """The middle lines of one glyph, or None where the font does not have it."""
    with TTFont(font, lazy=True) as tables:
        if ord(character) not in (tables.getBestCmap() or {}):
            return None
    face = ImageFont.truetype(str(font), GLYPH_HEIGHT)
    left, top, right, bottom = face.getbbox(character)
    if right <= left or bottom <= top:
        return None
    picture = Image.new("L", (right - left + 8, bottom - top + 8), 255)
    ImageDraw.Draw(picture).text((4 - left, 4 - top), character, font=face, fill=0)
    strokes = trace_lines(np.asarray(picture))
    return make_drawing(strokes) if strokes else None


def draw_symbols(
    character: str, fonts: list[Path], count: int, rng: np.random.Generator
) -> np.ndarray:
    """Variants of one symbol after the fonts that have it, in turn.

    Returns:
        (count, 28, 28) uint8, 0 = paper, 255 = ink.

    Raises:
        UserError: none of the fonts has the symbol.
    """
    glyphs = [glyph for font in fonts if (glyph := trace_glyph(font, character)) is not None]
    if not glyphs:
        raise UserError(f"none of {len(fonts)} fonts has {character!r}; add fonts that do")
    images = [
        soften(render(vary(glyphs[i % len(glyphs)], rng), rng.uniform(*PEN)), rng)
        for i in range(count)
    ]
    return np.stack(images) if images else empty_split().images


def soften(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blur a little, as EMNIST is from its filtering; half of the images stay crisp."""
    sigma = rng.uniform(-0.6, 0.6)
    return cv2.GaussianBlur(image, (0, 0), sigma) if sigma > 0.2 else image


def load_symbols(
    counts: tuple[int, int, int] = (1200, 100, 100), seed: int = 0, folder: Path | None = None
) -> tuple[Split, Split, Split]:
    """Symbols for (train, validation, test), `counts` of each of `SYMBOLS`, by font."""
    parts = split_fonts(list_fonts(folder or data_dir() / "fonts"), seed)
    splits = []
    for number, (fonts, count) in enumerate(zip(parts, counts, strict=True)):
        rng = np.random.default_rng([seed, number])
        images = [draw_symbols(character, fonts, count, rng) for character in SYMBOLS]
        labels = np.repeat(np.arange(len(SYMBOLS)), count)
        splits.append(Split(np.concatenate(images), labels))
    return tuple(splits)
