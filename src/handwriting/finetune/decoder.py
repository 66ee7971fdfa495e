"""From logits to texts as prediction does it, for a model that may know more characters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from handwriting.finetune.language import extend_language_model
from handwriting.lines.charset import Charset
from handwriting.lines.decoding import BeamSettings, decode_texts
from handwriting.lines.language.steps import StepModel
from handwriting.lines.recognizer import LineRecognizer


@dataclass(frozen=True)
class Decoder:
    """Reads with a language model, or by the best path where there is none."""

    charset: Charset
    language_model: StepModel | None = None
    settings: BeamSettings | None = None

    @classmethod
    def of(cls, recognizer: LineRecognizer) -> "Decoder":
        return cls(recognizer.charset, recognizer.language_model, recognizer.settings)

    def widened(self, charset: Charset, texts: Sequence[str]) -> "Decoder":
        """For a charset with characters behind, which occur in `texts`."""
        if charset == self.charset or self.language_model is None:
            return Decoder(charset, self.language_model, self.settings)
        extended = extend_language_model(self.language_model, charset, texts)
        return Decoder(charset, extended, self.settings)

    def texts(self, logits: Sequence[np.ndarray]) -> list[str]:
        """What is read in each line.

        Args:
            logits: (T, C + 1) of each.
        """
        return decode_texts(logits, self.charset, self.language_model, self.settings)
