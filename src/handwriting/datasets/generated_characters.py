"""Letters, symbols and emoji drawn by a program, in the files of EMNIST, Kaggle and Quick, Draw!

For tests and trials without a download. Letters are traced after one of matplotlib's fonts and
varied as a hand would; each emoji is a drawing of a few random strokes. Scores on them say
that the code runs, nothing more.
"""

import csv
import json
import shutil
import zlib
from pathlib import Path

import cv2
import numpy as np

from handwriting.datasets.base import Split
from handwriting.datasets.emnist import SPLITS, upright
from handwriting.datasets.emoji_classes import EMOJI
from handwriting.datasets.generated import PEN
from handwriting.datasets.idx import write_idx
from handwriting.datasets.kaggle import STANDIN
from handwriting.datasets.standin import StandinSettings, make_standin
from handwriting.datasets.strokes import render, vary
from handwriting.datasets.symbols import trace_glyph

EMNIST_SPLITS = ("balanced", "bymerge")
LETTERS_FONT = "DejaVuSans.ttf"
# Come with matplotlib and have `# $ & @`; of fewer than six, none would be left for test.
FONTS = (
    LETTERS_FONT,
    "DejaVuSans-Bold.ttf",
    "DejaVuSans-Oblique.ttf",
    "DejaVuSansMono.ttf",
    "DejaVuSerif.ttf",
    "DejaVuSerif-Italic.ttf",
)
SYMBOL_SOURCES = ("Noto Emoji", "OpenMoji", "DejaVu Sans", "DejaVu Sans 2")


def write_generated_characters(folder: Path, train: int = 24, test: int = 6, seed: int = 0) -> None:
    """Write `emnist/`, `emoji/`, `fonts/` and a small stand-in for the Kaggle set into `folder`.

    Args:
        folder: a data folder, to be named in `HANDWRITING_DATA`. Never one with real data:
            files of the same names are overwritten.
        train, test: images of each class.
    """
    folder = Path(folder)
    _write_fonts(folder / "fonts")
    for number, name in enumerate(EMNIST_SPLITS):
        for part, count in (("train", train), ("test", test)):
            split = _letters(SPLITS[name], count, [seed, number, len(part)])
            stem = folder / "emnist" / "gzip" / f"emnist-{name}-{part}"
            # Turning an image upright twice gives it back: that is how NIST ships them.
            write_idx(Path(f"{stem}-images-idx3-ubyte.gz"), upright(split.images))
            write_idx(Path(f"{stem}-labels-idx1-ubyte.gz"), split.labels.astype(np.uint8))
    _write_drawings(folder / "emoji", seed)
    _write_symbols(folder / "fonts" / "symbols", seed)
    make_standin(folder / STANDIN, StandinSettings(train // 2, test // 2, seed), folder)


def _letters(classes: tuple[str, ...], count: int, seed) -> Split:
    """`count` images of each class in random order."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(len(classes)), count))
    glyphs = [trace_glyph(_font_file(LETTERS_FONT), text) for text in classes]
    images = [render(vary(glyphs[label], rng), rng.uniform(*PEN)) for label in labels]
    return Split(np.array(images), labels)


def _font_file(name: str) -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name


def _write_fonts(folder: Path) -> None:
    """Copy `FONTS`, and name them in `fonts.csv` beside those that stand there already."""
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "fonts.csv"
    rows = {}
    if table.is_file():
        with table.open(encoding="utf-8", newline="") as lines:
            rows = {row["file"]: row for row in csv.DictReader(lines)}
    for name in FONTS:
        shutil.copy(_font_file(name), folder)
        rows.setdefault(name, {"file": name, "family": Path(name).stem, "style": "print"})
    with table.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, ("file", "family", "style"), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows.values())


def _write_drawings(folder: Path, seed: int, count: int = 10) -> None:
    """`strokes.ndjson` with `count` drawings of each word: its random strokes, a little moved."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "strokes.ndjson").open("w", encoding="utf-8") as file:
        for word in (word for emoji in EMOJI.values() for word in emoji.words):
            rng = np.random.default_rng([seed, zlib.crc32(word.encode())])
            shape = rng.integers(0, 256, (3, 2, 4))
            for number in range(count):
                strokes = (shape + rng.integers(-12, 13, shape.shape)).clip(0, 255).tolist()
                row = {"word": word, "key_id": f"{word}-{number}", "drawing": strokes}
                file.write(json.dumps(row) + "\n")


def _write_symbols(folder: Path, seed: int) -> None:
    """Pictures for the emoji that have symbols alone: circles of different widths."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    with (folder / "symbols.csv").open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(("file", "name", "source", "solid"))
        for symbol in (emoji.symbol for emoji in EMOJI.values() if not emoji.words):
            axes = rng.integers(12, 52, 2).tolist()
            for number, source in enumerate(SYMBOL_SOURCES):
                picture = np.full((128, 128), 255, np.uint8)
                cv2.ellipse(picture, (64, 64), axes, 10 * number, 0, 300, 0, 4)
                name = f"{symbol}_{number}.png"
                cv2.imwrite(str(folder / name), picture)
                table.writerow((name, symbol, source, 0))
