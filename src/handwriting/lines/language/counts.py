"""Counting character n-grams: each is one 64-bit number, so counting is sorting."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from handwriting.lines.charset import Charset

MAX_ORDER = 8  # symbols of 8 bits in a key of 64
MAX_SYMBOLS = 255  # with the edge of the line, so that a count of them fits into a byte


@dataclass(frozen=True)
class Counts:
    """The n-grams of one order, sorted.

    Attributes:
        keys: (N,) uint64, 8 bits a symbol, the last one lowest. Symbol `len(charset)` is the
            edge of a line: its start in first place, its end in last place.
        counts: (N,) float64, how often each occurs.
        weights: (N,) float64, the same with each occurrence weighted as its text is.
    """

    keys: np.ndarray
    counts: np.ndarray
    weights: np.ndarray


def count_ngrams(
    texts: Sequence[str], charset: Charset, order: int, weights: Sequence[float] | None = None
) -> list[Counts]:
    """Counts of the orders 1 … `order`; no n-gram reaches over the edge of a text.

    Raises:
        ValueError: no texts, an order outside 1 … 8, a weight that is not positive,
            or more than 254 characters.
        KeyError: a character that is not in the charset.
    """
    if not 1 <= order <= MAX_ORDER:
        raise ValueError(f"an order is 1 … {MAX_ORDER}, not {order}")
    if len(charset) + 1 > MAX_SYMBOLS:
        raise ValueError(f"{len(charset)} characters do not fit into keys of 8 bits a symbol")
    weights = np.ones(len(texts)) if weights is None else np.asarray(weights, np.float64)
    if len(weights) != len(texts):
        raise ValueError(f"{len(weights)} weights for {len(texts)} texts")
    if not (weights > 0).all():
        raise ValueError("a weight is a positive number")
    some = [(text, weight) for text, weight in zip(texts, weights, strict=True) if text]
    if not some:
        raise ValueError("no texts to count")
    edge = len(charset)
    symbols = charset.encode("".join(text for text, _ in some))
    lengths = np.array([len(text) for text, _ in some])
    ends = np.cumsum(lengths)
    stream = np.append(edge, np.insert(symbols, ends, edge)).astype(np.uint64)
    weight = np.append(0.0, np.repeat([weight for _, weight in some], lengths + 1))

    positions = np.arange(len(stream))
    edges = np.where(stream == edge, positions, 0)
    start = np.append(0, np.maximum.accumulate(edges)[:-1])  # of the line that a symbol ends
    levels, keys = [], np.zeros(len(stream), np.uint64)
    sizes = range(1, order + 1)
    for size in tqdm(sizes, desc="counting", unit="order", disable=not sys.stderr.isatty()):
        keys[size - 1 :] |= stream[: len(stream) - size + 1] << np.uint64(8 * (size - 1))
        inside = positions - size + 1 >= start
        inside[0] = False  # the first start of all is not predicted by anything
        levels.append(_count(keys[inside], weight[inside]))
    return levels


def _count(keys: np.ndarray, weights: np.ndarray) -> Counts:
    order = np.argsort(keys)
    keys, weights = keys[order], weights[order]
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    counts = np.diff(np.append(first, len(keys))).astype(np.float64)
    return Counts(keys[first], counts, np.add.reduceat(weights, first))
