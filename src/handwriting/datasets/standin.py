"""A stand-in for the Kaggle set, where that cannot be had: same layout, other images.

Letters and digits are EMNIST ByMerge (its training file to `Train`, its test file to
`Validation`), `# $ & @` are drawn after handwriting fonts. What is awkward in the original
is here too: two sizes, two polarities, two file types, a second tree, broken files.
"""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from handwriting import paths
from handwriting.datasets.base import Split
from handwriting.datasets.emnist import load_emnist
from handwriting.datasets.kaggle import STANDIN
from handwriting.datasets.kaggle_tree import CLASSES, PARTS
from handwriting.datasets.symbols import SYMBOLS, draw_symbols, list_fonts, split_fonts
from handwriting.errors import UserError

MARK = (
    "STAND-IN, not the Kaggle data set vaibhao/handwritten-characters.\n"
    "Made from EMNIST ByMerge (NIST, public domain) and symbols drawn after handwriting fonts.\n"
)
SMALL_SHARE = 0.15  # of the images: 28 x 28 instead of 32 x 32
LIGHT_PAPER_SHARE = 0.4
PNG_SHARE = 0.3
DUPLICATED = 5  # images a class that stand again in `dataset/`


@dataclass(frozen=True)
class StandinSettings:
    """How large a stand-in to make.

    Attributes:
        train, validation: at most so many images a class.
        seed: of the draw, the symbols and the kind of each file.
        classes: the class folders to make.
    """

    train: int = 1500
    validation: int = 300
    seed: int = 0
    classes: tuple[str, ...] = field(default=CLASSES)


def make_standin(
    output: Path | None = None,
    settings: StandinSettings | None = None,
    data: Path | None = None,
) -> Path:
    """Write the stand-in tree; the same seed writes the same files.

    Args:
        output: the folder to make, else `data/kaggle-characters-standin/`; an earlier
            stand-in in it is replaced.
        data: the data folder with `emnist/` and `fonts/`, else the project's.

    Returns:
        The folder.

    Raises:
        UserError: EMNIST or the fonts are not there, or the folder holds something else.
    """
    settings = settings or StandinSettings()
    output = output or paths.ROOT / "data" / STANDIN
    train, test, classes = load_emnist("bymerge", data)
    fonts = split_fonts(list_fonts((data or paths.data_dir()) / "fonts"), settings.seed)
    _clear(output)
    (output / "STAND-IN.txt").write_text(MARK, encoding="utf-8")
    counts = (settings.train, settings.validation)
    for number, part in enumerate(PARTS):
        source = _PartSource((train, test)[number], classes, (fonts[0], fonts[2])[number])
        for label in tqdm(range(len(settings.classes)), desc=part, unit="class", disable=None):
            rng = np.random.default_rng([settings.seed, number, label])
            name = settings.classes[label]
            _write_class(output, part, name, source.images(name, counts[number], rng), rng)
    _write_broken(output / PARTS[0] / settings.classes[-1])
    return output


def _clear(output: Path) -> None:
    """Make the folder, without the images of an earlier stand-in among the new ones."""
    if output.is_dir() and any(output.iterdir()):
        if not (output / "STAND-IN.txt").is_file():
            raise UserError(f"{output}: not empty and no stand-in; choose another --output")
        for name in (*PARTS, "dataset"):
            shutil.rmtree(output / name, ignore_errors=True)
    output.mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True)
class _PartSource:
    """Where the images of one part come from."""

    emnist: Split
    classes: tuple[str, ...]
    fonts: list[Path]

    def images(self, name: str, count: int, rng: np.random.Generator) -> np.ndarray:
        if name in SYMBOLS:
            return draw_symbols(name, self.fonts, count, rng)
        members = np.flatnonzero(self.emnist.labels == self.classes.index(name))
        return self.emnist.images[rng.permutation(members)[:count]]


def _write_class(output: Path, part: str, name: str, images: np.ndarray, rng) -> None:
    folder = output / part / name
    again = output / "dataset" / part / name
    for place in (folder, again):
        place.mkdir(parents=True, exist_ok=True)
    for number, ink in enumerate(images):
        suffix = ".png" if rng.random() < PNG_SHARE else ".jpg"
        content = encode(_as_published(ink, rng), suffix)
        file = f"{number:05}{suffix}"
        (folder / file).write_bytes(content)
        if number < DUPLICATED:
            (again / file).write_bytes(content)


def _as_published(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One of the kinds of image: (32, 32) or (28, 28) uint8 of either polarity."""
    size = 28 if rng.random() < SMALL_SHARE else 32
    if size == 32:
        ink = cv2.resize(ink, (32, 32), interpolation=cv2.INTER_LINEAR)
    return 255 - ink if rng.random() < LIGHT_PAPER_SHARE else ink


def encode(grey: np.ndarray, suffix: str) -> bytes:
    """The bytes of an image file: `suffix` .png or .jpg (quality 95)."""
    options = [cv2.IMWRITE_JPEG_QUALITY, 95] if suffix == ".jpg" else []
    return cv2.imencode(suffix, grey, options)[1].tobytes()


def _write_broken(folder: Path) -> None:
    """A handful of files as one finds them: cut short, empty, something else inside."""
    blank, noise = np.full((32, 32), 255, np.uint8), np.arange(1024).astype(np.uint8)
    noise = noise.reshape(32, 32)
    contents = {
        "broken_truncated.jpg": encode(noise, ".jpg")[:-150],
        "broken_truncated.png": encode(noise, ".png")[:-60],
        "broken_empty.jpg": b"",
        "broken_text.png": b"<html>Not Found</html>\n",
        "broken_blank.png": encode(blank, ".png"),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
