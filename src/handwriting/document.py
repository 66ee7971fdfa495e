"""A document as read: what every output format is written from.

Boxes (x0, y0, x1, y1), polygons and baselines are in pixels of the picture as the user gave
it, turned upright as `images.load` turns it: x to the right, y down. Confidences are 0 … 1;
None and NaN both mean that none is known.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from handwriting import __version__

Point = tuple[float, float]
Box = tuple[float, float, float, float]

# Where a baseline is taken to lie when only a box is known: this share of its height down.
BASE_SHARE = 0.75
# Kinds of block that need no remark.
PLAIN_KINDS = ("text", "handwritten")


@dataclass(frozen=True)
class Character:
    """One code point of a word."""

    text: str
    box: Box
    confidence: float | None = None


@dataclass(frozen=True)
class Word:
    """What stands between spaces.

    Attributes:
        alternatives: other readings with their probabilities, the most probable first. An
            empty reading means that there is no word; one with a space, that there are two.
        characters: in order; may be left empty.
        baseline: where it begins and ends; empty = as the line's baseline says.
    """

    text: str
    box: Box
    confidence: float | None = None
    alternatives: tuple[tuple[str, float], ...] = ()
    characters: tuple[Character, ...] = ()
    baseline: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of writing.

    Attributes:
        confidence: expected share of its characters that are right.
        words: of `text`, in order; may be left empty (see `words_of`).
        polygon: outline; empty = the box.
        baseline: from the first to the last character; empty = see `baseline_of`.
    """

    text: str
    box: Box
    confidence: float | None = None
    words: tuple[Word, ...] = ()
    polygon: tuple[Point, ...] = ()
    baseline: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Block:
    """Lines that belong together, in reading order.

    Attributes:
        kind: `text`, `handwritten`, `printed`, `margin`, `heading`, or another word.
    """

    lines: tuple[Line, ...]
    box: Box
    kind: str = "text"

    @property
    def text(self) -> str:
        """Its lines, without those that read as nothing."""
        return "\n".join(line.text for line in self.lines if line.text.strip())


@dataclass(frozen=True)
class Page:
    """One picture.

    Attributes:
        width, height: of the upright picture in pixels.
        blocks: in reading order.
        file: as the user named it.
        number: of the page in the document, from 1.
        frame: which picture of a file that holds several, from 0.
        dpi: pixels to the inch, None = unknown.
        language: a code such as `fr`, "" = unknown.
        notes: what a reader should know, for example what was skipped.
    """

    width: int
    height: int
    blocks: tuple[Block, ...] = ()
    file: str = ""
    number: int = 1
    frame: int = 0
    dpi: float | None = None
    language: str = ""
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for block in self.blocks for line in block.lines)

    @property
    def text(self) -> str:
        """Blocks with an empty line between them."""
        return "\n\n".join(text for block in self.blocks if (text := block.text))


@dataclass(frozen=True)
class Document:
    """Pages in order, and what they were read with.

    Attributes:
        created: with a time zone.
        model, model_version: name and hash.
        title: "" = the name of the first file.

    Raises:
        ValueError: no pages, or a time without a zone.
    """

    pages: tuple[Page, ...]
    created: datetime
    model: str = ""
    model_version: str = ""
    software: str = "handwriting"
    software_version: str = __version__
    title: str = ""

    def __post_init__(self):
        if not self.pages:
            raise ValueError("a document needs a page")
        if self.created.tzinfo is None:
            raise ValueError("the time of creation needs a time zone")

    @property
    def name(self) -> str:
        """The title, or the first file's name without its ending."""
        return self.title or Path(self.pages[0].file).stem or "page"

    @property
    def language(self) -> str:
        """Of the first page that has one."""
        return next((page.language for page in self.pages if page.language), "")


def bounding_box(points: Iterable[Point]) -> Box:
    """The smallest box around points.

    >>> bounding_box([(3, 4), (1, 9)])
    (1.0, 4.0, 3.0, 9.0)
    """
    points = np.asarray(points if isinstance(points, np.ndarray) else list(points), np.float64)
    return (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())


def enclosing_box(boxes: Iterable[Box]) -> Box:
    """The smallest box around boxes.

    >>> enclosing_box([(3, 4, 5, 6), (1, 5, 4, 9)])
    (1.0, 4.0, 5.0, 9.0)
    """
    return bounding_box(corner for box in boxes for corner in (box[:2], box[2:]))


def mean_confidence(lines: Iterable[Line]) -> float | None:
    """Expected share of right characters: lines weigh by their length. None where unknown."""
    known = [(line.confidence, len(line.text)) for line in lines if line.text]
    known = [(share, n) for share, n in known if share is not None and not math.isnan(share)]
    total = sum(count for _, count in known)
    return sum(share * count for share, count in known) / total if total else None


def baseline_of(line: Line) -> tuple[Point, ...]:
    """At least two points: the line's own, else level within its box."""
    if len(line.baseline) > 1:
        return line.baseline
    x0, y0, x1, y1 = line.box
    base = y0 + BASE_SHARE * (y1 - y0)
    return (x0, base), (x1, base)


def words_of(line: Line) -> tuple[Word, ...]:
    """Its words without blank ones; of a line without any, `text` spread evenly over the box."""
    if line.words:
        return tuple(word for word in line.words if word.text.strip())
    x0, y0, x1, y1 = line.box
    step, words, start = (x1 - x0) / max(len(line.text), 1), [], 0
    for text in line.text.split():
        start = line.text.index(text, start)
        end = start + len(text)
        box = (x0 + start * step, y0, x0 + end * step, y1)
        words.append(Word(text, box, line.confidence))
        start = end
    return tuple(words)
