"""Making confidences mean what they say: 90 % sure is right nine times in ten."""

from typing import NamedTuple

import numpy as np

_EDGE = 1e-6  # confidences are held this far from 0 and 1
_STEPS = 50


class ConfidenceScale(NamedTuple):
    """Calibrated logit = slope · logit + offset; (1, 0) changes nothing."""

    slope: float = 1.0
    offset: float = 0.0


AS_IT_IS = ConfidenceScale()


class Calibration(NamedTuple):
    """Scales for characters and for words, each fitted on its own."""

    characters: ConfidenceScale = AS_IT_IS
    words: ConfidenceScale = AS_IT_IS


UNCALIBRATED = Calibration()


def fit_confidence(confidences, correct) -> ConfidenceScale:
    """Platt scaling of the logit of confidences, by Newton's method.

    Platt, "Probabilistic outputs for support vector machines", 1999, with his targets, which
    stay short of 0 and 1 so that the fit is finite even if all are right.

    Args:
        confidences: (N,) float, 0 … 1, of lines the model was not trained on.
        correct: (N,) bool.

    Raises:
        ValueError: none given, or not as many of one as of the other.
    """
    logits, correct = _logit(confidences), np.asarray(correct, bool)
    if not len(logits) or logits.shape != correct.shape:
        raise ValueError(f"{len(logits)} confidences with {len(correct)} answers cannot be fitted")
    right = int(correct.sum())
    targets = np.where(correct, (right + 1) / (right + 2), 1 / (len(correct) - right + 2))
    inputs = np.stack([logits, np.ones_like(logits)], axis=1)
    weights = np.array(AS_IT_IS)

    def loss(weights):
        scores = inputs @ weights
        return float((np.logaddexp(0, scores) - targets * scores).sum())

    for _ in range(_STEPS):
        probabilities = 1 / (1 + np.exp(-inputs @ weights))
        gradient = inputs.T @ (probabilities - targets)
        spread = probabilities * (1 - probabilities)
        # A little ridge keeps equal confidences, which fix one number only, solvable.
        curvature = (inputs * spread[:, None]).T @ inputs + 1e-6 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        while loss(weights - step) > loss(weights) and np.abs(step).max() > 1e-9:
            step /= 2
        weights = weights - step
        if np.abs(step).max() < 1e-9:
            break
    return ConfidenceScale(*map(float, weights))


def apply_confidence(confidences, scale: ConfidenceScale) -> np.ndarray:
    """(N,) float64 calibrated confidences; (1, 0) gives them back as they are."""
    if scale == AS_IT_IS:
        return np.asarray(confidences, np.float64)
    return 1 / (1 + np.exp(-(scale.slope * _logit(confidences) + scale.offset)))


def _logit(confidences) -> np.ndarray:
    clipped = np.clip(np.asarray(confidences, np.float64), _EDGE, 1 - _EDGE)
    return np.log(clipped / (1 - clipped))
