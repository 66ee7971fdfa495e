"""Batches of corrections to learn, and of other lines that shall be read as before.

For the other lines the network is held to what the base gives, frame by frame (learning
without forgetting, Li and Hoiem, arXiv:1606.09282; on replayed examples Buzzega et al.,
arXiv:2004.07211). That says more of the base than a text does, and needs none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from handwriting.finetune.recipe import LineRecipe
from handwriting.finetune.replay import Replay, draw_replay
from handwriting.lines.augment import augment_line
from handwriting.lines.batches import plan_batches, to_input, usable_lines, varied_widths
from handwriting.lines.charset import Charset
from handwriting.lines.data import Line
from handwriting.lines.geometry import STRIDE, frame_count
from handwriting.lines.splicing import Piece, join_words

WIDTHS = (200, 1000)  # columns of a joined line at the height of stored lines


@dataclass
class Lesson:
    """What a network learns from.

    Attributes:
        lines: corrections to learn from.
        pieces: the words of those that could be cut.
        replay: other lines.
    """

    lines: Sequence[Line]
    pieces: Sequence[Sequence[Piece]] = ()
    replay: Sequence[Replay] = ()


@dataclass(frozen=True)
class LessonBatch:
    """What one step takes.

    Attributes:
        images: (B, H, W, 1) float32, 1 = ink.
        targets: `labels` (B, L) int32, `lengths` and `frames` (B,) int32, `own` (B,) float32,
            1 for corrections, and `taught` (B, W / 4, C + 1) float32, 0 for corrections and
            behind the end of a line.
        own: how many corrections.
    """

    images: np.ndarray
    targets: dict[str, np.ndarray]
    own: int


def lesson_batches(
    lesson: Lesson, height: int, charset: Charset, recipe: LineRecipe, seed: Sequence[int]
) -> Iterator[LessonBatch]:
    """One round: each correction, as many joined lines, and other lines for each of both."""
    rng = np.random.default_rng(seed)
    own = list(lesson.lines)
    if lesson.pieces:
        joined = [_joined(lesson.pieces, rng) for _ in range(round(recipe.joined * len(own)))]
        own += usable_lines(joined, height, charset)
    replay = draw_replay(lesson.replay, round(recipe.replay * len(own)), rng)
    lines: list[Line | Replay] = [*own, *replay]
    varied = varied_widths(own, height, recipe.augmentation.stretch, rng)
    widths = np.append(varied, [line.picture.shape[1] for line in replay]).astype(int)
    for rows in plan_batches(widths, recipe.batch_columns, rng):
        yield _make([lines[row] for row in rows], widths[rows], height, charset, recipe, rng)


def _joined(pieces: Sequence[Sequence[Piece]], rng: np.random.Generator) -> Line:
    text, image = join_words(pieces, rng.integers(*WIDTHS), rng)
    return Line(image, text)


def _make(lines, widths, height: int, charset: Charset, recipe, rng) -> LessonBatch:
    replayed = [isinstance(line, Replay) for line in lines]
    # What is replayed stays as the base saw it.
    pictures = [
        line.picture
        if other
        else augment_line(line.image, height, int(width), recipe.augmentation, rng)
        for line, width, other in zip(lines, widths, replayed, strict=True)
    ]
    images = to_input(pictures)
    # CTC wants a label of every line; that of other lines does not count.
    pairs = list(zip(lines, replayed, strict=True))
    codes = [[0] if other else charset.encode(line.text) for line, other in pairs]
    labels = np.zeros((len(lines), max(map(len, codes))), np.int32)
    taught = np.zeros((len(lines), images.shape[2] // STRIDE, len(charset) + 1), np.float32)
    for number, (code, (line, other)) in enumerate(zip(codes, pairs, strict=True)):
        labels[number, : len(code)] = code
        if other:
            taught[number, : len(line.taught)] = line.taught
    own = 1 - np.array(replayed, np.float32)
    targets = {
        "labels": labels,
        "lengths": np.array([len(code) for code in codes], np.int32),
        "frames": frame_count(widths).astype(np.int32),
        "own": own,
        "taught": taught,
    }
    return LessonBatch(images, targets, int(own.sum()))
