"""Scores of lines of text, as arithmetic that a reader can redo by hand.

CER = total edits / total characters of the references, over all lines together: a long line
weighs more than a short one. Characters are Unicode code points in NFC, after
`charset.plain_text` on both sides: no spaces at the ends, single ones between words. Case,
accents, punctuation and spaces count unless `TextRules` says otherwise. WER is the same over
the tokens between spaces, so that a wrong comma makes a wrong word. What is read into an empty
line counts as edits, and the rate can pass 1.
"""

import unicodedata
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from handwriting.lines.charset import plain_text
from handwriting.lines.data import Line

UNITS = ("writer", "page", "line")  # what a bootstrap draws, the most dependent first


@dataclass(frozen=True)
class TextRules:
    """Which differences between two texts count; by default all that labels can have.

    Attributes:
        case: False compares in lower case.
        punctuation: False drops every character of Unicode's category P, among them & % @ *.
        accents: False drops what NFD splits off: é is e and ç is c, but œ, æ and ß stay.
    """

    case: bool = True
    punctuation: bool = True
    accents: bool = True

    def apply(self, text: str) -> str:
        """The text without what does not count; words never merge, though one may vanish.

        >>> TextRules(case=False, punctuation=False).apply("À l'eau - vite !")
        'à leau vite'
        >>> TextRules(accents=False).apply("À l'eau - vite !")
        "A l'eau - vite !"
        """
        text = plain_text(text)
        if not self.case:
            text = text.lower()
        if not self.accents:
            split = unicodedata.normalize("NFD", text)
            text = "".join(char for char in split if unicodedata.category(char) != "Mn")
        if not self.punctuation:
            text = "".join(char for char in text if unicodedata.category(char)[0] != "P")
        return " ".join(unicodedata.normalize("NFC", text).split())


EVERYTHING = TextRules()


def edit_distance(reference: Sequence[Hashable], hypothesis: Sequence[Hashable]) -> int:
    """Fewest insertions, deletions and substitutions that turn one into the other.

    Levenshtein's distance; items are the characters of a string or the words of a list. A
    column of the usual table is held as two numbers, whose bits say where it steps up and
    down (Myers 1999, in the form of Hyyrö 2003).

    >>> edit_distance("maison", "mansion")
    2
    >>> edit_distance("le petit pont".split(), "le pont".split())
    1
    """
    length = len(reference)
    if not length:
        return len(hypothesis)
    places: dict[Hashable, int] = {}
    for row, item in enumerate(reference):
        places[item] = places.get(item, 0) | 1 << row
    mask, bottom = (1 << length) - 1, 1 << (length - 1)
    up, down, distance = mask, 0, length
    for item in hypothesis:
        same = places.get(item, 0)
        diagonal = same | down
        across = (((same & up) + up) ^ up) | same
        plus, minus = down | mask & ~(across | up), up & across
        distance += bool(plus & bottom) - bool(minus & bottom)
        plus = plus << 1 | 1
        up = (minus << 1 | ~(diagonal | plus)) & mask
        down = plus & diagonal & mask
    return distance


def line_errors(
    references: Sequence[str],
    hypotheses: Sequence[str],
    rules: TextRules = EVERYTHING,
    words: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Edits and reference length of each line, both (N,) int64, in characters or in words.

    Raises:
        ValueError: not as many hypotheses as references.
    """
    if len(references) != len(hypotheses):
        raise ValueError(f"{len(references)} references but {len(hypotheses)} hypotheses")
    pairs = []
    for reference, hypothesis in zip(references, hypotheses, strict=True):
        reference, hypothesis = rules.apply(reference), rules.apply(hypothesis)
        pairs.append((reference.split(), hypothesis.split()) if words else (reference, hypothesis))
    edits = np.array([edit_distance(*pair) for pair in pairs], np.int64)
    return edits, np.array([len(reference) for reference, _ in pairs], np.int64)


def cer(references, hypotheses, rules: TextRules = EVERYTHING) -> float:
    """Character error rate, a fraction; NaN without reference characters.

    >>> cer(["chats", "nez"], ["chots", "ne"])
    0.25
    """
    return error_rate(*line_errors(references, hypotheses, rules))


def wer(references, hypotheses, rules: TextRules = EVERYTHING) -> float:
    """Word error rate, a fraction; NaN without reference words.

    >>> wer(["un chat, deux"], ["un chat deux"])
    0.3333333333333333
    """
    return error_rate(*line_errors(references, hypotheses, rules, words=True))


def error_rate(edits, lengths) -> float:
    """Total edits / total length; NaN where the lengths sum to 0."""
    total = np.sum(lengths)
    return float(np.sum(edits) / total) if total else float("nan")


def bootstrap_interval(
    edits, lengths, clusters: Sequence[Hashable], seed: int = 0, resamples: int = 1000
) -> tuple[float, float]:
    """95 % percentile interval of the error rate when whole clusters are drawn anew.

    Lines of one writer are easy or hard together, so the writer is drawn, with all his lines
    (the cluster bootstrap, Davison and Hinkley 1997, section 3.8). With few clusters the
    interval is rough and rather too narrow: say how many there are.

    Args:
        edits, lengths: (N,) int, one number for each line.
        clusters: (N,) names, equal for lines that belong together, see `bootstrap_clusters`.

    Returns:
        low, high as fractions. NaN for fewer than two clusters, which show no spread; and
        (0, 0) without any error, where a bootstrap cannot know that errors happen.
    """
    numbers: dict[Hashable, int] = {}
    groups = [numbers.setdefault(cluster, len(numbers)) for cluster in clusters]
    count = len(numbers)
    if count < 2:
        return float("nan"), float("nan")
    sums = np.stack([np.bincount(groups, values, count) for values in (edits, lengths)], axis=1)
    generator = np.random.default_rng(seed)
    times = generator.multinomial(count, np.full(count, 1 / count), resamples)
    drawn_edits, drawn_lengths = (times @ sums).T
    some = drawn_lengths > 0
    if not some.any():
        return float("nan"), float("nan")
    low, high = np.percentile(drawn_edits[some] / drawn_lengths[some], (2.5, 97.5))
    return float(low), float(high)


def bootstrap_clusters(lines: Iterable[Line]) -> tuple[str, list[tuple]]:
    """The unit that a bootstrap should draw, and the cluster of each line.

    Writers; pages if there is one writer only; lines if there is one page only. A line whose
    writer is not known counts by its page, and one without a page by itself: the unit then
    reads, for example, `writer or line`.

    >>> bootstrap_clusters([Line(None, "", "letters", writer="A", page=page) for page in "123"])[0]
    'page'
    """
    lines = list(lines)
    clusters: list[tuple] = []
    for first in range(len(UNITS)):
        clusters = [_cluster(line, number, UNITS[first:]) for number, line in enumerate(lines)]
        if len(set(clusters)) > 1:
            break
    used = {cluster[0] for cluster in clusters}
    return " or ".join(unit for unit in UNITS if unit in used), clusters


def _cluster(line: Line, number: int, units: Sequence[str]) -> tuple:
    # Two collections may both have a writer called 1: the source is part of the name.
    if "writer" in units and line.writer:
        return "writer", line.source, line.writer
    if "page" in units and line.page:
        return "page", line.source, line.writer, line.page
    return "line", number
