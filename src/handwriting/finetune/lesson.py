"""Batches of corrections to learn, and of other lines that shall be read as before.

For the other lines the network is held to what the base gives, frame by frame (learning
without forgetting, Li and Hoiem, arXiv:1606.09282; on replayed examples Buzzega et al.,
arXiv:2004.07211). That says more of the base than a text does, and needs none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from handwriting.finetune.recipe import LineRecipe
from handwriting.finetune.words import Piece, join_words
from handwriting.lines.augment import NO_AUGMENTATION, augment_line
from handwriting.lines.batches import (
    plan_batches,
    scaled_width,
    to_input,
    usable_lines,
    varied_widths,
)
from handwriting.lines.charset import Charset
from handwriting.lines.data import Line
from handwriting.lines.geometry import STRIDE, frame_count


@dataclass
class Lesson:
    """What a network learns from and is checked by.

    Attributes:
        lines: corrections to learn from.
        pieces: the words of those that could be cut.
        replay: other lines.
        taught: (T, C + 1) float32, the base's probabilities for each of those.
        held_out: corrections to check by.
    """

    lines: Sequence[Line]
    pieces: Sequence[Sequence[Piece]] = ()
    replay: Sequence[Line] = ()
    taught: Sequence[np.ndarray] = ()
    held_out: Sequence[Line] = ()


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
        joined = join_words(lesson.pieces, round(recipe.joined * len(own)), rng)
        own += usable_lines(joined, height, charset)
    count = min(len(lesson.replay), round(recipe.replay * len(own)))
    replay = rng.choice(len(lesson.replay), count, replace=False)
    lines = own + [lesson.replay[row] for row in replay]
    taught = [None] * len(own) + [lesson.taught[row] for row in replay]
    widths = np.concatenate(
        [
            varied_widths(own, height, recipe.augmentation.stretch, rng),
            [scaled_width(line, height) for line in lines[len(own) :]],
        ]
    ).astype(int)
    for rows in plan_batches(widths, recipe.batch_columns, rng):
        chosen = [(lines[row], int(widths[row]), taught[row]) for row in rows]
        yield _make(chosen, height, charset, recipe, rng)


def _make(rows: list[tuple], height: int, charset: Charset, recipe, rng) -> LessonBatch:
    # Other lines stay as the base saw them.
    strengths = [recipe.augmentation if held is None else NO_AUGMENTATION for *_, held in rows]
    pictures = [
        augment_line(line.image, height, width, strength, rng)
        for (line, width, _), strength in zip(rows, strengths, strict=True)
    ]
    images = to_input(pictures)
    # CTC wants a label of every line; that of other lines does not count.
    codes = [charset.encode(line.text) if held is None else [0] for line, _, held in rows]
    labels = np.zeros((len(rows), max(map(len, codes))), np.int32)
    taught = np.zeros((len(rows), images.shape[2] // STRIDE, len(charset) + 1), np.float32)
    for number, (code, (_, _, held)) in enumerate(zip(codes, rows, strict=True)):
        labels[number, : len(code)] = code
        if held is not None:
            taught[number, : len(held)] = held
    own = np.array([held is None for *_, held in rows], np.float32)
    targets = {
        "labels": labels,
        "lengths": np.array([len(code) for code in codes], np.int32),
        "frames": frame_count(np.array([width for _, width, _ in rows])).astype(np.int32),
        "own": own,
        "taught": taught,
    }
    return LessonBatch(images, targets, int(own.sum()))
