"""More lines from a few: cut at the spaces, and the words joined in other orders.

A recurrent network soon knows forty lines by heart. New sequences of the same words keep it
looking at the shapes. Where a space lies is known from the alignment of the text with the
base model's logits.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.data import PAPER, Line
from handwriting.lines.decoding import log_probabilities
from handwriting.lines.decoding.lattice import best_alignment

Piece = tuple[str, np.ndarray]
WIDTHS = (200, 1000)  # columns of a joined line at the height of stored lines
LONGEST_RUN = 3  # words that stay together
_FAINT = 20  # grey levels below the paper that are no ink


def cut_words(line: Line, logits: np.ndarray, charset: Charset) -> list[Piece]:
    """(word, (64, W) uint8) from left to right.

    Args:
        logits: (T, C + 1) of the line, T large enough for its text.
    """
    path = best_alignment(log_probabilities(logits), charset.encode(line.text))
    places = np.where(path % 2 == 1, path // 2, -1)
    ink = np.clip(PAPER - _FAINT - line.image.astype(int), 0, None).sum(axis=0)
    scale = line.image.shape[1] / len(logits)
    spaces = [place for place, character in enumerate(line.text) if character == " "]
    cuts = [_gap(ink, places, space, scale) for space in spaces]
    edges = pairwise([0, *np.maximum.accumulate(np.array(cuts, int)), line.image.shape[1]])
    words = zip(line.text.split(" "), edges, strict=True)
    return [(word, line.image[:, start:end]) for word, (start, end) in words if end > start]


def _gap(ink: np.ndarray, places: np.ndarray, space: int, scale: float) -> int:
    """The middle of the emptiest columns between the characters beside a space."""
    before, after = (np.flatnonzero(places == space + side) for side in (-1, 1))
    start, end = int((before[-1] + 1) * scale), int(after[0] * scale)
    if end <= start:
        start, end = int(before[-1] * scale), int((after[0] + 1) * scale)
    between = ink[start : end + 1]
    emptiest = np.flatnonzero(between == between.min())
    return start + int(emptiest[len(emptiest) // 2])


def join_words(
    pieces: Sequence[Sequence[Piece]], count: int, rng: np.random.Generator
) -> list[Line]:
    """`count` lines of runs of up to `LONGEST_RUN` words.

    Args:
        pieces: the words of each line.
    """
    return [_join(pieces, rng) for _ in range(count)]


def _join(pieces: Sequence[Sequence[Piece]], rng: np.random.Generator) -> Line:
    texts, images, wanted = [], [], rng.integers(*WIDTHS)
    while sum(image.shape[1] for image in images) < wanted:
        line = pieces[rng.integers(len(pieces))]
        start, length = int(rng.integers(len(line))), int(rng.integers(1, LONGEST_RUN + 1))
        for text, image in line[start : start + length]:
            texts.append(text)
            images.append(image)
    return Line(np.concatenate(images, axis=1), " ".join(texts))
