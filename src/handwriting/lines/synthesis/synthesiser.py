"""Labelled lines without end: a text, a hand, a pen, a sheet of paper, a camera."""

import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from handwriting.lines.charset import DEFAULT_CHARSET, Charset
from handwriting.lines.data import Line, LineSplit
from handwriting.lines.synthesis.camera import take_picture
from handwriting.lines.synthesis.corpus import Corpus
from handwriting.lines.synthesis.cut import cut_line
from handwriting.lines.synthesis.draws import chance, pick
from handwriting.lines.synthesis.emnist_script import load_emnist_script
from handwriting.lines.synthesis.hands import Hands
from handwriting.lines.synthesis.paper import add_neighbours, make_paper, show_through
from handwriting.lines.synthesis.pen import draw_ink, underline
from handwriting.lines.synthesis.script import write
from handwriting.lines.synthesis.texts import TextSampler
from handwriting.lines.synthesis.textures import Textures
from handwriting.lines.synthesis.writing import Writing
from handwriting.paths import data_dir

SOURCE = "synthetic"
_EMNIST_SHARE = 0.06


class Synthesiser:
    """Makes lines that look like real ones after their preparation.

    Args:
        text_folder: see `Corpus`; default `text/` of the data folder.
        font_folder: see `Hands`; default `fonts/` of the data folder.
        emnist: also compose lines of EMNIST characters, where its files are there.
        charset: characters outside it never occur in a text.

    Raises:
        UserError: there is no text or no font.
    """

    def __init__(
        self,
        text_folder: Path | None = None,
        font_folder: Path | None = None,
        emnist: bool = True,
        charset: Charset = DEFAULT_CHARSET,
    ):
        self.hands = Hands(Path(font_folder or data_dir() / "fonts"))
        self._corpus = Corpus(Path(text_folder or data_dir() / "text"))
        self._characters = (self.hands.characters & frozenset(charset.characters)) | {" "}
        self.texts = TextSampler(self._corpus, self._characters)
        self._textures = Textures()
        self._emnist = load_emnist_script(data_dir()) if emnist else None

    def line(self, rng: np.random.Generator) -> Line:
        """A new line; the same state of the generator gives the same line."""
        if self._emnist and chance(rng, _EMNIST_SHARE):
            language = pick(rng, self._corpus.languages)
            text = self._emnist.text(rng, language, self._corpus)
            if text and set(text) <= self._characters:
                image = self._picture(self._emnist.write(text, rng), rng)
                return Line(image, text, SOURCE, language, "EMNIST")
        while True:
            text, language = self.texts.sample(rng)
            hand = self.hands.choose(text, rng)
            if hand:
                image = self._picture(write(text, hand, rng), rng)
                return Line(image, text, SOURCE, language, hand.name)

    def _picture(self, writing: Writing, rng: np.random.Generator) -> np.ndarray:
        """(64, W) uint8 of the writing with a pen, on paper, through a camera."""
        textures = self._textures
        ink, baseline, scale = cut_line(writing, textures, rng)
        stroke = writing.stroke * scale
        if chance(rng, 0.025):
            underline(ink, baseline, stroke, rng)
        cover, grey = draw_ink(ink, stroke, writing.small * scale, textures, rng)
        paper = make_paper(ink.shape[1], baseline, textures, rng)
        if chance(rng, 0.12):
            show_through(paper, cover, rng)
        if chance(rng, 0.2):
            cover = add_neighbours(cover, rng)
        return take_picture(paper - cover * (paper - grey), textures, rng)


def line_at(synthesiser: Synthesiser, seed: int, number: int) -> Line:
    """Line `number` of a seed: it depends on nothing else."""
    return synthesiser.line(np.random.default_rng([seed, number]))


def synthesise(
    count: int, seed: int, synthesiser: Synthesiser | None = None, start: int = 0
) -> LineSplit:
    """Lines `start` … `start + count - 1` of a seed, see `line_at`.

    Raises:
        UserError: there is no text or no font.
    """
    synthesiser = synthesiser or Synthesiser()
    quiet = not sys.stderr.isatty()
    numbers = tqdm(range(start, start + count), "synthetic lines", unit="line", disable=quiet)
    return LineSplit(tuple(line_at(synthesiser, seed, number) for number in numbers))
