"""New lines from pieces of words, so that a network learns letters and not words.

`splicing` puts whole words into another order. Here other words are written with what a page
has: runs of its letters, cut out where the alignment with the logits of a network finds them,
after StackMix (Shonenkov et al., arXiv:2108.11667). The cuts lean as the writing does and go
through thin strokes only; what the network then cannot read at all was cut badly, and is left.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.data import LINE_HEIGHT, Line
from handwriting.lines.metrics import edit_distance
from handwriting.lines.splicing import page_of
from handwriting.lines.supply import Supply, find_characters
from handwriting.lines.synthesis.corpus import Corpus

FEWEST_LINES = 4  # of a page, to be enough to write with; else those of its writer serve
FROM_CORPUS = 0.5  # of the texts; the others are those of other lines of the collection
WIDEST = 1.5  # of the line in whose place a composed one comes
LEGIBLE = 0.3  # CER of the best path up to which a composed line is taken
_ATTEMPTS = 3

Reader = Callable[[Sequence[Line]], Sequence[str]]


class Composer:
    """Writes other texts with the letters of a line's page, or of its writer.

    Args:
        lines: real ones, with texts that the charset writes.
        logits: (T, C + 1) of each line, the blank last, with enough frames for its text.
        read: what a network makes of lines, to tell badly cut ones; without it all are taken.
        corpus: running text; without it, or for a language that it does not have, only other
            lines of the collection say what to write.
    """

    def __init__(
        self,
        lines: Sequence[Line],
        logits: Sequence[np.ndarray],
        charset: Charset,
        read: Reader | None = None,
        corpus: Corpus | None = None,
    ):
        self._read = read
        self._corpus = corpus
        self._texts: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            self._texts[line.source].append(line.text)
        found = find_characters(lines, logits, charset)
        self._supplies = {
            name: Supply([lines[i] for i in places], [found[i] for i in places])
            for name, places in _groups(lines).items()
        }

    def compose(self, lines: Sequence[Line], share: float, rng: np.random.Generator) -> list[Line]:
        """The lines with a random `share` of them replaced by composed ones, where that goes."""
        made = list(lines)
        chosen = np.flatnonzero(rng.random(len(lines)) < share)
        new = {place: line for place in chosen if (line := self.remake(lines[place], rng))}
        for place, good in zip(new, self._legible(list(new.values())), strict=True):
            if good:
                made[place] = new[place]
        return made

    def remake(self, line: Line, rng: np.random.Generator) -> Line | None:
        """Another text in the hand of a line and about as long, or None where that cannot be."""
        supply = self._supplies.get(page_of(line)) or self._supplies.get(_hand(line))
        for _ in range(_ATTEMPTS if supply else 0):
            text = " ".join(filter(supply.has, self._words(line, rng)))
            image = supply.write(text, rng) if text else None
            if image is not None and image.shape[1] <= WIDEST * line.image.shape[1] + LINE_HEIGHT:
                return replace(line, image=image, text=text)
        return None

    def _legible(self, lines: Sequence[Line]) -> list[bool]:
        if self._read is None or not lines:
            return [True] * len(lines)
        return [
            edit_distance(line.text, read) <= LEGIBLE * len(line.text)
            for line, read in zip(lines, self._read(lines), strict=True)
        ]

    def _words(self, line: Line, rng: np.random.Generator) -> list[str]:
        corpus = self._corpus
        if corpus and line.language in corpus.languages and rng.random() < FROM_CORPUS:
            return corpus.words(rng, line.language, len(line.text))
        others = self._texts[line.source]
        return others[rng.integers(len(others))].split(" ")


def _groups(lines: Sequence[Line]) -> dict[tuple[str, ...], list[int]]:
    """Places of lines by page, and by writer where a page has too few."""
    pages, hands = defaultdict(list), defaultdict(list)
    for place, line in enumerate(lines):
        pages[page_of(line)].append(place)
        hands[_hand(line)].append(place)
    rich = {page: places for page, places in pages.items() if len(places) >= FEWEST_LINES}
    poor = {_hand(lines[places[0]]) for page, places in pages.items() if page not in rich}
    return rich | {hand: hands[hand] for hand in poor if len(hands[hand]) >= FEWEST_LINES}


def _hand(line: Line) -> tuple[str, ...]:
    return line.source, line.writer
