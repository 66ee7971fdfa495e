"""The alignments of texts with their frames: all of them summed, or the best one.

States are the characters of a text with a blank before, between and behind: 2 L + 1. From
frame to frame a path stays, goes one state on, or skips a blank between two different
characters (Graves et al., "Connectionist temporal classification", ICML 2006).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from handwriting.lines.decoding.frames import stack

_TINY = np.finfo(np.float64).tiny


class Lattice(NamedTuple):
    """Sums over paths of B lines at once, each frame's divided by their total.

    For a single line, all are without the axis of B.

    Attributes:
        emitted: (T, B, 2 L + 1), probability of each state's character or blank.
        forward: (T, B, 2 L + 1), of paths from the beginning to a state, its frame included.
        backward: (T, B, 2 L + 1), of paths from a state to the end, its frame included.
        log_forward, log_backward: (T, B), natural logarithms of the totals.
        log_probability: (B,), log p(text | image), over all alignments.
    """

    emitted: np.ndarray
    forward: np.ndarray
    backward: np.ndarray
    log_forward: np.ndarray
    log_backward: np.ndarray
    log_probability: np.ndarray

    def occupation(self) -> np.ndarray:
        """(T, B, L): probability that an alignment of a text is in a character at a frame."""
        emitted = np.maximum(self.emitted[..., 1::2], _TINY)  # never 0 where a path is
        both = np.exp(self.log_forward + self.log_backward - self.log_probability)
        return self.forward[..., 1::2] / emitted * self.backward[..., 1::2] * both[..., None]


def stack_texts(texts: Sequence[np.ndarray], characters: int) -> np.ndarray:
    """(B, L) int64 indices of texts (L,), the shorter ones filled up with `characters` + 1.

    That is the column of `frames.stack` for what is impossible.
    """
    stacked = np.full((len(texts), max(map(len, texts))), characters + 1)
    for row, text in zip(stacked, texts, strict=True):
        row[: len(text)] = text
    return stacked


def sum_alignments(frames: np.ndarray, indices: np.ndarray) -> Lattice:
    """Forward and backward sums of one text.

    Args:
        frames: (T, C + 1) log-probabilities, the blank last, T at least 1.
        indices: (L,) int.

    Raises:
        ValueError: too few frames for the text.
    """
    check_length(frames, indices)
    texts = stack_texts([indices], frames.shape[1] - 1)
    *sums, log_probability = sum_alignments_all(stack([frames]), texts)
    return Lattice(*(part[:, 0] for part in sums), log_probability[0])


def sum_alignments_all(frames: np.ndarray, texts: np.ndarray) -> Lattice:
    """`sum_alignments` of many texts.

    Args:
        frames: (T, B, C + 2) log-probabilities from `frames.stack`, with enough of them for
            each text (`check_length`).
        texts: (B, L) int from `stack_texts`.
    """
    states, begins, ends, skips = _ways(texts, frames.shape[2] - 2)
    emitted = np.exp(frames[:, np.arange(len(states))[:, None], states])
    forward, log_forward = _sweep(emitted, begins, skips)
    backward, log_backward = _sweep(emitted[::-1, :, ::-1], ends[:, ::-1], skips[:, ::-1])
    backward, log_backward = backward[::-1, :, ::-1], log_backward[::-1]
    total = log_forward[-1] + np.log((forward[-1] * ends).sum(axis=1))
    return Lattice(emitted, forward, backward, log_forward, log_backward, total)


def text_log_probabilities(frames: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """(K,) log p(text | image) of texts of one line, over all alignments.

    Args:
        frames: (T, C + 2) log-probabilities of the line, from `frames.stack`, with enough of
            them for each text.
        texts: (K, L) int from `stack_texts`.
    """
    states, begins, ends, skips = _ways(texts, frames.shape[1] - 2)
    forward, log_forward = _sweep(np.exp(frames[:, states]), begins, skips)
    return log_forward[-1] + np.log((forward[-1] * ends).sum(axis=1))


def best_alignment(frames: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """(T,) int: the state at each frame of the most probable alignment of one text (Viterbi).

    Args:
        frames: (T, C + 1) log-probabilities, the blank last, T at least 1.
        indices: (L,) int.

    Raises:
        ValueError: too few frames for the text.
    """
    check_length(frames, indices)
    texts = stack_texts([indices], frames.shape[1] - 1)
    return best_alignment_all(stack([frames]), texts)[:, 0]


def best_alignment_all(frames: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """(T, B) int: `best_alignment` of many texts; arguments as in `sum_alignments_all`."""
    states = _states(texts, frames.shape[2] - 2)
    lines = np.arange(len(states))
    emitted = frames[:, lines[:, None], states]
    barred = np.where(texts[:, 1:] == texts[:, :-1], -np.inf, 0.0)
    scores = np.full(states.shape, -np.inf)
    scores[:, :2] = emitted[0, :, :2]
    steps = np.zeros(emitted.shape, np.int8)
    choices = np.full((3, *states.shape), -np.inf)
    for t in range(1, len(emitted)):
        choices[0] = scores
        choices[1, :, 1:] = scores[:, :-1]
        choices[2, :, 3::2] = scores[:, 1:-2:2] + barred
        steps[t] = choices.argmax(axis=0)
        scores = choices.max(axis=0) + emitted[t]
    path = np.zeros(emitted.shape[:2], np.int64)
    last = 2 * (texts < frames.shape[2] - 2).sum(axis=1)
    path[-1] = last - ((last > 0) & (scores[lines, last - 1] > scores[lines, last]))
    for t in range(len(path) - 1, 0, -1):
        path[t - 1] = path[t] - steps[t, lines, path[t]]
    return path


def check_length(frames: np.ndarray, indices: np.ndarray) -> None:
    """Each character needs a frame, and each doubled one a blank between.

    Raises:
        ValueError: there are fewer frames.
    """
    needed = len(indices) + int((indices[1:] == indices[:-1]).sum())
    if len(frames) < needed:
        raise ValueError(f"{len(frames)} frames are too few for a text that needs {needed}")


def _states(texts: np.ndarray, blank: int) -> np.ndarray:
    states = np.full((len(texts), 2 * texts.shape[1] + 1), blank)
    states[:, 1::2] = texts
    return states


def _ways(texts: np.ndarray, characters: int) -> tuple[np.ndarray, ...]:
    """Of texts (B, L): states (B, S), where paths begin and end, (B, S) bool, and skips.

    A skip over a blank, (B, L - 1), is barred between two of the same character.
    """
    states = _states(texts, characters)
    numbers = np.arange(states.shape[1])
    begins = np.tile(numbers < 2, (len(states), 1))
    lengths = (texts <= characters).sum(axis=1)
    ends = np.abs(numbers + 0.5 - 2 * lengths[:, None]) < 1  # the last character and blank
    return states, begins, ends, (texts[:, 1:] != texts[:, :-1]).astype(float)


def _sweep(emitted: np.ndarray, begins: np.ndarray, skips: np.ndarray):
    """Sums (T, B, S) of paths from one side, of total 1 in each frame, and log totals (T, B)."""
    sums, totals = np.zeros(emitted.shape), np.zeros(emitted.shape[:2])
    now = sums[0]
    now += begins
    for t, here in enumerate(emitted):
        if t:
            before, now = sums[t - 1], sums[t]
            now += before
            now[:, 1:] += before[:, :-1]
            now[:, 3::2] += before[:, 1:-2:2] * skips
        now *= here
        totals[t] = now.sum(axis=1)
        now /= totals[t, :, None]
    return sums, np.cumsum(np.log(totals), axis=0)
