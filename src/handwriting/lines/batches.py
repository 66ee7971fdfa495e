"""Batches of lines: of like width, filled by columns instead of by count, reproducible."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from handwriting.lines.augment import NO_AUGMENTATION, LineAugmentation, line_views
from handwriting.lines.charset import Charset
from handwriting.lines.data import Line
from handwriting.lines.geometry import STRIDE, frame_count, padded_width

POOL = 4096  # lines sorted by width together: enough for little padding, few enough to vary


@dataclass(frozen=True)
class LineBatch:
    """What one training step takes.

    Attributes:
        images: (B, H, W, 1) float32, 1 = ink; padded on the right with paper.
        labels: (B, L) int32, padded with 0.
        label_lengths, frame_counts: (B,) int32, without padding.
    """

    images: np.ndarray
    labels: np.ndarray
    label_lengths: np.ndarray
    frame_counts: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


def required_frames(text: Sequence) -> int:
    """Frames that CTC needs at least: one a character and one between equal neighbours."""
    return len(text) + sum(a == b for a, b in pairwise(text))


def scaled_width(line: Line, height: int) -> int:
    return max(1, round(line.image.shape[1] * height / line.image.shape[0]))


def varied_widths(lines: Sequence[Line], height: int, stretch: float, rng) -> np.ndarray:
    """(N,) int, each line's width changed by up to `stretch`, never below what its text needs."""
    widths = np.array([scaled_width(line, height) for line in lines])
    factors = 1 + rng.uniform(-1, 1, len(lines)) * stretch
    needed = STRIDE * np.array([required_frames(line.text) for line in lines])
    return np.maximum(np.rint(widths * factors), np.minimum(needed, widths)).astype(int)


def usable_lines(lines: Sequence[Line], height: int, charset: Charset) -> list[Line]:
    """Those with text, all of it in the charset, and wide enough for it."""
    return [
        line
        for line in lines
        if line.text
        and not charset.missing(line.text)
        and frame_count(scaled_width(line, height)) >= required_frames(line.text)
    ]


def plan_batches(
    widths: np.ndarray, columns: int, rng: np.random.Generator | None, views: int = 1
) -> list[np.ndarray]:
    """Cut the indices of `widths` into batches of like width.

    How many lines a batch has depends on its padded width alone: an epoch then has some
    forty shapes instead of hundreds, and the processor's kernels, which are made anew for
    each shape, are made once.

    Args:
        widths: (N,) of the model's input.
        columns: at most so many in a batch, padding counted; a wider line comes alone.
        rng: shuffles lines and batches; None sorts all from narrow to wide.
        views: how often each line of a batch will be in it.
    """
    order = np.arange(len(widths)) if rng is None else rng.permutation(len(widths))
    pool = len(widths) if rng is None else POOL
    batches = []
    for start in range(0, len(order), max(1, pool)):
        rows = order[start : start + pool]
        rows = rows[np.argsort(-widths[rows], kind="stable")]
        batches += _cut(rows, widths, columns, views)
    if rng is None:
        return batches[::-1]
    return [batches[i] for i in rng.permutation(len(batches))]


def _cut(rows: np.ndarray, widths: np.ndarray, columns: int, views: int) -> list[np.ndarray]:
    """From the widest line on; only the narrowest batch is not full."""
    batches = []
    while len(rows):
        count = columns // padded_width(int(widths[rows[0]]))
        count = count - count % 4 if count > 4 else count
        count = max(1, count // views)
        batches.append(rows[:count])
        rows = rows[count:]
    return batches


def make_batch(
    lines: Sequence[Line],
    height: int,
    charset: Charset,
    augmentation: LineAugmentation,
    rng: np.random.Generator,
    widths: Sequence[int] | None = None,
    views: int = 1,
) -> LineBatch:
    """Vary each line, pad to the widest, encode the texts.

    Args:
        widths: of the varied lines, drawn beforehand; None keeps their proportions.
        views: of each line (`augment.line_views`): all lines once, then all again.
    """
    if widths is None:
        widths = [scaled_width(line, height) for line in lines]
    of_lines = [
        line_views(line.image, height, int(width), augmentation, rng, views)
        for line, width in zip(lines, widths, strict=True)
    ]
    pictures = [picture for view in zip(*of_lines, strict=True) for picture in view]
    codes = [charset.encode(line.text) for line in lines] * views
    labels = np.zeros((len(codes), max(map(len, codes))), np.int32)
    for row, code in zip(labels, codes, strict=True):
        row[: len(code)] = code
    return LineBatch(
        to_input(pictures),
        labels,
        np.array([len(code) for code in codes], np.int32),
        frame_count(np.tile(widths, views)).astype(np.int32),
    )


def to_input(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Pictures (H, W) uint8 ink, of any widths, to (B, H, W', 1) float32 in [0, 1]."""
    height = pictures[0].shape[0]
    width = padded_width(max(picture.shape[1] for picture in pictures))
    images = np.zeros((len(pictures), height, width, 1), np.float32)
    for image, picture in zip(images, pictures, strict=True):
        image[:, : picture.shape[1], 0] = picture
    images /= 255
    return images


def training_batches(
    lines: Sequence[Line],
    height: int,
    charset: Charset,
    columns: int,
    augmentation: LineAugmentation,
    seed: int,
    epoch: int,
    short_first: bool = False,
    views: int = 1,
) -> tuple[int, Iterator[LineBatch]]:
    """(count, batches) of one epoch, the same whenever they are asked for.

    Args:
        short_first: from narrow to wide instead of shuffled: on short lines CTC learns
            sooner where the characters are.
        views: of each line in its batch.
    """
    rng = np.random.default_rng([seed, epoch])
    widths = varied_widths(lines, height, augmentation.stretch, rng)
    plan = plan_batches(widths, columns, None if short_first else rng, views)

    def make(step: int) -> LineBatch:
        rows, own = plan[step], np.random.default_rng([seed, epoch, step])
        chosen = [lines[i] for i in rows]
        return make_batch(chosen, height, charset, augmentation, own, widths[rows], views)

    return len(plan), _prefetched(make, len(plan))


def _prefetched(make, count: int) -> Iterator[LineBatch]:
    # One thread prepares the next batch (OpenCV releases the GIL) while this one trains.
    with ThreadPoolExecutor(1) as pool:
        upcoming = pool.submit(make, 0)
        for step in range(count):
            current = upcoming
            if step + 1 < count:
                upcoming = pool.submit(make, step + 1)
            yield current.result()


def plain_batches(
    lines: Sequence[Line], height: int, charset: Charset, columns: int
) -> Iterator[tuple[np.ndarray, LineBatch]]:
    """(indices, batch) over all lines, unvaried, from narrow to wide: for validation."""
    widths = np.array([scaled_width(line, height) for line in lines])
    rng = np.random.default_rng(0)
    for rows in plan_batches(widths, columns, None):
        yield rows, make_batch([lines[i] for i in rows], height, charset, NO_AUGMENTATION, rng)
