"""One pass over a document, after which every writer finds what it needs."""

import math
from dataclasses import replace

from handwriting.document import Block, Character, Document, Line, Page, Word, baseline_of, words_of
from handwriting.export.values import legal, probability


def clean(document: Document) -> Document:
    """The same document with legal texts and known confidences, words and baselines.

    Texts have single lines and no white space at their ends, confidences are 0 … 1 or None,
    every line with a text has words, none of them blank, and every line has a baseline.
    A resolution that cannot be is unknown.
    """
    return replace(document, pages=tuple(_page(page) for page in document.pages))


def _page(page: Page) -> Page:
    blocks = tuple(_block(block) for block in page.blocks)
    notes = tuple(_text(note) for note in page.notes)
    known = page.dpi is not None and 0 < page.dpi < math.inf
    return replace(page, blocks=blocks, notes=notes, dpi=page.dpi if known else None)


def _block(block: Block) -> Block:
    return replace(block, lines=tuple(_line(line) for line in block.lines))


def _line(line: Line) -> Line:
    line = replace(
        line,
        text=_text(line.text),
        confidence=probability(line.confidence),
        words=tuple(_word(word) for word in line.words),
    )
    return replace(line, words=words_of(line), baseline=baseline_of(line))


def _word(word: Word) -> Word:
    return replace(
        word,
        text=_text(word.text),
        confidence=probability(word.confidence),
        alternatives=tuple((_text(text), probability(p) or 0.0) for text, p in word.alternatives),
        characters=tuple(_character(c) for c in word.characters if legal(c.text)),
    )


def _character(character: Character) -> Character:
    text, confidence = legal(character.text), probability(character.confidence)
    return replace(character, text=text, confidence=confidence)


def _text(text: str) -> str:
    return legal(text).strip()
