"""A second reader's opinion of the best texts that a search found.

Two networks make different mistakes, but mixing them frame by frame needs both to see a
character in the same frame, which CTC does not ask of them. Whole texts can be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from handwriting.lines.decoding.beam import Hypothesis
from handwriting.lines.decoding.frames import log_probabilities, stack
from handwriting.lines.decoding.lattice import stack_texts, text_log_probabilities

_IMPOSSIBLE = -1e4  # nats, of a text of which a reader sees nothing at all


@dataclass(frozen=True)
class SecondSettings:
    """How to weigh two readers.

    The new score of a text is first · log p(text | image) + what else the search's score is made
    of + second · log q(text | image) + bonus · length, q being the second reader's probability.

    Attributes:
        first, second: weights of the readers, not negative.
        bonus: for each character.
        texts: of each line that are weighed, the best ones of the search.
        margin: nats; texts whose score is further behind the best one's are not weighed.
    """

    first: float = 1.0
    second: float = 0.0
    bonus: float = 0.0
    texts: int = 24
    margin: float = 8.0

    def __post_init__(self):
        if self.texts < 1:
            raise ValueError("at least one text is weighed")
        if self.first < 0 or self.second < 0:
            raise ValueError("first and second are weights of readers, not negative")


@dataclass(frozen=True)
class SecondReader:
    """What a second reader says of some lines, and what that is worth.

    Attributes:
        logits: of each line, (T, C + 1).
    """

    logits: Sequence[np.ndarray]
    settings: SecondSettings

    def rank(self, lists: Sequence[list[Hypothesis]]) -> list[list[Hypothesis]]:
        """The texts that were weighed of each line, best first, with their new scores.

        Args:
            lists: of each line the texts of a search, best first.
        """
        ranked = []
        for found, parts in zip(lists, self.parts(lists), strict=True):
            scores = new_scores(parts, self.settings).tolist()
            weighed = [replace(text, score=s) for text, s in zip(found, scores, strict=False)]
            ranked.append(sorted(weighed, key=lambda text: -text.score))
        return ranked

    def parts(self, lists: Sequence[list[Hypothesis]]) -> list[np.ndarray]:
        """Of each line (4, N): what the scores of its N weighed texts are made of.

        Rows: log p(text | image), the rest of the search's score, log q(text | image), length.
        """
        return [self._parts(*pair) for pair in zip(self.logits, lists, strict=True)]

    def _parts(self, logits: np.ndarray, found: list[Hypothesis]) -> np.ndarray:
        least = found[0].score - self.settings.margin
        found = [text for text in found[: self.settings.texts] if text.score >= least]
        parts = np.zeros((4, len(found)))
        parts[0] = [text.log_probability for text in found]
        parts[1] = [text.score - text.log_probability for text in found]
        parts[3] = [len(text.indices) for text in found]
        if len(found) > 1:  # of one text nobody needs an opinion
            frames = stack([log_probabilities(logits)])[:, 0]
            texts = stack_texts([np.array(t.indices, int) for t in found], frames.shape[1] - 2)
            with np.errstate(divide="ignore", invalid="ignore"):
                logs = np.nan_to_num(text_log_probabilities(frames, texts), nan=_IMPOSSIBLE)
            parts[2] = np.maximum(logs, _IMPOSSIBLE)
        return parts


def new_scores(parts: np.ndarray, settings: SecondSettings) -> np.ndarray:
    """(...,) from the parts (4, ...) of `SecondReader.parts`."""
    first, rest, second, lengths = parts
    return settings.first * first + rest + settings.second * second + settings.bonus * lengths
