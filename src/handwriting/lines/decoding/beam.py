"""CTC prefix beam search with a character language model.

Graves, "Supervised sequence labelling with recurrent neural networks", 2012, section 7.5.3;
Hannun et al., "First-pass large vocabulary continuous speech recognition using bi-directional
recurrent DNNs", arXiv:1408.2873.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.decoding.frames import log_probabilities


class LanguageModel(Protocol):
    """What decoding asks of a language model; `language.NgramModel` is one."""

    def start(self) -> Hashable:
        """The state at the start of a line."""

    def advance(self, state: Hashable, symbol: int) -> Hashable:
        """The state one character later."""

    def scores(self, state: Hashable) -> np.ndarray:
        """(C + 1,) float32 log-probabilities of the next character; last, of the line's end."""


@dataclass(frozen=True)
class BeamSettings:
    """How to search.

    The score of a text is log p(text | image) + alpha · log p(text) + beta · length, with the
    first summed over all alignments and the second from the language model, line end included.

    Attributes:
        width: texts kept after each frame.
        alpha: weight of the language model.
        beta: bonus for each character, against the model's liking for short texts.
        floor: characters less probable than this in a frame begin no new text there. A frame
            in which only the blank is above it, as most are, costs a tenth of the others.
            What this leaves out is that character's beginning at just this frame.
        margin: texts this many nats behind the best are dropped early.
    """

    width: int = 16
    alpha: float = 0.5
    beta: float = 1.0
    floor: float = 1e-3
    margin: float = 14.0

    def __post_init__(self):
        if self.width < 1:
            raise ValueError(f"a beam holds at least one text, not {self.width}")


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
    frames = log_probabilities(logits)
    if frames.shape[1] != len(charset) + 1:
        raise ValueError(f"{frames.shape[1]} logits for {len(charset)} characters and the blank")
    # The empty text has no last character: as such it gets a column that never occurs.
    frames = np.hstack([frames, np.full((len(frames), 1), -np.inf)])
    with np.errstate(divide="ignore"):
        able = frames[:, : len(charset)] > np.log(settings.floor)
    beam = _Beam(_Texts(model, settings, len(charset)))
    for frame, begins in zip(frames, able, strict=True):
        beam.follow(frame, np.flatnonzero(begins), settings)
    return beam.hypotheses()


class _Texts:
    """Every text met, as a shorter one and a character; number 0 is the empty text."""

    def __init__(self, model: LanguageModel | None, settings: BeamSettings, characters: int):
        self.model, self.alpha, self.beta = model, settings.alpha, settings.beta
        self.parents, self.symbols = [-1], [characters + 1]
        self._states = [model.start() if model else None]
        self._numbers: dict[tuple[int, int], int] = {}
        self._flat = np.full(characters + 1, settings.beta)

    def longer(self, number: int, symbol: int) -> int:
        """The number of a text with one more character, always the same one."""
        found = self._numbers.get((number, symbol))
        if found is not None:
            return found
        self.parents.append(number)
        self.symbols.append(symbol)
        if self.model:
            self._states.append(self.model.advance(self._states[number], symbol))
        self._numbers[number, symbol] = len(self.parents) - 1
        return len(self.parents) - 1

    def gains(self, number: int) -> np.ndarray:
        """(C + 1,) what model and bonus add to the score for each next character."""
        if not self.model:
            return self._flat
        return self.alpha * self.model.scores(self._states[number]) + self.beta

    def end(self, number: int) -> float:
        """What the model adds for the end of the line."""
        return float(self.gains(number)[-1]) - self.beta if self.model else 0.0

    def indices(self, number: int) -> tuple[int, ...]:
        reverse = []
        while number:
            reverse.append(self.symbols[number])
            number = self.parents[number]
        return tuple(reversed(reverse))


class _Beam:
    """The texts kept, as arrays over them.

    `blank` and `character` are the log-probabilities of the alignments so far that end in a
    blank and in the last character; `bonus` is the rest of the score. `heirs` are those
    whose text without its last character is kept too, in the slots `sources`.
    """

    def __init__(self, texts: _Texts):
        self.texts = texts
        self.blank, self.character = np.zeros(1), np.full(1, -np.inf)
        self.bonus, self.gains = np.zeros(1), texts.gains(0)[None]
        self._number([0])

    def follow(self, frame: np.ndarray, symbols: np.ndarray, settings: BeamSettings) -> None:
        """One frame (C + 2,) further, in which only `symbols` may begin new texts."""
        blank, character = self.blank, self.character
        both = np.logaddexp(blank, character)
        emitted = frame[self.last]
        self.blank, self.character = both + frame[-2], character + emitted
        if len(self.heirs):
            before = np.where(self.doubled, blank[self.sources], both[self.sources])
            self.character[self.heirs] = np.logaddexp(
                self.character[self.heirs], before + emitted[self.heirs]
            )
        if len(symbols):
            # A character is written twice in a row only with a blank between the two.
            doubled = self.last[:, None] == symbols
            longer = np.where(doubled, blank[:, None], both[:, None]) + frame[symbols]
            place = np.searchsorted(symbols, self.last[self.heirs])
            place[place == len(symbols)] = 0
            merged = symbols[place] == self.last[self.heirs]
            longer[self.sources[merged], place[merged]] = -np.inf
            self._select(symbols, longer, settings)

    def _select(self, symbols: np.ndarray, longer: np.ndarray, settings: BeamSettings) -> None:
        count = len(self.numbers)
        bonus = self.bonus[:, None] + self.gains[:, symbols]
        ranks = np.append(
            np.logaddexp(self.blank, self.character) + self.bonus, (longer + bonus).ravel()
        )
        kept = np.flatnonzero(ranks > ranks.max() - settings.margin)
        if len(kept) > settings.width:
            kept = kept[np.argpartition(-ranks[kept], settings.width - 1)[: settings.width]]
        old, new = kept[kept < count], kept[kept >= count] - count
        slots, columns = np.divmod(new, len(symbols))
        numbers = [self.numbers[slot] for slot in old]
        added = zip(slots.tolist(), symbols[columns].tolist(), strict=True)
        added = [self.texts.longer(self.numbers[slot], symbol) for slot, symbol in added]
        self.blank = np.append(self.blank[old], np.full(len(new), -np.inf))
        self.character = np.append(self.character[old], longer[slots, columns])
        self.bonus = np.append(self.bonus[old], bonus[slots, columns])
        self.gains = np.vstack([self.gains[old], *map(self.texts.gains, added)])
        self._number(numbers + added)

    def _number(self, numbers: list[int]) -> None:
        self.numbers = numbers
        texts, slots = self.texts, {number: slot for slot, number in enumerate(numbers)}
        self.last = np.array([texts.symbols[number] for number in numbers])
        sources = np.array([slots.get(texts.parents[number], -1) for number in numbers])
        self.heirs = np.flatnonzero(sources >= 0)
        self.sources = sources[self.heirs]
        self.doubled = self.last[self.sources] == self.last[self.heirs]

    def hypotheses(self) -> list[Hypothesis]:
        """Best first."""
        likely = np.logaddexp(self.blank, self.character)
        ends = [self.texts.end(number) for number in self.numbers]
        scores = likely + self.bonus + ends
        return [
            Hypothesis(self.texts.indices(self.numbers[i]), float(scores[i]), float(likely[i]))
            for i in np.argsort(-scores, kind="stable")
        ]
