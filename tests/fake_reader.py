"""A line recogniser that reads without a network, for tests of what stands around it."""

import os
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pypdfium2
from drawn_lines import draw_page
from PIL import Image

from handwriting.lines.charset import Charset
from handwriting.lines.decoding import Character, Decoded, Word
from handwriting.lines.geometry import frame_count
from handwriting.lines.recognizer import LineRecognizer
from handwriting.pages.outcome import Outcome

WORDS = ("salt", "wind", "tide")


class FakeRecognizer:
    """Finds the same words in every line, side by side over its whole length."""

    height = 40
    charset = Charset(" abc")
    card = SimpleNamespace(name="lines")

    word_boxes = LineRecognizer.word_boxes

    def __init__(self):
        self.calls = []

    def to_input(self, line: np.ndarray) -> np.ndarray:
        return line[:40]

    def logits(self, pictures) -> list[np.ndarray]:
        return [np.zeros((frame_count(p.shape[1]), 5), np.float32) for p in pictures]

    def read(self, pictures) -> list[Decoded]:
        self.calls.append(len(pictures))
        return [self._decoded(frame_count(round(p.shape[1] * 40 / 64))) for p in pictures]

    def _decoded(self, frames: int) -> Decoded:
        text = " ".join(WORDS)
        edges = np.linspace(0, frames, len(text) + 1).round().astype(int).tolist()
        characters = [
            Character(c, 0.9, *ends) for c, ends in zip(text, pairwise(edges), strict=True)
        ]
        words, start = [], 0
        for word in WORDS:
            end = start + len(word)
            words.append(Word(word, 0.8, edges[start], edges[end], ((f"{word}s", 0.1),)))
            start = end + 1
        return Decoded(text, 0.9, tuple(characters), tuple(words))


def drawn_page(lines: int = 4) -> np.ndarray:
    """(H, W) uint8, a page of that many lines."""
    texts = ("Bring a folded map along", "the ferry is late tonight", "Low tide by eight or so")
    return draw_page([texts[i % 3] for i in range(lines)])[0]


def save_tiff(path: Path, pictures) -> Path:
    first, *rest = (Image.fromarray(picture) for picture in pictures)
    first.save(path, save_all=True, append_images=rest, dpi=(150, 150))
    return path


def save_pdf(path: Path, pictures, dpi: float = 100) -> Path:
    """A PDF with a picture to a page."""
    first, *rest = (Image.fromarray(picture) for picture in pictures)
    first.save(path, save_all=True, append_images=rest, resolution=dpi)
    return path


def empty_pdf(path: Path) -> Path:
    """A PDF without a page."""
    pypdfium2.PdfDocument.new().save(path)
    return path


def answer_until_dead(pipe, settings) -> None:
    """As a process of `pages.workers` does, which ends at the file that the model is named for."""
    while True:
        for task in pipe.recv():
            if task.file == settings.model:
                os._exit(9)
            pipe.send(Outcome(task.file))
