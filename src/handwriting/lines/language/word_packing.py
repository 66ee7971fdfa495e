"""A model of words as arrays of small numbers, which compress well."""

import numpy as np

from handwriting.lines.language.lexicon import Lexicon

# Rates and shares are kept as even steps of their logarithm; code 0 is none.
_RAREST, _CODES = 1e-10, 256
_SCALE = (_CODES - 2) / -np.log(_RAREST)


def pack_words(lexicon: Lexicon, rates, pairs, shares) -> dict[str, np.ndarray]:
    """The arrays of a `words.WordModel`, by name; pairs as what each adds to the one before."""
    new_row = _row_starts(pairs)
    steps = np.diff(pairs, axis=0, prepend=0)
    return {
        "letters": np.array(lexicon.letters),
        "symbols": lexicon.symbols,
        "children": lexicon.children,
        "whole": np.packbits(lexicon.whole[:-1]),
        "rates": _to_codes(rates),
        "pair_contexts": steps[:, 0].astype(np.int32),
        "pair_capitals": pairs[:, 1].astype(np.uint8),
        "pair_words": np.where(new_row, pairs[:, 2], steps[:, 2]).astype(np.int32),
        "pair_shares": _to_codes(shares),
    }


def unpack_words(content: dict[str, np.ndarray]) -> dict:
    """What `words.WordModel` takes, from the arrays of `pack_words`."""
    symbols, children = content["symbols"], content["children"]
    whole = np.unpackbits(content["whole"], count=len(symbols)).astype(bool)
    lexicon = Lexicon(str(content["letters"]), symbols, children, whole)
    contexts = content["pair_contexts"].cumsum(dtype=np.int64)
    pairs = np.stack([contexts, content["pair_capitals"].astype(np.int64), contexts], axis=1)
    steps = content["pair_words"].astype(np.int64)
    starts = np.flatnonzero(_row_starts(pairs))
    total = steps.cumsum()
    before = total[starts] - steps[starts]
    pairs[:, 2] = total - np.repeat(before, np.diff(np.append(starts, len(steps))))
    rates = _from_codes(content["rates"])
    rates /= np.maximum(rates.sum(axis=(0, 1)), 1e-9)
    shares = _from_codes(content["pair_shares"])
    return {"lexicon": lexicon, "rates": rates, "pairs": pairs, "shares": shares}


def _row_starts(pairs: np.ndarray) -> np.ndarray:
    """(P,) bool: where the context or the capital is another than before."""
    return np.append(True, (pairs[1:, :2] != pairs[:-1, :2]).any(axis=1))[: len(pairs)]


def _to_codes(values: np.ndarray) -> np.ndarray:
    """uint8, rounded down so that sums stay below what they were."""
    values = np.asarray(values, np.float64)
    steps = np.floor(np.log(np.maximum(values, _RAREST) / _RAREST) * _SCALE)
    return np.where(values > 0, np.clip(steps, 0, _CODES - 2) + 1, 0).astype(np.uint8)


def _from_codes(codes: np.ndarray) -> np.ndarray:
    table = np.append(0, _RAREST * np.exp(np.arange(_CODES - 1) / _SCALE))
    return table.astype(np.float32)[codes]
