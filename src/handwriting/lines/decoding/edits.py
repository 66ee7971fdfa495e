"""What a text is up against: the same text with one character replaced or left out.

For each edit the ratio of its probability to that of the text is exact: a sum over all
alignments of both, from one pass forward and one backward. The language model, where there
is one, judges both texts to the end of the line.
"""

from typing import NamedTuple

import numpy as np

from handwriting.lines.decoding.beam import BeamSettings, LanguageModel
from handwriting.lines.decoding.lattice import Lattice, sum_alignments

REPLACEMENTS = 8  # characters tried in each place, the most probable ones there
_FAINT = -8.0  # edits this many nats behind the text are not worth asking the model about


class Edit(NamedTuple):
    """A text that differs in one character.

    Attributes:
        position: of the character in the text.
        replacement: index of the character in its place; None leaves it out.
        odds: natural logarithm of how many times as probable as the text it is.
    """

    position: int
    replacement: int | None
    odds: float


def single_edits(
    frames: np.ndarray,
    indices: np.ndarray,
    model: LanguageModel | None,
    settings: BeamSettings,
) -> list[Edit]:
    """The edits of a text that are not much less probable than the text itself, in order.

    Args:
        frames: (T, C + 1) log-probabilities, the blank last.
        indices: (L,) int, L at least 1.
        settings: alpha and beta weigh the language model as in the search.

    Raises:
        ValueError: too few frames for the text.
    """
    lattice = sum_alignments(frames, indices)
    others = _other_characters(frames, indices, lattice)
    replaced = _replaced(frames, indices, lattice, others)
    left_out = _left_out(indices, lattice) - settings.beta
    odds = np.hstack([replaced, left_out[:, None]]) - lattice.log_probability
    judge = _ModelOdds(model, indices.tolist()) if model else None
    edits = []
    for position, column in np.argwhere(odds > _FAINT).tolist():
        inside = column < others.shape[1]
        replacement = int(others[position, column]) if inside else None
        total = float(odds[position, column])
        if judge:
            total += settings.alpha * judge.odds(position, replacement)
        edits.append(Edit(position, replacement, total))
    return edits


def _other_characters(frames: np.ndarray, indices: np.ndarray, lattice: Lattice) -> np.ndarray:
    """(L, K) int: the likeliest other characters at the frames of each character."""
    # A product so small is slower with the threads of `@`.
    likely = np.einsum("tl,tc->lc", lattice.occupation(), np.exp(frames[:, :-1]))
    likely[np.arange(len(indices)), indices] = -1
    count = min(REPLACEMENTS, likely.shape[1] - 1)
    return np.argsort(-likely, axis=1)[:, :count]


def _replaced(
    frames: np.ndarray, indices: np.ndarray, lattice: Lattice, others: np.ndarray
) -> np.ndarray:
    """(L, K): log-probability of the text with each of `others` instead of the character."""
    entered = _entered(indices, lattice.forward, others)
    # The way on is the way in, seen from the end.
    onward = _entered(indices[::-1], lattice.backward[::-1, ::-1], others[::-1])[::-1, ::-1]
    inside = np.full(others.shape, -np.inf)
    for t, frame in enumerate(frames):
        inside = np.logaddexp(inside, entered[t]) + frame[others]
        onward[t] += inside
    return np.logaddexp.reduce(onward, axis=0)


def _left_out(indices: np.ndarray, lattice: Lattice) -> np.ndarray:
    """(L,): log-probability of the text without each character."""
    entered = _entered(indices[:-1], lattice.forward, indices[1:, None])[:, :, 0]
    inner = np.logaddexp.reduce(entered + lattice.backward[:, 3::2], axis=0)
    # Without its last character, the text ends in the one before or in the blank behind that.
    last = np.logaddexp.reduce(lattice.forward[-1, max(0, len(lattice.forward[-1]) - 4) : -2])
    return np.append(inner, last)


def _entered(indices: np.ndarray, forward: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(T, L, K): sum over the paths that first reach place i at frame t, up to the frame before.

    They come from the blank before the place or, if the character now there differs from
    it, from the character before; at the first frame, out of nothing.
    """
    count = len(indices)
    before = np.vstack([np.full(forward.shape[1], -np.inf), forward[:-1]])
    entered = np.repeat(before[:, 0 : 2 * count : 2, None], others.shape[1], axis=2)
    differs = np.where(others[1:] != indices[:-1, None], 0, -np.inf)
    entered[:, 1:] = np.logaddexp(entered[:, 1:], before[:, 1 : 2 * count - 2 : 2, None] + differs)
    entered[0, :1] = 0
    return entered


class _ModelOdds:
    """How a language model compares a text with its edits."""

    def __init__(self, model: LanguageModel, indices: list[int]):
        self.model, self.indices = model, indices
        self.states = [model.start()]
        for symbol in indices:
            self.states.append(model.advance(self.states[-1], symbol))
        # The end of the line is the last of the scores, whatever the charset.
        followed = zip(self.states, [*indices, -1], strict=True)
        self.own = [float(model.scores(state)[symbol]) for state, symbol in followed]

    def odds(self, position: int, replacement: int | None) -> float:
        """log p(edited text) - log p(text)."""
        state, total = self.states[position], -self.own[position]
        if replacement is not None:
            total += float(self.model.scores(state)[replacement])
            state = self.model.advance(state, replacement)
        for place in range(position + 1, len(self.own)):
            if state == self.states[place]:
                break  # from here on the model sees the same
            symbol = self.indices[place] if place < len(self.indices) else -1
            total += float(self.model.scores(state)[symbol]) - self.own[place]
            if place < len(self.indices):
                state = self.model.advance(state, symbol)
        return total
