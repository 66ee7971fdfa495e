"""Labels of line collections, as text for language models."""

from collections.abc import Sequence

from handwriting.lines.charset import DEFAULT_CHARSET
from handwriting.lines.collections import load_lines
from handwriting.lines.language.corpus import Corpus, with_extra_texts


def read_labels(names: Sequence[str]) -> list[str]:
    """Training labels of line collections: what a network beside the model has seen."""
    return [text for name in names for text in load_lines(name).train.texts]


def add_labels(corpus: Corpus, names: Sequence[str], weight: float) -> Corpus:
    """The corpus with the training labels of line collections; validation labels held out."""
    for name in names:
        data = load_lines(name)
        corpus = with_extra_texts(
            corpus,
            name,
            DEFAULT_CHARSET,
            data.train.texts,
            weight,
            data.validation.texts,
            next((line.language for line in data.train), ""),
        )
    return corpus
