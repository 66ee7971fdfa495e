"""What a text is up against: the same text with one character replaced or left out.

For each edit the ratio of its probability to that of the text is exact: a sum over all
alignments of both, from one pass forward and one backward. The language model, where there
is one, judges both texts to the end of the line.
"""

from typing import NamedTuple

import numpy as np

from handwriting.lines.decoding.beam import BeamSettings, LanguageModel
from handwriting.lines.decoding.judging import model_odds
from handwriting.lines.decoding.lattice import Lattice, sum_alignments_all

REPLACEMENTS = 8  # characters tried in each place, the most probable ones there
_FAINT = -8.0  # edits this many nats behind the text are not worth asking the model about
_IDLE = 1e-6  # of an alignment in a character: such a frame says nothing about the character


class Edits(NamedTuple):
    """Texts that differ in one character, in order of lines and positions.

    Attributes:
        line: (N,) int, of the text.
        position: (N,) int, of the character in the text.
        replacement: (N,) int, index of the character in its place; -1 leaves it out.
        odds: (N,) natural logarithm of how many times as probable as the text it is.
    """

    line: np.ndarray
    position: np.ndarray
    replacement: np.ndarray
    odds: np.ndarray


class _Places(NamedTuple):
    """The characters of all texts: (N,) int each.

    Attributes:
        line: of the character.
        position: in the text.
        symbol, before, after: it and its neighbours; impossible ones at the ends of the line.
        state: of the blank before it, among the states of all lines.
    """

    line: np.ndarray
    position: np.ndarray
    symbol: np.ndarray
    before: np.ndarray
    after: np.ndarray
    state: np.ndarray


def single_edits(
    frames: np.ndarray, texts: np.ndarray, model: LanguageModel | None, settings: BeamSettings
) -> Edits:
    """The edits of texts that are not much less probable than the text itself.

    Args:
        frames: (T, B, C + 2) log-probabilities from `frames.stack`, with enough of them for
            each text (`lattice.check_length`).
        texts: (B, L) int from `lattice.stack_texts`, none of them empty.
        settings: alpha and beta weigh the language model as in the search.
    """
    characters = frames.shape[2] - 2
    lattice, places = sum_alignments_all(frames, texts), _find_places(texts, characters)
    probabilities = np.exp(frames)
    others = _other_characters(probabilities, lattice, places)
    replaced = _replaced(probabilities, lattice, places, others)
    left_out = _left_out(lattice, places) * np.exp(-settings.beta)
    with np.errstate(divide="ignore"):
        odds = np.log(np.vstack([replaced, left_out])).T
    number, column = np.nonzero(odds > _FAINT)
    written = np.vstack([others, np.full(len(left_out), -1)]).T
    found = (places.line[number], places.position[number], written[number, column])
    odds = odds[number, column]
    if model:
        odds = odds + settings.alpha * model_odds(model, texts, characters, found)
    return Edits(*found, odds)


def _find_places(texts: np.ndarray, characters: int) -> _Places:
    line, position = np.nonzero(texts < characters)
    wide = np.pad(texts, ((0, 0), (1, 1)), constant_values=characters + 1)
    symbol, before, after = (wide[line, position + shift] for shift in (1, 0, 2))
    state = line * (2 * texts.shape[1] + 1) + 2 * position
    return _Places(line, position, symbol, before, after, state)


def _other_characters(probabilities: np.ndarray, lattice: Lattice, places: _Places) -> np.ndarray:
    """(K, N) int: the likeliest other characters at the frames of each character."""
    occupation = lattice.occupation()[:, places.line, places.position].T
    number, frame = np.nonzero(occupation > _IDLE)
    weighted = probabilities[frame, places.line[number], :-2]
    weighted *= occupation[number, frame, None]
    # Each character is in some frame or other, so that none is missing here.
    likely = np.add.reduceat(weighted, np.flatnonzero(np.diff(number, prepend=-1)))
    likely[np.arange(len(likely)), places.symbol] = -1
    count = min(REPLACEMENTS, likely.shape[1] - 1)
    best = np.argpartition(-likely, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(likely, best, axis=1), axis=1)
    return np.take_along_axis(best, order, axis=1).T


def _replaced(
    probabilities: np.ndarray, lattice: Lattice, places: _Places, others: np.ndarray
) -> np.ndarray:
    """(K, N): odds of the text with each of `others` instead of the character."""
    differs = (others != places.before).astype(float), (others != places.after).astype(float)
    entered, left = _entered(lattice, places), _left(lattice, places)
    growth = np.exp(np.diff(lattice.log_forward, axis=0, prepend=0))[:, places.line]
    cells = places.line * probabilities.shape[2] + others
    inside, total = np.zeros(others.shape), np.zeros(others.shape)
    for t, frame in enumerate(probabilities):
        inside += entered[0, t] + entered[1, t] * differs[0]
        inside *= frame.ravel().take(cells) / growth[t]
        total += inside * (left[0, t] + left[1, t] * differs[1])
    return total


def _left_out(lattice: Lattice, places: _Places) -> np.ndarray:
    """(N,): odds of the text without each character."""
    entered = _entered(lattice, places)
    backward = _flat(lattice.backward)
    onward = backward.take(places.state + 3, axis=1, mode="clip")
    onward *= _joint(lattice)[:-1, places.line]
    inner = (entered[0] + entered[1] * (places.before != places.after)) * onward
    # Without its last character, a text ends in the one before or in the blank behind that.
    ends = _flat(lattice.forward)[-1]
    last = ends.take(places.state) + ends.take(places.state - 1) * (places.position > 0)
    last *= np.exp(lattice.log_forward[-1] - lattice.log_probability)[places.line]
    return np.where(_is_last(places), last, inner.sum(axis=0))


def _entered(lattice: Lattice, places: _Places) -> np.ndarray:
    """(2, T, N): sums over paths that first reach a place at a frame, up to the frame before.

    They come from the blank before the place or, if the character now there differs from
    it, from the character before; at the first frame, out of nothing. Divided by the total
    of the frame before.
    """
    forward, first = _flat(lattice.forward), places.position == 0
    entered = np.zeros((2, len(forward), len(first)))
    entered[0, 0] = first
    entered[0, 1:] = forward[:-1].take(places.state, axis=1)
    entered[1, 1:] = forward[:-1].take(places.state - 1, axis=1) * ~first
    return entered


def _left(lattice: Lattice, places: _Places) -> np.ndarray:
    """(2, T, N): sums over paths from the frame after, on a blank and on the next character.

    Times the totals of `forward` at the frame over the probability of the text, so that what
    is inside a place times what is left for the end are odds.
    """
    backward, last = _flat(lattice.backward), _is_last(places)
    left = np.zeros((2, len(backward), len(last)))
    left[0, :-1] = backward[1:].take(places.state + 2, axis=1)
    left[1, :-1] = backward[1:].take(places.state + 3, axis=1, mode="clip") * ~last
    left[0, -1] = last
    return left * _joint(lattice)[1:, places.line]


def _joint(lattice: Lattice) -> np.ndarray:
    """(T + 1, B): the totals up to each frame and from it on, over the text's probability."""
    start = np.zeros((1, len(lattice.log_probability)))
    before = np.vstack([start, lattice.log_forward])
    after = np.vstack([lattice.log_backward, start])
    return np.exp(before + after - lattice.log_probability)


def _is_last(places: _Places) -> np.ndarray:
    return np.append(places.line[1:] != places.line[:-1], True)


def _flat(sums: np.ndarray) -> np.ndarray:
    """(T, B, S) as (T, B · S)."""
    return sums.reshape(len(sums), -1)
