"""Smoothed n-grams as a trie of small numbers."""

from collections.abc import Sequence

import numpy as np

from handwriting.lines.language.smoothing import Shares, contexts

# Shares are kept as even steps of their logit, fine near 0 and near 1 alike; code 0 is none.
_LOWEST, _HIGHEST, _CODES = -11.0, 8.5, 256


def share_table() -> np.ndarray:
    """(256,) float32: the share that each code stands for."""
    logits = np.linspace(_LOWEST, _HIGHEST, _CODES - 1)
    return np.append(0, 1 / (1 + np.exp(-logits))).astype(np.float32)


def pack(levels: Sequence[Shares], symbols: int) -> dict[str, np.ndarray]:
    """The arrays of `model.NgramModel`, by name.

    Args:
        levels: of the orders 1, 2, …; each context of one is an n-gram of the one before.
        symbols: how many there are, the edge of the line among them.
    """
    shares = levels[0].shares
    unigrams = np.full(symbols, (1 - shares.sum()) / symbols)
    unigrams[levels[0].keys.astype(np.int64)] += shares
    parents = np.arange(symbols, dtype=np.uint64)
    last = [parents.astype(np.uint8)]
    codes, children = [np.zeros(symbols, np.uint8)], []
    for level in levels[1:]:
        context, group = contexts(level.keys)
        below = np.zeros(len(parents), np.uint8)
        below[np.searchsorted(parents, context)] = np.bincount(group)
        children.append(below)
        last.append((level.keys & np.uint64(255)).astype(np.uint8))
        codes.append(_share_codes(level.shares, group))
        parents = level.keys
    return {
        "unigrams": unigrams.astype(np.float32),
        "symbols": np.concatenate(last),
        "children": np.concatenate(children) if children else codes[0],
        "codes": np.concatenate(codes),
    }


def _share_codes(shares: np.ndarray, group: np.ndarray) -> np.ndarray:
    """(N,) uint8; rounded so that the shares of one context stay below 1 together."""
    shares = np.clip(shares, 1e-12, 1 - 1e-12)
    steps = (np.log(shares / (1 - shares)) - _LOWEST) / (_HIGHEST - _LOWEST) * (_CODES - 2)
    codes = np.clip(np.rint(steps) + 1, 0, _CODES - 1).astype(np.uint8)
    table = share_table()
    while len(codes):
        over = np.bincount(group, table[codes]) > table[-1]
        if not over.any():
            break
        codes -= (over[group] & (codes > 0)).astype(np.uint8)
    return codes
