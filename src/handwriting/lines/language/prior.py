"""What follows what in the labels that a network was trained on: pairs of symbols."""

from collections.abc import Sequence

import numpy as np

from handwriting.lines.charset import Charset


def bigram_prior(texts: Sequence[str], charset: Charset) -> np.ndarray:
    """(C + 1, C + 1) float16: log q(column | row), Witten–Bell smoothed.

    The last row is the start of a line, the last column its end. Texts with characters that
    are not in the charset do not count.
    """
    end = len(charset)
    counts = np.zeros((end + 1, end + 1))
    for text in texts:
        if not charset.missing(text):
            symbols = np.concatenate([[end], charset.encode(text), [end]]).astype(int)
            np.add.at(counts, (symbols[:-1], symbols[1:]), 1)
    single = counts.sum(axis=0) + 0.5
    kinds = (counts > 0).sum(axis=1, keepdims=True) + 1
    mixed = counts + kinds * single / single.sum()
    return np.log(mixed / mixed.sum(axis=1, keepdims=True)).astype(np.float16)
