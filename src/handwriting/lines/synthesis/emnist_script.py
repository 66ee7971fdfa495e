"""Words set from EMNIST's single characters: real pen strokes of hundreds of writers."""

from pathlib import Path

import cv2
import numpy as np

from handwriting.datasets.cache import cached_arrays, fingerprint
from handwriting.datasets.emnist import DIGITS, LOWER_DISTINCT, SPLITS, UPPER, upright
from handwriting.datasets.idx import find_idx
from handwriting.datasets.mnist import read_pair
from handwriting.lines.synthesis.corpus import Corpus
from handwriting.lines.synthesis.draws import around, between, pick
from handwriting.lines.synthesis.notation import notation
from handwriting.lines.synthesis.writing import Writing, place, stroke_width

_STEM = "emnist-balanced-train"
_PER_CLASS = 250  # of 2,400: variety enough, and small in memory
_HEIGHT = 40  # of a capital, pixels
_LOW = 0.62  # height of a small letter without ascender, share of a capital
_MARKS = ".-/,"


class EmnistScript:
    """Composes lines of digits, capitals and the eleven small letters with their own class.

    The other small letters share a class with their capital (see `datasets.emnist`), so that
    their case is unknown: they are not used.

    Args:
        glyphs: by character, the cropped drawings, (h, w) uint8 with 255 = ink.
    """

    def __init__(self, glyphs: dict[str, list[np.ndarray]]):
        self._glyphs = {character: found for character, found in glyphs.items() if found}
        self._capitals = set(UPPER) & self._glyphs.keys()
        self._small = set(LOWER_DISTINCT) & self._glyphs.keys()

    def text(self, rng: np.random.Generator, language: str, corpus: Corpus) -> str:
        """Something that these characters can write; "" if nothing was found."""
        kind = rng.random()
        if kind < 0.35:
            item = notation(rng, language, corpus)
            return item if set(item) <= self._glyphs.keys() | set(_MARKS) | {" "} else ""
        words = corpus.words(rng, language, 300)
        if kind < 0.7:
            words = [word.upper() for word in words]
            able = [word for word in words if set(word) <= self._capitals]
        else:
            able = [w for w in words if set(w[1:]) <= self._small and self._known(w[0])]
            able = [word for word in able if len(word) > 1]
        start = between(rng, 0, max(len(able) - 1, 0))
        return " ".join(able[start : start + between(rng, 1, 5)])

    def _known(self, character: str) -> bool:
        return character in self._capitals or character in self._small

    def write(self, text: str, rng: np.random.Generator) -> Writing:
        """Ink of a text made by `text`."""
        gap, unrest = around(rng, 5, 0.4, 2, 12), around(rng, 1, 0.4, 0.4, 2)
        baseline = 2 * _HEIGHT
        canvas = np.zeros((3 * _HEIGHT, 30 + 2 * _HEIGHT * len(text)), np.uint8)
        pen = 15.0
        for character in text:
            if character == " ":
                pen += _HEIGHT * rng.uniform(0.5, 0.8)
                continue
            glyph, depth = self._draw(character, unrest, rng)
            lift = round(unrest * rng.normal(0, 1))
            place(canvas, glyph, round(pen), baseline + depth - len(glyph) - lift)
            pen += glyph.shape[1] + gap * np.exp(0.3 * rng.standard_normal())
        ink = np.ascontiguousarray(canvas[:, : int(pen) + 15])
        # Each glyph is by another pen: the thinner ones decide, lest they be thinned away.
        stroke = 0.7 * stroke_width(ink)
        measures = (_HEIGHT, 0.35 * _HEIGHT, _LOW * _HEIGHT, stroke)
        return Writing(ink, baseline, *measures, len(text))

    def _draw(self, character: str, unrest: float, rng) -> tuple[np.ndarray, int]:
        """A drawing at its size, and how far it reaches below the baseline."""
        if character in _MARKS:
            return _mark(character)
        glyph = pick(rng, self._glyphs[character])
        height, depth = _HEIGHT, 0.0
        if character in "aenr":
            height = _LOW * _HEIGHT
        elif character in "gq":
            depth = 0.38 * _HEIGHT
            height = _LOW * _HEIGHT + depth
        height *= np.exp(0.05 * unrest * rng.standard_normal())
        width = glyph.shape[1] * height / glyph.shape[0]
        size = (max(round(min(width, 1.3 * _HEIGHT)), 3), max(round(height), 3))
        return cv2.resize(glyph, size, interpolation=cv2.INTER_CUBIC), round(depth)


def _mark(character: str) -> tuple[np.ndarray, int]:
    """Dot, dash, slash or comma, with its depth below the baseline."""
    height, width, depth, line = {
        ".": (5, 6, 0, ((2, 2), (3, 2))),
        "-": (19, 18, 0, ((2, 2), (15, 2))),
        "/": (46, 22, 4, ((2, 43), (19, 2))),
        ",": (13, 8, 8, ((5, 2), (2, 10))),
    }[character]
    drawing = np.zeros((height, width), np.uint8)
    cv2.line(drawing, *line, 255, 4, cv2.LINE_AA)
    return drawing, depth


def emnist_images(data_folder: Path) -> Path | None:
    """The training images of EMNIST Balanced, if they are there with their labels."""
    folder = data_folder / "emnist" / "gzip"
    files = [find_idx(folder, f"{_STEM}-{part}-ubyte") for part in ("images-idx3", "labels-idx1")]
    return files[0] if all(file.is_file() for file in files) else None


def load_emnist_script(data_folder: Path) -> EmnistScript | None:
    """From the training images of EMNIST Balanced; None where the files are absent."""
    images = emnist_images(data_folder)
    if images is None:
        return None
    key = fingerprint(_PER_CLASS, images.stat().st_size)
    stored = cached_arrays("emnist-glyphs", key, lambda: _sample(images.parent))
    classes = SPLITS["balanced"]
    glyphs: dict[str, list[np.ndarray]] = {character: [] for character in classes}
    for image, label in zip(stored["images"], stored["labels"], strict=True):
        glyph = _crop(image)
        if _is_plain(glyph, classes[label]):
            glyphs[classes[label]].append(glyph)
    return EmnistScript(glyphs)


def _sample(folder: Path) -> dict[str, np.ndarray]:
    data = read_pair(folder, f"{_STEM}-images-idx3-ubyte", f"{_STEM}-labels-idx1-ubyte", "")
    chosen = [np.flatnonzero(data.labels == label)[:_PER_CLASS] for label in range(47)]
    index = np.sort(np.concatenate(chosen))
    return {"images": upright(data.images[index]), "labels": data.labels[index]}


def _crop(image: np.ndarray) -> np.ndarray:
    rows, columns = (np.flatnonzero(image.max(axis=axis) > 60) for axis in (1, 0))
    if not len(rows):
        return image
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _is_plain(glyph: np.ndarray, character: str) -> bool:
    """Whether a drawing of a class with merged case can pass for a digit or capital."""
    if character == "L":  # EMNIST files a plain l here, upright or slanted: it has no foot
        foot = np.flatnonzero(glyph[-len(glyph) // 4 :].max(axis=0) > 60)
        return foot[-1] - foot[0] > 0.5 * len(glyph)
    if character in "IJ":  # a dotted i or j
        return bool((glyph.max(axis=1) > 60).all())
    return character in DIGITS + UPPER + LOWER_DISTINCT
