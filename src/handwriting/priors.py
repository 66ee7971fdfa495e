"""How often each class comes: correcting a classifier for another class mix than it learned.

A network trained on classes of mixed size has learned their sizes too: where two classes
look alike it answers the larger one. When the mix it will meet is known, adding the
logarithm of the ratio to each logit is Bayes' rule (Saerens et al., Neural Computation
2002; as logit adjustment in Menon et al., arXiv:2007.07314).
"""

from collections.abc import Sequence

import keras
import numpy as np

from handwriting.batches import to_input
from handwriting.calibration import fit_temperature
from handwriting.datasets.base import CharacterData
from handwriting.models import HEAD

# Digits among the 814,255 images of EMNIST ByClass (Cohen et al., arXiv:1702.05373, table 2).
EMNIST_DIGIT_SHARE = 402_953 / 814_255

PRIORS = ("data", "uniform", "emnist")


def expected_mix(prior: str, classes: Sequence[str], counts: np.ndarray) -> np.ndarray:
    """Share of each class, (C,) summing to 1.

    Args:
        prior: `data`: as in training. `uniform`: all alike, as in EMNIST Balanced.
            `emnist`: digits as often as in all of EMNIST, otherwise as in training.
        counts: training images of each class, (C,), none of them 0.

    Raises:
        ValueError: an unknown prior.

    >>> expected_mix("uniform", "ab", np.array([30, 10])).tolist()
    [0.5, 0.5]
    >>> expected_mix("emnist", "7ab", np.array([60, 30, 10])).round(3).tolist()
    [0.495, 0.379, 0.126]
    """
    if prior not in PRIORS:
        raise ValueError(f"no class mix {prior!r}; there are {', '.join(PRIORS)}")
    mix = counts / counts.sum()
    if prior == "uniform":
        return np.full(len(counts), 1 / len(counts))
    if prior == "emnist":
        digits = np.array([text.isdigit() for text in classes])
        mix[digits] *= EMNIST_DIGIT_SHARE / mix[digits].sum()
        mix[~digits] *= (1 - EMNIST_DIGIT_SHARE) / mix[~digits].sum()
    return mix


def correct_prior(model: keras.Model, data: CharacterData, prior: str) -> None:
    """Shift the biases of the head, in place, from the mix of `data.train` to `prior`.

    Label smoothing makes logits too small; the shift is scaled by the temperature that
    calibrates them on validation.
    """
    if prior == "data":
        return
    counts = np.bincount(data.train.labels, minlength=len(data.classes))
    shift = np.log(expected_mix(prior, data.classes, counts)) - np.log(counts / counts.sum())
    logits = model.predict(to_input(data.validation.images), batch_size=256, verbose=0)
    temperature = fit_temperature(logits, data.validation.labels)
    kernel, bias = model.get_layer(HEAD).get_weights()
    model.get_layer(HEAD).set_weights([kernel, bias + temperature * shift])
