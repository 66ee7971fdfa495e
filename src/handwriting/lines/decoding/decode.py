"""From the logits of a line to its text, with positions, confidences and alternatives."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.decoding.alignment import extents, spans
from handwriting.lines.decoding.beam import (
    DEFAULT_SETTINGS,
    BeamSettings,
    Hypothesis,
    LanguageModel,
    beam_search_all,
)
from handwriting.lines.decoding.confidence import UNCALIBRATED, Calibration, apply_confidence
from handwriting.lines.decoding.contrast import contrasted
from handwriting.lines.decoding.edits import single_edits
from handwriting.lines.decoding.frames import greedy, log_probabilities, portions, stack
from handwriting.lines.decoding.lattice import best_alignment_all, stack_texts
from handwriting.lines.decoding.result import Character, Decoded
from handwriting.lines.decoding.second import SecondReader
from handwriting.lines.decoding.words import (
    FAINTEST,
    edited_words,
    make_words,
    readings_among,
    word_spans,
)

_WITHOUT_MODEL = BeamSettings(alpha=0, beta=0)
_COMPARED = 24  # texts of the beam, for other readings; the rest differ in what these differ in
_SIDE_BY_SIDE = 16  # lines; more waste more on filling up than they share


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
    return decode_all([logits], charset, model=model, settings=settings, calibration=calibration)[0]


def decode_all(
    logits: Sequence[np.ndarray],
    charset: Charset,
    *,
    model: LanguageModel | None = None,
    settings: BeamSettings | None = DEFAULT_SETTINGS,
    second: SecondReader | None = None,
    calibration: Calibration = UNCALIBRATED,
) -> list[Decoded]:
    """`decode` many lines side by side: the same results, several times faster.

    Args:
        second: has a say in which of the beam's texts is the best. The confidences stay those
            of the first reader and the model, to which the text it chose may be doubtful.
    """
    lines = [log_probabilities(line) for line in logits]
    if settings is None:
        model, settings, hypotheses = None, _WITHOUT_MODEL, [[] for _ in lines]
        texts = [greedy(line) for line in lines]
    else:
        hypotheses = beam_search_all(lines, charset, model, settings)
        hypotheses = second.rank(hypotheses) if second else hypotheses
        texts = [np.array(found[0].indices, np.int64) for found in hypotheses]
        model = contrasted(model, settings.contrast)
    decoded = [Decoded("", float(np.exp(line[:, -1].sum()))) for line in lines]
    written = np.flatnonzero([len(text) for text in texts])
    for some in portions([lines[place] for place in written], _SIDE_BY_SIDE):
        places = written[some]
        known = _examine([lines[i] for i in places], [texts[i] for i in places], model, settings)
        for place, (edits, found) in zip(places, known, strict=True):
            indices, others = texts[place], hypotheses[place]
            decoded[place] = _describe(indices, edits, found, others, charset, calibration)
    return decoded


class _Edits(NamedTuple):
    """The columns of `edits.Edits` of one line, without the line."""

    position: np.ndarray
    replacement: np.ndarray
    odds: np.ndarray


def decode_texts(
    logits: Sequence[np.ndarray],
    charset: Charset,
    model: LanguageModel | None = None,
    settings: BeamSettings | None = None,
    second: SecondReader | None = None,
) -> list[str]:
    """The texts of `decode_all` alone, faster: by the best path if `settings` is None."""
    if settings is None:
        found = [greedy(frames) for frames in logits]
    else:
        hypotheses = beam_search_all(logits, charset, model, settings)
        hypotheses = second.rank(hypotheses) if second else hypotheses
        found = [texts[0].indices for texts in hypotheses]
    return [" ".join(charset.decode(indices).split()) for indices in found]


def _examine(
    lines: list[np.ndarray],
    texts: list[np.ndarray],
    model: LanguageModel | None,
    settings: BeamSettings,
) -> Iterator[tuple[_Edits, np.ndarray]]:
    """The single edits of each text, and the extents (L, 2) of its characters."""
    frames, stacked = stack(lines), stack_texts(texts, lines[0].shape[1] - 1)
    line, *columns = single_edits(frames, stacked, model, settings)
    ends = np.searchsorted(line, np.arange(1, len(lines)))
    edits = zip(*(np.split(column, ends) for column in columns), strict=True)
    paths = best_alignment_all(frames, stacked).T
    for own, path, text, logs in zip(edits, paths, texts, lines, strict=True):
        yield _Edits(*own), extents(spans(path[: len(logs)], len(text)), len(logs))


def _describe(
    indices: np.ndarray,
    edits: _Edits,
    places: np.ndarray,
    hypotheses: list[Hypothesis],
    charset: Charset,
    calibration: Calibration,
) -> Decoded:
    raw = 1 / (1 + np.bincount(edits.position, np.exp(edits.odds), len(indices)))
    calibrated = apply_confidence(raw, calibration.characters).tolist()
    text = charset.decode(indices)
    characters = [
        Character(character, confidence, start, end)
        for character, confidence, (start, end) in zip(
            text, calibrated, places.tolist(), strict=True
        )
    ]
    parts = word_spans(text)
    products = [float(raw[first:end].prod()) for first, end in parts]
    words = make_words(
        characters,
        parts,
        apply_confidence(products, calibration.words).tolist(),
        _word_odds(text, parts, edits, hypotheses, charset),
    )
    kept = _without_idle_spaces(characters)
    confidence = float(np.mean([character.confidence for character in kept or characters]))
    return Decoded("".join(c.text for c in kept), confidence, tuple(kept), words)


def _word_odds(
    text: str,
    places: list[tuple[int, int]],
    edits: _Edits,
    hypotheses: list[Hypothesis],
    charset: Charset,
) -> list[dict[str, float]]:
    """Other readings of each word: from texts of the beam, and from edits of the best one.

    The beam knows readings that differ in several characters; but its texts differ mostly
    in a few places of the line, and the edits cover all. A reading in both has the larger odds.
    """
    likely = edits.odds > FAINTEST
    position, replacement, values = (column[likely].tolist() for column in edits)
    written = [charset.characters[i] if i >= 0 else "" for i in replacement]
    odds = edited_words(text, places, list(zip(position, values, written, strict=True)))
    texts = [(charset.decode(h.indices), h.score) for h in hypotheses[:_COMPARED]]
    for own, others in zip(odds, readings_among(texts) if texts else [], strict=False):
        own |= {reading: max(value, own.get(reading, 0)) for reading, value in others.items()}
    return odds


def _without_idle_spaces(characters: list[Character]) -> list[Character]:
    """Characters without spaces at the ends of the line and after another space."""
    kept: list[Character] = []
    for character in characters:
        if character.text != " " or (kept and kept[-1].text != " "):
            kept.append(character)
    return kept[:-1] if kept and kept[-1].text == " " else kept
