"""Lines that are not the user's: to replay in training, to choose by, and the general test.

Where the data folder has collections, they come from those, else from lines that the package
draws itself. Only the lines that are used are decoded: all of them take half a minute.
"""

import io
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from handwriting import paths
from handwriting.errors import UserError
from handwriting.lines.batches import usable_lines
from handwriting.lines.charset import Charset
from handwriting.lines.collections import BASE
from handwriting.lines.data import Line
from handwriting.lines.generated import write_generated_lines
from handwriting.lines.readers import read_lines

TEST_LINES = 700  # the general test: with fewer, chance alone passes half a point
CHOICE_LINES = 700  # by which the strength of the change is chosen
REPLAY_LINES = 1750
DRAWN_LINES = 24  # of each collection, where there is no real one
SAMPLES = ("samples", "lines")


@dataclass(frozen=True)
class GeneralLines:
    """Disjoint.

    Attributes:
        test: the fixed general test, of validation splits.
        choice: of the same splits, to choose by.
        replay: training lines of the base.
        source: where they come from, in a few words.
    """

    test: tuple[Line, ...]
    choice: tuple[Line, ...]
    replay: tuple[Line, ...]
    source: str

    def within(self, charset: Charset, height: int) -> "GeneralLines":
        """To choose by and to replay, only what has a label in the charset; the test as it is."""
        choice, replay = (
            tuple(usable_lines(lines, height, charset)) for lines in (self.choice, self.replay)
        )
        return replace(self, choice=choice, replay=replay)


def load_general(without: str = "", seed: int = 0, test_lines: int = TEST_LINES) -> GeneralLines:
    """The general lines of the collections that are there.

    Args:
        without: names joined by +, the collections that corrections come from.
        seed: draws the lines to replay; the test and the lines to choose by are fixed.
    """
    folder = paths.data_dir() / "lines"
    names = [name for name in BASE if name not in without.split("+")]
    files = [file for name in names if (file := folder / f"{name}.parquet").is_file()]
    if files:
        return _general(files, seed, test_lines, "validation lines of the other collections")
    with tempfile.TemporaryDirectory() as scratch:
        write_generated_lines(Path(scratch), train=DRAWN_LINES, validation=DRAWN_LINES, test=0)
        files = [Path(scratch) / "lines" / f"{name}.parquet" for name in names]
        drawn = _general(files, seed, test_lines, "lines drawn by the package")
    return replace(drawn, test=drawn.test + _samples())


def _general(files: list[Path], seed: int, test_lines: int, source: str) -> GeneralLines:
    shares = [-(-count // len(files)) for count in (test_lines, CHOICE_LINES, REPLAY_LINES)]
    parts: tuple[list[Line], ...] = ([], [], [])
    for number, file in enumerate(files):
        rng = np.random.default_rng([seed, number])
        for part, lines in zip(parts, _sample(file, shares, rng), strict=True):
            part += lines
    return GeneralLines(*map(tuple, parts), source=source)


def _sample(file: Path, counts: list[int], rng: np.random.Generator) -> list[list[Line]]:
    """Lines for test, choice and replay.

    Raises:
        UserError: the file cannot be read.
    """
    import pandas as pd

    try:
        frame = pd.read_parquet(file)
        held = np.flatnonzero(frame["split"] == "validation")
        train = np.flatnonzero(frame["split"] == "train")
        # Every third of the held-out lines to choose by, the others to test.
        test = _evenly(np.delete(held, np.s_[::3]), counts[0])
        choice = _evenly(held[::3], counts[1])
        replay = rng.permutation(train)[: counts[2]]
        return [[_line(frame.iloc[row], file.stem) for row in p] for p in (test, choice, replay)]
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{file}: not a parquet file of lines ({error})") from None


def _evenly(rows: np.ndarray, count: int) -> np.ndarray:
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int))]


def _line(row, source: str) -> Line:
    with Image.open(io.BytesIO(row["image"])) as picture:
        image = np.asarray(picture.convert("L"))
    return Line(image, row["text"], source, row["language"], str(row["writer"]), str(row["page"]))


def _samples() -> tuple[Line, ...]:
    folder = paths.ROOT.joinpath(*SAMPLES)
    if not folder.is_dir():
        return ()
    return tuple(line for split in read_lines(folder).splits().values() for line in split)
