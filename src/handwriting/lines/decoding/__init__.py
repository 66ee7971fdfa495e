"""From the logits of a line network to text, positions, confidences and alternatives.

`decode_all(logits, charset, model=...)` does it all; the parts are pure functions on logits
(T, C + 1) with CTC's blank last. `tuning.tune` chooses the weights of a language model,
`second_tuning.tune_second` those of a second reader.
"""

from handwriting.lines.decoding.alignment import align, extents
from handwriting.lines.decoding.beam import (
    BeamSettings,
    Hypothesis,
    LanguageModel,
    beam_search,
    beam_search_all,
)
from handwriting.lines.decoding.confidence import (
    Calibration,
    ConfidenceScale,
    apply_confidence,
    fit_confidence,
)
from handwriting.lines.decoding.decode import decode, decode_all, decode_texts
from handwriting.lines.decoding.frames import greedy, log_probabilities
from handwriting.lines.decoding.result import Character, Decoded, Word
from handwriting.lines.decoding.second import SecondReader, SecondSettings

__all__ = [
    "BeamSettings",
    "Calibration",
    "Character",
    "ConfidenceScale",
    "Decoded",
    "Hypothesis",
    "LanguageModel",
    "SecondReader",
    "SecondSettings",
    "Word",
    "align",
    "apply_confidence",
    "beam_search",
    "beam_search_all",
    "decode",
    "decode_all",
    "decode_texts",
    "extents",
    "fit_confidence",
    "greedy",
    "log_probabilities",
]
