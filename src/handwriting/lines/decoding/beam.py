"""CTC prefix beam search with a character language model.

Graves, "Supervised sequence labelling with recurrent neural networks", 2012, section 7.5.3;
Hannun et al., "First-pass large vocabulary continuous speech recognition using bi-directional
recurrent DNNs", arXiv:1408.2873.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.decoding.contrast import contrasted
from handwriting.lines.decoding.frames import log_probabilities, portions, stack
from handwriting.lines.decoding.search import Search


class LanguageModel(Protocol):
    """What decoding asks of a language model; `language.NgramModel` is one."""

    def start(self) -> np.ndarray:
        """(K,) int64: the state at the start of a line."""

    def follow(self, states: np.ndarray, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(N,) log-probabilities of `symbols` (N,) after `states` (K, N), and the states (K, N)
        behind them. The symbol behind all characters is the end of the line.
        """


@dataclass(frozen=True)
class BeamSettings:
    """How to search.

    The score of a text is log p(text | image) + alpha · log p(text) + beta · length, with the
    first summed over all alignments and the second from the language model, line end included.

    With a contrast the language model is `contrast.ContrastModel`: of its log p(text) that share
    of the log q(text) is taken off which the network's training labels have by their pairs of
    characters.

    Attributes:
        width: texts kept after each frame.
        alpha: weight of the language model, not negative.
        beta: bonus for each character, against the model's liking for short texts.
        floor: characters less probable than this in a frame begin no new text there. A frame
            in which only the blank is above it, as many are, costs little.
            What this leaves out is that character's beginning at just this frame.
        margin: texts this many nats behind the best are dropped early.
        contrast: share, 0 for none; nothing to a model without `prior`.
    """

    width: int = 64
    alpha: float = 0.5
    beta: float = 1.0
    floor: float = 1e-3
    margin: float = 14.0
    contrast: float = 0.0

    def __post_init__(self):
        if self.width < 1:
            raise ValueError(f"a beam holds at least one text, not {self.width}")
        if self.alpha < 0:
            raise ValueError(f"alpha is the weight of a model, not {self.alpha}")
        if self.contrast < 0:
            raise ValueError(f"a contrast takes something off, not {self.contrast}")


@dataclass(frozen=True)
class Hypothesis:
    """One text of the beam.

    Attributes:
        indices: of its characters.
        score: what the beam is sorted by, see `BeamSettings`.
        log_probability: log p(text | image), of the alignments that the beam followed.
    """

    indices: tuple[int, ...]
    score: float
    log_probability: float


DEFAULT_SETTINGS = BeamSettings()
_SIDE_BY_SIDE = 32  # lines; their arrays stay in the processor's cache


def beam_search(
    logits: np.ndarray,
    charset: Charset,
    model: LanguageModel | None = None,
    settings: BeamSettings = DEFAULT_SETTINGS,
) -> list[Hypothesis]:
    """The most probable texts, best first; at least one, of no characters if there are no frames.

    Args:
        logits: (T, C + 1) float32, the blank last.
        charset: of C characters.
        model: None searches without; `alpha` then has no meaning, `beta` still counts.

    Raises:
        ValueError: logits of another width than the charset asks for, or not finite.
    """
    return beam_search_all([logits], charset, model, settings)[0]


def beam_search_all(
    logits: Sequence[np.ndarray],
    charset: Charset,
    model: LanguageModel | None = None,
    settings: BeamSettings = DEFAULT_SETTINGS,
) -> list[list[Hypothesis]]:
    """`beam_search` of many lines side by side: the same results, several times faster."""
    lines = [log_probabilities(line) for line in logits]
    for line in lines:
        if line.shape[1] != len(charset) + 1:
            raise ValueError(f"{line.shape[1]} logits for {len(charset)} characters and the blank")
    found: list[list[Hypothesis]] = [[] for _ in lines]
    model = contrasted(model, settings.contrast) or _NoModel()
    for places in portions(lines, _SIDE_BY_SIDE):
        searched = _search([lines[place] for place in places], model, settings)
        for place, texts in zip(places, searched, strict=True):
            found[place] = [Hypothesis(*text) for text in texts]
    return found


def _search(lines: list[np.ndarray], model: LanguageModel, settings: BeamSettings) -> list[list]:
    """Of each line, which are not to be longer than the next, texts as of `Search.finish`."""
    search, found = Search(stack(lines), model, settings), []
    lengths = [len(line) for line in lines]
    for step in range(lengths[-1]):
        over = bisect_right(lengths, step)
        if over > len(found):
            found += search.finish(over)
        search.follow(step)
    return found + search.finish(len(lines))


class _NoModel:
    """Finds every text equally good."""

    def start(self) -> np.ndarray:
        return np.zeros(0, np.int64)

    def follow(self, states: np.ndarray, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros(len(symbols)), states
