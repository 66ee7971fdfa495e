"""The alignments of one text with the frames: all of them summed, or the best one.

States are the characters of the text with a blank before, between and behind: 2 L + 1. From
frame to frame a path stays, goes one state on, or skips a blank between two different
characters (Graves et al., "Connectionist temporal classification", ICML 2006).
"""

from typing import NamedTuple

import numpy as np


class Lattice(NamedTuple):
    """Sums over paths, natural logarithms.

    Attributes:
        emitted: (T, 2 L + 1), log-probability of each state's character or blank.
        forward: (T, 2 L + 1), of paths from the beginning to a state, its frame included.
        backward: (T, 2 L + 1), of paths from a state to the end, its frame included.
        log_probability: log p(text | image), over all alignments.
    """

    emitted: np.ndarray
    forward: np.ndarray
    backward: np.ndarray
    log_probability: float

    def occupation(self) -> np.ndarray:
        """(T, L): probability that an alignment of the text is in a character at a frame."""
        through = self.forward + self.backward - self.emitted - self.log_probability
        return np.exp(through[:, 1::2])


def sum_alignments(frames: np.ndarray, indices: np.ndarray) -> Lattice:
    """Forward and backward sums of a text.

    Args:
        frames: (T, C + 1) log-probabilities, the blank last, T at least 1.
        indices: (L,) int.

    Raises:
        ValueError: too few frames for the text.
    """
    check_length(frames, indices)
    emitted = frames[:, _states(frames, indices)]
    forward = _forward(emitted, _doubled(indices))
    backward = _forward(emitted[::-1, ::-1], _doubled(indices[::-1]))[::-1, ::-1]
    return Lattice(emitted, forward, backward, float(np.logaddexp.reduce(forward[-1, -2:])))


def best_alignment(frames: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """(T,) int: the state at each frame of the most probable alignment (Viterbi).

    Raises:
        ValueError: too few frames for the text.
    """
    check_length(frames, indices)
    emitted = frames[:, _states(frames, indices)]
    blocked = _doubled(indices)
    scores = np.full(emitted.shape[1], -np.inf)
    scores[:2] = emitted[0, :2]
    steps = np.zeros(emitted.shape, np.int64)
    choices = np.full((3, len(scores)), -np.inf)
    for t in range(1, len(emitted)):
        choices[0] = scores
        choices[1, 1:] = scores[:-1]
        choices[2, 3::2] = scores[1:-2:2] + blocked
        steps[t] = choices.argmax(axis=0)
        scores = choices.max(axis=0) + emitted[t]
    path = np.zeros(len(emitted), np.int64)
    path[-1] = len(scores) - 1 - (len(scores) > 1 and scores[-2] > scores[-1])
    for t in range(len(path) - 1, 0, -1):
        path[t - 1] = path[t] - steps[t, path[t]]
    return path


def check_length(frames: np.ndarray, indices: np.ndarray) -> None:
    """Each character needs a frame, and each doubled one a blank between.

    Raises:
        ValueError: there are fewer frames.
    """
    needed = len(indices) + int((indices[1:] == indices[:-1]).sum())
    if len(frames) < needed:
        raise ValueError(f"{len(frames)} frames are too few for a text that needs {needed}")


def _states(frames: np.ndarray, indices: np.ndarray) -> np.ndarray:
    states = np.full(2 * len(indices) + 1, frames.shape[1] - 1)
    states[1::2] = indices
    return states


def _doubled(indices: np.ndarray) -> np.ndarray:
    """(L - 1,): -inf where a character follows its like, which bars the skip, and else 0."""
    return np.where(indices[1:] == indices[:-1], -np.inf, 0.0)


def _forward(emitted: np.ndarray, blocked: np.ndarray) -> np.ndarray:
    sums = np.full(emitted.shape, -np.inf)
    sums[0, :2] = emitted[0, :2]
    for t in range(1, len(emitted)):
        before, now = sums[t - 1], sums[t]
        now[0] = before[0]
        np.logaddexp(before[1:], before[:-1], out=now[1:])
        now[3::2] = np.logaddexp(now[3::2], before[1:-2:2] + blocked)
        now += emitted[t]
    return sums
