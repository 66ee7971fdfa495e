"""The best texts of a beam, weighed anew by a model that remembers the whole line.

Such a model is too slow for the search, which asks about every character that may follow;
of the search's best texts, which differ in a few places, it can be asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from handwriting.lines.decoding.beam import Hypothesis

# log-probability of a character that the model does not know: it is not to decide on those.
FOREIGN = -6.0
_SIDE_BY_SIDE = 32  # lines


class WholeLineModel(Protocol):
    """What rescoring asks of a language model; `language.RecurrentModel` is one."""

    charset: Sequence

    def list_log_probs(self, lists: Sequence[Sequence[Sequence[int]]], memory: int) -> np.ndarray:
        """(N,) natural log-probabilities, line end included, of all texts of all lists."""


@dataclass(frozen=True)
class RescoringSettings:
    """How to weigh.

    The new score of a text is log p(text | image) + own · (score - log p(text | image)) +
    weight · log r(text) + bonus · length, with the score of the search and r of the model.

    Attributes:
        own: share of what the search says besides the image, not negative.
        weight: of the model, not negative.
        bonus: for each character.
        texts: of each line that are weighed, the best ones of the search.
        margin: nats; texts whose score is further behind the best one's are not weighed.
        memory: characters; where as many are the same in two texts of a line, the model is
            taken to remember the same.
    """

    own: float = 1.0
    weight: float = 0.0
    bonus: float = 0.0
    texts: int = 24
    margin: float = 8.0
    memory: int = 16

    def __post_init__(self):
        if self.texts < 1 or self.memory < 1:
            raise ValueError("rescoring takes at least one text, and remembers one character")
        if self.own < 0 or self.weight < 0:
            raise ValueError("own and weight are shares of models, not negative")


@dataclass(frozen=True)
class Rescorer:
    """A model and how to use it.

    The charset of the texts may have characters behind those of the model.
    """

    model: WholeLineModel
    settings: RescoringSettings

    def rank(self, lists: Sequence[list[Hypothesis]]) -> list[list[Hypothesis]]:
        """The texts that were weighed of each line, best first, with their new scores.

        Args:
            lists: of each line the texts of a search, best first.
        """
        likely = self.log_probs(lists)
        ranked = []
        for found, logs in zip(lists, likely, strict=True):
            found = [
                replace(text, score=score)
                for text, score in zip(found, self._scores(found, logs).tolist(), strict=False)
            ]
            ranked.append(sorted(found, key=lambda text: -text.score))
        return ranked

    def _scores(self, found: list[Hypothesis], likely: np.ndarray) -> np.ndarray:
        parts = score_parts(found[: len(likely)])
        return new_scores(parts, likely, self.settings)

    def log_probs(self, lists: Sequence[list[Hypothesis]]) -> list[np.ndarray]:
        """log r of the texts of each line that are to be weighed; zero where there is one only."""
        weighed = [self._weighed(found) for found in lists]
        likely = [np.zeros(len(found)) for found in weighed]
        doubtful = [place for place, found in enumerate(weighed) if len(found) > 1]
        doubtful.sort(key=lambda place: len(weighed[place][0].indices))
        for first in range(0, len(doubtful), _SIDE_BY_SIDE):
            places = doubtful[first : first + _SIDE_BY_SIDE]
            known = len(self.model.charset)
            texts = [[t.indices for t in weighed[place]] for place in places]
            foreign = [[sum(i >= known for i in text) for text in own] for own in texts]
            seen = [[[i for i in text if i < known] for text in own] for own in texts]
            logs = self.model.list_log_probs(seen, self.settings.memory)
            ends = np.cumsum([len(own) for own in texts])
            for place, own, more in zip(places, np.split(logs, ends[:-1]), foreign, strict=True):
                likely[place] = own + FOREIGN * np.array(more)
        return likely

    def _weighed(self, found: list[Hypothesis]) -> list[Hypothesis]:
        least = found[0].score - self.settings.margin
        return [text for text in found[: self.settings.texts] if text.score >= least]


def score_parts(found: Sequence[Hypothesis]) -> np.ndarray:
    """(3, N): log p(text | image), the rest of the search's score, and the length of each text."""
    parts = [(t.log_probability, t.score - t.log_probability, len(t.indices)) for t in found]
    return np.array(parts, np.float64).T


def new_scores(parts: np.ndarray, likely: np.ndarray, settings: RescoringSettings) -> np.ndarray:
    """(...,) scores from `score_parts` (3, ...) and log r (...,)."""
    image, rest, lengths = parts
    return image + settings.own * rest + settings.weight * likely + settings.bonus * lengths
