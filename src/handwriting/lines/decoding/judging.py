"""How a language model compares texts with their edits."""

import numpy as np


def model_odds(
    model, texts: np.ndarray, characters: int, edits: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> np.ndarray:
    """(N,): log p(edited text) - log p(text), line end included.

    Args:
        model: a `beam.LanguageModel`.
        texts: (B, L) int from `lattice.stack_texts`.
        characters: C, in the charset; also the symbol of the line's end.
        edits: three (N,) int: text, position in it, and what stands there instead, -1 for
            nothing.
    """
    line, position, replacement = edits
    lengths = (texts < characters).sum(axis=1)
    # The texts with their ends; what stands behind an end is not asked for.
    symbols = np.minimum(np.pad(texts, ((0, 0), (0, 1)), constant_values=characters), characters)
    states, own = _along(model, symbols)

    total = -own[line, position]
    state = states[position, :, line].T
    replaced = np.flatnonzero(replacement >= 0)
    gain, state[:, replaced] = model.follow(state[:, replaced], replacement[replaced])
    total[replaced] += gain
    open_edits, place = np.arange(len(line)), position
    while True:
        place = place + 1
        # Once the states are the same, the model sees the same for the rest of the line.
        differ = (state != states[np.minimum(place, texts.shape[1]), :, line].T).any(axis=0)
        going = np.flatnonzero(differ & (place <= lengths[line]))
        if not len(going):
            return total
        open_edits, line, place = open_edits[going], line[going], place[going]
        gain, state = model.follow(state[:, going], symbols[line, place])
        total[open_edits] += gain - own[line, place]


def _along(model, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """States (L + 1, K, B) before each symbol of texts, and log-probabilities (B, L + 1)."""
    state = np.repeat(model.start()[:, None], len(symbols), axis=1)
    states, gains = [], []
    for column in symbols.T:
        states.append(state)
        gain, state = model.follow(state, column)
        gains.append(gain)
    return np.array(states), np.array(gains).T
