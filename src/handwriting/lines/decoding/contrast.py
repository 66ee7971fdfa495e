"""A language model less what the network knows of language by itself.

What a recurrent network expects of its training texts is in its logits already, and would
count twice. So a part of a small model of those texts is taken off, as for transducers in
McDermott et al., "A density ratio approach to language model fusion", arXiv:2002.11268.
"""

import numpy as np

RAREST = -5.0  # nats; what is rarer in the labels is not made likelier still


class ContrastModel:
    """log p(symbol | text) - share · log q(symbol | the one before), for a beam search.

    A constant is taken off each symbol, so that none gains; the bonus for length makes up for it.

    Args:
        model: a `beam.LanguageModel` with `prior`, (C + 1, C + 1) log q(column | row), the end
            of the line last and before the first character; the first number of its state is
            the last symbol.
        share: at least 0.
    """

    def __init__(self, model, share: float):
        self._model = model
        self._gain = -share * (np.maximum(model.prior.astype(np.float64), RAREST) - RAREST)

    def start(self) -> np.ndarray:
        return self._model.start()

    def follow(self, states: np.ndarray, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        likely, longer = self._model.follow(states, symbols)
        return likely + self._gain[states[0], symbols], longer


def contrasted(model, share: float):
    """The model to search with: as it is without a `prior`, or if nothing is taken off."""
    return ContrastModel(model, share) if share and has_prior(model) else model


def has_prior(model) -> bool:
    """Whether a language model, or None, comes with pairs of its network's labels."""
    return getattr(model, "prior", None) is not None
