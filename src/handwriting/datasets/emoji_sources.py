"""The drawings behind the emoji, each with the split it belongs to.

`emoji/strokes.ndjson` holds a few drawings of every word, `quickdraw/WORD.ndjson` are the
full files as downloaded, and `fonts/symbols/` pictures from emoji fonts.
"""

import csv
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from handwriting.datasets.emoji_classes import (
    ALWAYS_OUTLINED,
    EMOJI,
    MISLEADING,
    OUTLINED,
    TEST_FONT,
)
from handwriting.datasets.strokes import Drawing, make_drawing
from handwriting.datasets.trace import trace_lines, trace_outlines
from handwriting.errors import UserError

PARTS = ("train", "validation", "test")
# Of 25 drawings a class: 15, 5 and 5.
SHARES = (0.6, 0.2)
# The full Quick, Draw! files hold over 100,000 drawings a word: so many are enough.
LIMIT = 2000


@dataclass(frozen=True)
class Source:
    """One drawing and where it belongs.

    Attributes:
        drawing: its strokes.
        name: the Quick, Draw! key or the file name: what keeps the splits disjoint.
        label: index into the emoji of `EMOJI`.
        part: "train", "validation" or "test".
    """

    drawing: Drawing
    name: str
    label: int
    part: str


def drawing_files(root: Path) -> tuple[list[Path], Path | None]:
    """The Quick, Draw! files and the table of font drawings in a data folder.

    Raises:
        UserError: there are no drawings.
    """
    small, table = root / "emoji" / "strokes.ndjson", root / "fonts" / "symbols" / "symbols.csv"
    files = [small] if small.is_file() else []
    files += sorted((root / "quickdraw").glob("*.ndjson"))
    if not files:
        raise UserError(
            f"{small}: not found, nor {root / 'quickdraw'}; get the drawings with "
            "`python src/download.py quickdraw`, or set HANDWRITING_DATA"
        )
    return files, table if table.is_file() else None


def read_sources(root: Path, seed: int = 0) -> list[Source]:
    """All drawings of the emoji offered, divided by `seed`.

    Raises:
        UserError: there are no drawings, or none of some emoji.
    """
    files, table = drawing_files(root)
    sources = list(_quickdraw(files, seed))
    sources += _font_drawings(table) if table else []
    drawn = {source.label for source in sources if source.part == "train"}
    missing = [character for i, character in enumerate(EMOJI) if i not in drawn]
    if missing:
        raise UserError(f"{root}: no drawing of {' '.join(missing)}; see data/README.md")
    return sources


def _quickdraw(files: list[Path], seed: int) -> Iterator[Source]:
    labels = {word: i for i, emoji in enumerate(EMOJI.values()) for word in emoji.words}
    rows: dict[str, dict[str, list]] = {word: {} for word in labels}
    for file in files:
        for word, key, drawing in _read_ndjson(file):
            if word in rows:
                rows[word].setdefault(key, drawing)
    for word, drawn in rows.items():
        # By the word, not by its place: another list of classes divides it the same way.
        parts = divide(len(drawn), [seed, zlib.crc32(word.encode())])
        for (key, drawing), part in zip(drawn.items(), parts, strict=True):
            # A drawing of something else teaches the wrong thing, but stays to be judged on.
            if part != "train" or key not in MISLEADING:
                strokes = [np.array(stroke[:2], np.float32).T for stroke in drawing]
                yield Source(make_drawing(strokes), key, labels[word], part)


def _read_ndjson(file: Path) -> Iterator[tuple[str, str, list]]:
    # The small file holds all words, a full file one word.
    limit = None if file.parent.name == "emoji" else LIMIT
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(islice(lines, limit), 1):
            try:
                row = json.loads(line)
                yield row["word"], row["key_id"], row["drawing"]
            except (ValueError, KeyError, TypeError):
                raise UserError(f"{file}, line {number}: not a Quick, Draw! drawing") from None


def divide(count: int, seed) -> list[str]:
    """The split of each of `count` drawings.

    >>> parts = divide(25, seed=0)
    >>> [parts.count(part) for part in PARTS]
    [15, 5, 5]
    """
    train, validation = (round(share * count) for share in SHARES)
    parts = ["train"] * train + ["validation"] * validation
    parts += ["test"] * (count - len(parts))
    return [parts[i] for i in np.random.default_rng(seed).permutation(count)]


def _font_drawings(table: Path) -> Iterator[Source]:
    """Drawings of fonts: one font is kept from training, its drawings judge in turn."""
    labels = {emoji.symbol: i for i, emoji in enumerate(EMOJI.values()) if emoji.symbol}
    held_out = dict.fromkeys(labels.values(), 0)
    with table.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["name"] in labels]
    for row in rows:
        label, part = labels[row["name"]], "train"
        if row["source"].startswith(TEST_FONT):
            part = ("test", "validation")[held_out[label] % 2]
            held_out[label] += 1
        yield Source(_trace(table.with_name(row["file"]), row), row["file"], label, part)


def _trace(file: Path, row: dict[str, str]) -> Drawing:
    picture = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise UserError(f"{file}: cannot be read")
    filled = row["solid"] == "1" or row["name"] in ALWAYS_OUTLINED
    outlined = filled and row["name"] in OUTLINED
    return make_drawing((trace_outlines if outlined else trace_lines)(picture))
