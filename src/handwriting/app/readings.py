"""What the application passes around: readings of characters and pages, with what was seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from handwriting.document import Document, Line, Page, words_of


@dataclass(frozen=True)
class CharacterReading:
    """One character and what the model made of it.

    Attributes:
        text, confidence: the most probable class.
        top: (text, probability), the most probable first.
        model, model_hash: which model read it.
        seen: (28, 28) uint8, 255 = ink, the input of the model.
        image: (H, W) uint8, 0 = ink, the picture it was made from, reduced.
    """

    text: str
    confidence: float
    top: tuple[tuple[str, float], ...]
    model: str
    model_hash: str
    seen: np.ndarray
    image: np.ndarray

    def as_json(self) -> dict:
        """As `predict.py --format json` prints it, without the file."""
        return {
            "text": self.text,
            "confidence": round(self.confidence, 6),
            "model": self.model,
            "top": [{"text": text, "probability": round(p, 6)} for text, p in self.top],
        }


@dataclass(frozen=True)
class PageReading:
    """One page as read.

    Attributes:
        picture: a JPEG of it, upright, in the folder of the reading.
        model, model_hash: which model read it.
    """

    page: Page
    picture: Path
    model: str
    model_hash: str


@dataclass(frozen=True)
class Change:
    """A line of which a person said what is written: page and line from 0, and the new text."""

    page: int
    line: int
    text: str


def corrected_line(line: Line, text: str) -> Line:
    """The line with another text, in the same place.

    Words keep their boxes where their number is the same; otherwise the line has none, and
    `words_of` spreads them over its box. What a person wrote has no confidence.
    """
    if text == line.text:
        return line
    words, new = words_of(line), text.split()
    if len(words) != len(new):
        return replace(line, text=text, confidence=None, words=())
    kept = tuple(
        word
        if word.text == t
        else replace(word, text=t, confidence=None, alternatives=(), characters=())
        for word, t in zip(words, new, strict=True)
    )
    return replace(line, text=text, confidence=None, words=kept)


def corrected_page(page: Page, texts: Sequence[str]) -> Page:
    """The page with these texts in the order of its lines."""
    texts = iter(texts)
    blocks = tuple(
        replace(block, lines=tuple(corrected_line(line, next(texts)) for line in block.lines))
        for block in page.blocks
    )
    return replace(page, blocks=blocks)


def corrected_document(document: Document, texts: Sequence[Sequence[str]]) -> Document:
    """The document with the texts of every page."""
    pages = zip(document.pages, texts, strict=True)
    return replace(document, pages=tuple(corrected_page(page, lines) for page, lines in pages))


def changes(document: Document, texts: Sequence[Sequence[str]]) -> list[Change]:
    """The lines whose text is another than was read."""
    return [
        Change(p, n, text)
        for p, page in enumerate(document.pages)
        for n, (line, text) in enumerate(zip(page.lines, texts[p], strict=True))
        if text != line.text
    ]
