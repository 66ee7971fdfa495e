"""New lines from the words of real ones, so that a network learns words and not sentences.

A recurrent network with few lines to learn from comes to know their texts by heart; new
sequences of the same words keep it looking at the shapes, and what follows what the language
model knows better. Where a space lies is known from the alignment of the text with the logits
of a network that reads the lines already.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.data import PAPER, Line
from handwriting.lines.decoding.alignment import align_all
from handwriting.lines.decoding.frames import log_probabilities

# Text and (64, W) uint8 of a word, or of several where no cut was made.
Piece = tuple[str, np.ndarray]
LONGEST_RUN = 3  # pieces that stay together
# Probability of a space that training asks for; around it the alignment is then right, too.
SEEN = 0.5
FULL = 0.85  # of the width of a line: enough for the one in its place
_FAINT = 20  # grey levels below the paper that are no ink


def cut_words(
    lines: Sequence[Line], logits: Sequence[np.ndarray], charset: Charset, seen: float = 0.0
) -> list[list[Piece]]:
    """The words of each line from left to right.

    Args:
        lines: with texts that the charset writes.
        logits: (T, C + 1) of each line, the blank last, with enough frames for its text.
        seen: no cut where the network finds a space less probable than this: it may read
            something else there, and the alignment be wrong.
    """
    frames = [log_probabilities(own) for own in logits]
    texts = [np.asarray(charset.encode(line.text), np.int64) for line in lines]
    aligned = align_all(frames, texts)
    return [
        _cut(line, own, fired, charset, seen)
        for line, own, fired in zip(lines, frames, aligned, strict=True)
    ]


def _cut(
    line: Line, frames: np.ndarray, fired: np.ndarray, charset: Charset, seen: float
) -> list[Piece]:
    ink = np.clip(PAPER - _FAINT - line.image.astype(int), 0, None).sum(axis=0)
    scale = line.image.shape[1] / len(frames)
    places, columns = [-1], [0]
    for place, character in enumerate(line.text):
        if character != " " or not 0 < place < len(line.text) - 1:
            continue
        space = charset.encode(character)[0]
        if np.exp(frames[slice(*fired[place]), space].max()) >= seen:
            places.append(place)
            columns.append(max(columns[-1], _gap(ink, fired[place - 1 : place + 2], scale)))
    cuts = pairwise(zip([*places, len(line.text)], [*columns, line.image.shape[1]], strict=True))
    return [
        (line.text[place + 1 : next_place], line.image[:, start:end])
        for (place, start), (next_place, end) in cuts
        if end > start
    ]


def _gap(ink: np.ndarray, fired: np.ndarray, scale: float) -> int:
    """The middle of the emptiest columns between the characters beside a space.

    Args:
        fired: (3, 2), first frame and end of the character before, the space, and the one behind.
    """
    start, end = int(fired[0, 1] * scale), int(fired[2, 0] * scale)
    between = ink[start : end + 1]
    emptiest = np.flatnonzero(between == between.min())
    return start + int(emptiest[len(emptiest) // 2])


def join_words(donors: Sequence[Sequence[Piece]], width: float, rng: np.random.Generator) -> Piece:
    """Runs of up to `LONGEST_RUN` pieces from random lines, until they are `width` wide.

    Args:
        donors: the pieces of each line, at least one in each.
        width: in columns of stored lines.
    """
    texts, images, reached = [], [], 0
    while reached < width:
        pieces = donors[rng.integers(len(donors))]
        start, length = int(rng.integers(len(pieces))), int(rng.integers(1, LONGEST_RUN + 1))
        for text, image in pieces[start : start + length]:
            texts.append(text)
            images.append(image)
            reached += image.shape[1]
    return " ".join(texts), np.concatenate(images, axis=1)


class Splicer:
    """Puts lines together from the words of others on their page: one hand, ink and scale.

    Args:
        lines: real ones.
        pieces: of each, from `cut_words`.
    """

    def __init__(self, lines: Sequence[Line], pieces: Sequence[Sequence[Piece]]):
        self._pages: dict[tuple, list[Sequence[Piece]]] = defaultdict(list)
        for line, own in zip(lines, pieces, strict=True):
            if len(own) > 1:
                self._pages[page_of(line)].append(own)

    def splice(self, lines: Sequence[Line], share: float, rng: np.random.Generator) -> list[Line]:
        """The lines with a random `share` of them replaced by others of about their width.

        A line whose page has not two that can be cut stays as it is.
        """
        chosen = rng.random(len(lines)) < share
        return [
            self._replace(line, rng) if new else line
            for line, new in zip(lines, chosen, strict=True)
        ]

    def _replace(self, line: Line, rng: np.random.Generator) -> Line:
        donors = self._pages.get(page_of(line), ())
        if len(donors) < 2:
            return line
        text, image = join_words(donors, FULL * line.image.shape[1], rng)
        return replace(line, image=image, text=text)


def page_of(line: Line) -> tuple[str, str, str]:
    return line.source, line.writer, line.page
