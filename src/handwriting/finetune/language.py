"""A language model for a charset with new characters behind."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.decoding.contrast import RAREST
from handwriting.lines.language import MixedModel, NgramModel

# A new character is at least so probable: the network, not the model, shall decide.
LEAST = 2e-3
# And all of them together at most.
MOST = 0.1


def extend_language_model(
    model: NgramModel | MixedModel, charset: Charset, texts: Sequence[str]
) -> NgramModel | MixedModel:
    """The model for a charset with characters behind its own.

    The new characters get a probability without context, as often as they are in `texts`.
    No n-gram lists them, so that in every context they have that times what the context
    leaves to shorter ones. The words of a mixed model stay as they are.

    Args:
        texts: corrections.

    Raises:
        ValueError: the charset does not begin with the model's own.
    """
    if isinstance(model, MixedModel):
        extended = extend_language_model(model.characters, charset, texts)
        return MixedModel(extended, model.words, model.share)
    stored = _arrays(model)
    size, more = len(model.charset), len(charset) - len(model.charset)
    if charset.characters[:size] != model.charset.characters:
        raise ValueError("the language model is of another charset")
    symbols, added = stored["symbols"], np.arange(size, size + more)
    # The end of the line, which is numbered behind the characters, moves up.
    symbols = np.where(symbols == size, size + more, symbols).astype(np.uint8)
    return NgramModel(
        charset,
        model.order,
        unigrams=_unigrams(stored["unigrams"], charset, size, texts),
        symbols=np.insert(symbols, size, added.astype(np.uint8)),
        children=np.insert(stored["children"], size, np.zeros(more, np.uint8)),
        codes=np.insert(stored["codes"], size, np.zeros(more, np.uint8)),
        prior=_extended_prior(model.prior, size, more),
    )


def _extended_prior(prior: np.ndarray | None, size: int, more: int) -> np.ndarray | None:
    """The network has learned nothing of what stands beside new characters."""
    if prior is None:
        return None
    for axis in (0, 1):
        prior = np.insert(prior, [size] * more, np.float16(RAREST), axis=axis)
    return prior


def _arrays(model: NgramModel) -> dict[str, np.ndarray]:
    """What the model is made of, by way of its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.npz"
        model.save(path)
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}


def _unigrams(unigrams: np.ndarray, charset: Charset, size: int, texts: Sequence[str]):
    counts = Counter("".join(texts))
    total = max(1, counts.total())
    shares = np.array([max(LEAST, counts[c] / total) for c in charset.characters[size:]])
    shares *= min(1.0, MOST / max(shares.sum(), 1e-9))
    rest = unigrams * (1 - shares.sum())
    return np.concatenate([rest[:size], shares, rest[size:]]).astype(np.float32)
