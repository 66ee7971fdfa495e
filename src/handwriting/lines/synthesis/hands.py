"""Fonts as hands: which characters each can draw, how large, and whether it joins letters."""

import csv
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from fontTools.ttLib import TTFont, TTLibError
from PIL import Image, ImageDraw, ImageFont, features

from handwriting.errors import UserError
from handwriting.lines.synthesis.writing import stroke_width

SIZE = 56  # pixels from the top of an l to the foot of a p, near that of the finished line

_CAPITALS = re.compile(r"[A-ZÀ-ÖØ-ÞŒŸ]{2}")
# Characters that a font draws as another one: a label with them would be false.
_MISDRAWN = {
    "herr-von-muellerhoff": "\\",
    "just-me-again-down-here": "\\|",
    "kolker-brush": "<",
    "mr-de-haviland": "~",
    "shadows-into-light": "ß|",
    "sue-ellen-francisco": "|",
    "swanky-and-moo-moo": "|",
}
_MORE_ORNATE = 0.25  # share of texts set aside for cursive hands, which capitals leave out
_LAYOUT = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC


@dataclass(frozen=True)
class Glyph:
    """One drawn letter: ink (h, w) uint8, its place by the pen position, and the advance."""

    ink: np.ndarray
    left: int
    top: int
    advance: float


class Hand:
    """One font.

    Args:
        file: a TrueType font.
        name: the writer of its lines.
        characters: what it has glyphs for.
        ornate: its capitals are meant to stand alone, at the head of a word.
    """

    def __init__(self, file: Path, name: str, characters: frozenset[str], ornate: bool = False):
        self.name = name
        self.characters = characters
        self.ornate = ornate
        self._file = file
        self._glyphs: dict[str, Glyph] = {}

    @cached_property
    def _measures(self) -> tuple[int, float, float, float]:
        """Font size, and the usual ascent, descent and height of small letters at it."""
        trial = _open(self._file, 100)
        tops = [-trial.getbbox(c, anchor="ls")[1] for c in self._known("bdhkl", "HXx1")]
        small = [-trial.getbbox(c, anchor="ls")[1] for c in self._known("nuaex", "")]
        feet = [trial.getbbox(c, anchor="ls")[3] for c in self._known("gpqy", "")]
        ascent = float(np.median(tops)) if tops else 70.0
        descent = max(float(np.median(feet)) if feet else 0.0, 0.25 * ascent)
        middle = float(np.median(small)) if small else 0.6 * ascent
        scale = SIZE / max(ascent + descent, 1)
        return max(round(100 * scale), 4), ascent * scale, descent * scale, middle * scale

    def _known(self, letters: str, instead: str) -> list[str]:
        return [c for c in letters if c in self.characters] or [
            c for c in instead if c in self.characters
        ]

    @property
    def ascent(self) -> float:
        return self._measures[1]

    @property
    def descent(self) -> float:
        return self._measures[2]

    @property
    def small(self) -> float:
        return self._measures[3]

    @cached_property
    def font(self) -> ImageFont.FreeTypeFont:
        return _open(self._file, self._measures[0])

    @cached_property
    def stroke(self) -> float:
        """Width of its strokes, pixels."""
        letters = "".join(self._known("nomeadl", "HX1")) or next(iter(self.characters))
        return stroke_width(self._sample(letters))

    @cached_property
    def joined(self) -> bool:
        """Whether neighbouring small letters touch."""
        letters = "nununmun"
        if not set(letters) <= self.characters:
            return False
        pieces = cv2.connectedComponents((self._sample(letters) > 60).astype(np.uint8))[0] - 1
        return pieces <= len(letters) // 2

    def _sample(self, letters: str) -> np.ndarray:
        left, top, right, bottom = self.font.getbbox(letters, anchor="ls")
        image = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4))
        ImageDraw.Draw(image).text((2 - left, 2 - top), letters, 255, self.font, "ls")
        return np.asarray(image)

    def glyph(self, character: str) -> Glyph:
        """The drawing of one character; kept, since text repeats itself."""
        if character not in self._glyphs:
            left, top, right, bottom = self.font.getbbox(character, anchor="ls")
            left, top = int(np.floor(left)) - 1, int(np.floor(top)) - 1
            size = (max(int(right) + 2 - left, 1), max(int(bottom) + 2 - top, 1))
            image = Image.new("L", size)
            ImageDraw.Draw(image).text((-left, -top), character, 255, self.font, "ls")
            advance = self.font.getlength(character)
            self._glyphs[character] = Glyph(np.array(image), left, top, advance)
        return self._glyphs[character]


def _open(file: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(file), size, layout_engine=_LAYOUT)


class Hands:
    """All fonts of a folder.

    Args:
        folder: `*.ttf`, and maybe a `fonts.csv` with the columns file, family and style.

    Raises:
        UserError: there is no font, or one cannot be read.
    """

    def __init__(self, folder: Path):
        table = _table(folder / "fonts.csv")
        self.all = tuple(
            Hand(file, *_facts(file, _coverage(file), table))
            for file in sorted(folder.glob("*.ttf"))
        )
        if not self.all:
            raise UserError(f"{folder}: holds no *.ttf; put fonts there, or set HANDWRITING_DATA")
        coverages = [hand.characters for hand in self.all]
        self.characters = frozenset().union(*coverages)
        self._common = coverages[0].intersection(*coverages)

    def choose(self, text: str, rng: np.random.Generator) -> Hand | None:
        """One of the hands that have every character of the text; None where none has.

        Words in capitals go to hands with plain ones, as far as there are such.
        """
        needed = set(text) - self._common
        able = [hand for hand in self.all if needed <= hand.characters]
        if _CAPITALS.search(text):
            able = [hand for hand in able if not hand.ornate] or able
        elif rng.random() < _MORE_ORNATE:
            able = [hand for hand in able if hand.ornate] or able
        return able[int(rng.integers(len(able)))] if able else None


def _coverage(file: Path) -> frozenset[str]:
    try:
        with TTFont(file, lazy=True) as font:
            drawn = frozenset(map(chr, font.getBestCmap() or ()))
    except (OSError, TTLibError) as error:
        raise UserError(f"{file}: not a readable font ({error}); remove or replace it") from None
    return drawn - frozenset(_MISDRAWN.get(file.stem, ""))


def _table(file: Path) -> dict[str, dict[str, str]]:
    if not file.is_file():
        return {}
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["file"]: row for row in csv.DictReader(lines)}


def _facts(file: Path, characters: frozenset[str], table) -> tuple[str, frozenset[str], bool]:
    row = table.get(file.name, {"family": file.stem, "style": ""})
    return row["family"].strip(), characters, row["style"] == "cursive"
