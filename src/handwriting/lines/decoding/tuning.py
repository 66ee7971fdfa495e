"""Weights and calibration from lines that were not trained on."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from handwriting.lines.alignment import MATCH, edit_operations
from handwriting.lines.charset import Charset
from handwriting.lines.decoding.beam import DEFAULT_SETTINGS, BeamSettings, LanguageModel
from handwriting.lines.decoding.confidence import Calibration, fit_confidence
from handwriting.lines.decoding.contrast import RAREST, has_prior
from handwriting.lines.decoding.rating import Rater
from handwriting.lines.decoding.result import Decoded

ALPHAS = (0.0, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0)
BETAS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
CONTRASTS = (0.0, 0.4, 0.6, 0.8)
_ROUNDS = 3
_TYPICAL = -2.3  # nats, log q of a character behind another


def tune(
    logits: Sequence[np.ndarray],
    texts: Sequence[str],
    charset: Charset,
    model: LanguageModel,
    settings: BeamSettings = DEFAULT_SETTINGS,
) -> BeamSettings:
    """The alpha, beta and contrast with the lowest CER, by coordinate search.

    Each pass tries all alphas, all contrasts, each with the bonus for length that it calls
    for, and all betas, until a pass finds nothing better. Of equal settings the earlier tried
    wins; width, floor and margin stay as in `settings`.

    Args:
        logits: of each line, (T, C + 1).
        texts: what is written.

    Raises:
        ValueError: no lines, or not as many of one as of the other.
    """
    if not len(texts) or len(logits) != len(texts):
        raise ValueError(f"{len(logits)} lines with {len(texts)} texts cannot be tuned on")
    best = settings
    with Rater(logits, texts, charset, model) as rate:
        for _ in range(_ROUNDS):
            before = best
            best = min([best, *(replace(best, alpha=alpha) for alpha in ALPHAS)], key=rate)
            if has_prior(model):
                best = min([best, *(_contrasting(best, share) for share in CONTRASTS)], key=rate)
            best = min([best, *(replace(best, beta=beta) for beta in BETAS)], key=rate)
            if best == before:
                break
    return best


def _contrasting(settings: BeamSettings, share: float) -> BeamSettings:
    """With another contrast, and what that takes off a symbol given back on average."""
    back = settings.alpha * (share - settings.contrast) * (_TYPICAL - RAREST)
    return replace(settings, contrast=share, beta=round(settings.beta + back, 2))


def calibrate(decoded: Sequence[Decoded], texts: Sequence[str]) -> Calibration:
    """Scales for the confidences of characters and words, from lines decoded without any.

    A character or word is right if the alignment with what is written matches it.

    Raises:
        ValueError: not as many of one as of the other, or nothing was read in any line.
    """
    scales = []
    for parts in ("characters", "words"):
        confidences, right = [], []
        for line, text in zip(decoded, texts, strict=True):
            read = getattr(line, parts)
            written = text if parts == "characters" else text.split()
            operations = edit_operations(written, [part.text for part in read])
            right += [kind == MATCH for kind, _, own in operations if own is not None]
            confidences += [part.confidence for part in read]
        scales.append(fit_confidence(confidences, right))
    return Calibration(*scales)
