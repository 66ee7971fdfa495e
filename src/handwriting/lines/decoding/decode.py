"""From the logits of a line to its text, with positions, confidences and alternatives."""

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.decoding.alignment import align, extents
from handwriting.lines.decoding.beam import (
    DEFAULT_SETTINGS,
    BeamSettings,
    Hypothesis,
    LanguageModel,
    beam_search,
)
from handwriting.lines.decoding.confidence import UNCALIBRATED, Calibration, apply_confidence
from handwriting.lines.decoding.edits import Edit, single_edits
from handwriting.lines.decoding.frames import greedy, log_probabilities
from handwriting.lines.decoding.result import Character, Decoded
from handwriting.lines.decoding.words import edited_words, make_words, readings_among, word_spans

_WITHOUT_MODEL = BeamSettings(alpha=0, beta=0)


def decode(
    logits: np.ndarray,
    charset: Charset,
    *,
    model: LanguageModel | None = None,
    settings: BeamSettings | None = DEFAULT_SETTINGS,
    calibration: Calibration = UNCALIBRATED,
) -> Decoded:
    """Read one line.

    The confidence of a character is the probability of the text over that of the text and
    all texts that differ from it in this one character, replaced or left out (`edits`). That
    of a word is the product over its characters. Both are then calibrated.

    Args:
        logits: (T, C + 1) float32, the blank last.
        charset: of C characters.
        model: a language model for the search and for the confidences.
        settings: of the beam; None takes the best path and asks no model.
        calibration: what `fit_confidence` gave for characters and for words.

    Raises:
        ValueError: logits of another width than the charset asks for, or not finite.
    """
    frames = log_probabilities(logits)
    if settings is None:
        model, settings, hypotheses = None, _WITHOUT_MODEL, []
        indices = greedy(frames)
    else:
        hypotheses = beam_search(frames, charset, model, settings)
        indices = np.array(hypotheses[0].indices, np.int64)
    if not len(indices):
        return Decoded("", float(np.exp(frames[:, -1].sum())))
    edits = single_edits(frames, indices, model, settings)
    raw = _character_confidences(len(indices), edits)
    calibrated = apply_confidence(raw, calibration.characters).tolist()
    spans = extents(align(frames, indices), len(frames)).tolist()
    text = charset.decode(indices)
    characters = [
        Character(character, confidence, start, end)
        for character, confidence, (start, end) in zip(text, calibrated, spans, strict=True)
    ]
    places = word_spans(text)
    products = [float(raw[first:end].prod()) for first, end in places]
    words = make_words(
        characters,
        places,
        apply_confidence(products, calibration.words).tolist(),
        _word_odds(text, places, edits, hypotheses, charset),
    )
    kept = _without_idle_spaces(characters)
    confidence = float(np.mean([character.confidence for character in kept or characters]))
    return Decoded("".join(c.text for c in kept), confidence, tuple(kept), words)


def _character_confidences(count: int, edits: list[Edit]) -> np.ndarray:
    against = np.zeros(count)
    for edit in edits:
        against[edit.position] += np.exp(edit.odds)
    return 1 / (1 + against)


def _word_odds(
    text: str,
    places: list[tuple[int, int]],
    edits: list[Edit],
    hypotheses: list[Hypothesis],
    charset: Charset,
) -> list[dict[str, float]]:
    """Other readings of each word: from texts of the beam, and from edits of the best one.

    The beam knows readings that differ in several characters; but its texts differ mostly
    in a few places of the line, and the edits cover all. A reading in both has the larger odds.
    """
    odds = edited_words(text, places, [(e.position, e.odds, _written(e, charset)) for e in edits])
    texts = [(charset.decode(h.indices), h.score) for h in hypotheses]
    for own, others in zip(odds, readings_among(texts) if texts else [], strict=False):
        own |= {reading: max(value, own.get(reading, 0)) for reading, value in others.items()}
    return odds


def _written(edit: Edit, charset: Charset) -> str:
    return "" if edit.replacement is None else charset.characters[edit.replacement]


def _without_idle_spaces(characters: list[Character]) -> list[Character]:
    """Characters without spaces at the ends of the line and after another space."""
    kept: list[Character] = []
    for character in characters:
        if character.text != " " or (kept and kept[-1].text != " "):
            kept.append(character)
    return kept[:-1] if kept and kept[-1].text == " " else kept
