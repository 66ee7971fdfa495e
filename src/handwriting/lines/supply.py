"""The letters of one hand, cut out of its lines, and words written with them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.data import PAPER, Line
from handwriting.lines.decoding.alignment import align_all
from handwriting.lines.decoding.frames import log_probabilities
from handwriting.lines.slant import find_slope, ink_row, lean, row_shifts, upright

# Probability of a character that the network has to find: below it may read another, and the
# alignment be wrong.
SURE = 0.8
# Characters in a piece: the most that are looked for together is drawn for each piece.
FEWEST, MOST = 4, 6
THIN = 4  # rows of ink in a column that may be cut: a stroke of a line of 64 rows, not two
# Frames that characters lie behind where the recurrent network says them. Cut without it,
# lines composed from pages of copiste are read with 18.7 % of their characters wrong, with
# it 11.5 %; hooker's 30.9 and 24.5 %.
LATE = 1.0
_TRIES = 6  # places of a piece that are looked at before a shorter one is taken
_FAINT = 20  # grey levels below the paper that are no ink
_STROKE = 60  # and those that are surely a stroke
_SAMPLE = 8  # lines by which the slope of a hand is told
_UNSURE, _END = "\t", "\n"  # in no text, which has plain spaces only


class Found(NamedTuple):
    """Where a network finds the characters of a line.

    Attributes:
        columns: (L, 2) float, first and end of each, in columns of the stored line.
        sure: (L,) bool.
    """

    columns: np.ndarray
    sure: np.ndarray


def find_characters(
    lines: Sequence[Line], logits: Sequence[np.ndarray], charset: Charset
) -> list[Found]:
    """The most probable alignment of each line.

    Args:
        logits: (T, C + 1) of each line, the blank last, with enough frames for its text.
    """
    frames = [log_probabilities(own) for own in logits]
    texts = [np.asarray(charset.encode(line.text), np.int64) for line in lines]
    found = []
    for line, own, text, fired in zip(lines, frames, texts, align_all(frames, texts), strict=True):
        best = [
            own[start:end, index].max() for (start, end), index in zip(fired, text, strict=True)
        ]
        scale = line.image.shape[1] / len(own)
        found.append(Found((fired + LATE) * scale, np.array(best) >= np.log(SURE)))
    return found


class Supply:
    """What one hand can write with.

    Args:
        lines: of one page or one writer, with texts.
        found: of each, from `find_characters`.
    """

    def __init__(self, lines: Sequence[Line], found: Sequence[Found]):
        sample = [line.image for line in lines[:_SAMPLE]]
        # What a network sees in a column of the picture is a letter in that row of it.
        self._shifts = row_shifts(find_slope(sample), ink_row(sample))
        self._images = [line.image for line in lines]
        parted = [
            _part(line.image, own.columns, self._shifts)
            for line, own in zip(lines, found, strict=True)
        ]
        # One entry for each character and one for the end of each line, as in the text.
        self._cuts = np.concatenate([cuts for cuts, _ in parted])
        self._thin = np.concatenate([ink for _, ink in parted]) <= THIN
        self._lines = np.repeat(np.arange(len(lines)), [len(cuts) for cuts, _ in parted])
        self._text = "".join(
            "".join(np.where(own.sure, list(line.text), _UNSURE)) + _END
            for line, own in zip(lines, found, strict=True)
        )
        self._characters = set(self._text) - {_UNSURE, _END}

    def has(self, word: str) -> bool:
        """Whether all its characters are there somewhere."""
        return self._characters.issuperset(word)

    def write(self, text: str, rng: np.random.Generator) -> np.ndarray | None:
        """(64, W) uint8 of the text, or None where a piece of it can be cut out nowhere."""
        pieces, place = [], 0
        while place < len(text):
            most = min(int(rng.integers(FEWEST, MOST + 1)), len(text) - place)
            for length in range(most, 0, -1):
                at = self._find(text[place : place + length], rng)
                if at is not None:
                    break
            else:
                return None
            start, end = self._cuts[[at, at + length]]
            pieces.append(upright(self._images[self._lines[at]], self._shifts, start, end))
            place += length
        return lean(np.concatenate(pieces, axis=1), self._shifts) if pieces else None

    def _find(self, piece: str, rng: np.random.Generator) -> int | None:
        """A random place of it with thin strokes, or nothing, on either side."""
        at = int(rng.integers(len(self._text)))
        for _ in range(_TRIES):
            at = self._text.find(piece, at)
            if at < 0 and (at := self._text.find(piece)) < 0:
                return None
            if self._thin[at] and self._thin[at + len(piece)]:
                return at
            at += 1
        return None


def _part(
    image: np.ndarray, fired: np.ndarray, shifts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where the characters of the upright line part, and the rows of ink in those columns.

    Of each (L + 1,) int: before every character and behind the last. Between two of them it
    is the middle of the columns with the least ink; what is empty at the ends is left out.

    Args:
        fired: (L, 2) columns in which a network has seen each.
    """
    margin = int(np.abs(shifts).max())
    first, end = -margin, image.shape[1] + margin
    grey = upright(image, shifts, first, end).astype(int)
    ink = np.clip(PAPER - _FAINT - grey, 0, None).sum(axis=0)
    strokes = (grey < PAPER - _STROKE).sum(axis=0)
    written = np.flatnonzero(ink)
    if len(written):
        first, end = first + written[0], first + written[-1] + 1
    cuts = [first]
    for left, right in zip(fired[:-1, 1], fired[1:, 0], strict=True):
        left = max(int(left), cuts[-1] + 1) + margin
        between = ink[left : max(int(right) + margin, left) + 1]
        emptiest = np.flatnonzero(between == between.min()) if len(between) else [0]
        cuts.append(left + int(emptiest[len(emptiest) // 2]) - margin)
    cuts = np.array([*cuts, max(end, cuts[-1] + 1)])
    rows = np.append(0, strokes[(cuts[1:-1] + margin).clip(0, len(strokes) - 1)])
    return cuts, np.append(rows, 0)
