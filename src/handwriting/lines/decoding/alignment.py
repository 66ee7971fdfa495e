"""Where in the line each character stands."""

from collections.abc import Sequence

import numpy as np

from handwriting.lines.decoding.frames import log_probabilities, portions, stack
from handwriting.lines.decoding.lattice import best_alignment, best_alignment_all, stack_texts

_SIDE_BY_SIDE = 32


def align(logits: np.ndarray, indices) -> np.ndarray:
    """First frame and end, exclusive, of each character in the most probable alignment.

    Args:
        logits: (T, C + 1), the blank last.
        indices: (L,) int, of the text.

    Returns:
        (L, 2) int64. Networks trained with CTC fire for a frame or two about the middle of a
        character and call the rest blank: for boxes see `extents`.

    Raises:
        ValueError: too few frames for the text, or an index that is no character.
    """
    frames = log_probabilities(logits)
    indices = np.asarray(indices, np.int64)
    if len(indices) and not 0 <= indices.min() <= indices.max() < frames.shape[1] - 1:
        raise ValueError(f"an index lies outside 0 … {frames.shape[1] - 2}")
    if not len(indices):
        return np.zeros((0, 2), np.int64)
    return spans(best_alignment(frames, indices), len(indices))


def align_all(frames: Sequence[np.ndarray], texts: Sequence[np.ndarray]) -> list[np.ndarray]:
    """`align` of many lines, side by side.

    Args:
        frames: (T, C + 1) log-probabilities of each, with enough frames for its text.
        texts: (L,) int64 indices of each.
    """
    found: list = [None] * len(frames)
    for places in portions(frames, _SIDE_BY_SIDE):
        stacked = stack_texts([texts[i] for i in places], frames[0].shape[1] - 1)
        paths = best_alignment_all(stack([frames[i] for i in places]), stacked).T
        for i, path in zip(places, paths, strict=True):
            found[i] = spans(path[: len(frames[i])], len(texts[i]))
    return found


def spans(path: np.ndarray, count: int) -> np.ndarray:
    """(L, 2) int64: first frame and end of each of `count` characters in an alignment.

    Args:
        path: (T,) int as from `lattice.best_alignment`.
    """
    states = 2 * np.arange(count) + 1
    return np.stack([path.searchsorted(states), path.searchsorted(states, side="right")], axis=1)


def extents(spans: np.ndarray, frame_count: int) -> np.ndarray:
    """Spans widened to the room that each character takes: neighbours meet in the middle.

    The outer sides of the first and the last character are as wide as half the median
    distance between characters, within the line.

    Args:
        spans: (L, 2) int, as from `align`.

    Returns:
        (L, 2) int64, without overlaps.
    """
    if not len(spans):
        return np.zeros((0, 2), np.int64)
    meeting = (spans[:-1, 1] + spans[1:, 0] + 1) // 2
    centres = spans.mean(axis=1)
    distance = np.median(np.diff(centres)) if len(spans) > 1 else 2 * np.ptp(spans)
    half = int(np.ceil(distance / 2))
    left = max(0, min(spans[0, 0], int(centres[0]) - half))
    right = min(frame_count, max(spans[-1, 1], int(np.ceil(centres[-1])) + half))
    return np.stack([np.append(left, meeting), np.append(meeting, right)], axis=1)
