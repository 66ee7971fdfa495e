"""The text that a language model is trained on, as lines like those on a page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from handwriting.errors import UserError
from handwriting.lines.charset import Charset, plain_text

HOLD_OUT = 50  # every 50th sentence is kept for the perplexity
SHORTEST, LONGEST = 20, 70  # characters in a line of handwriting
MEAN_PARAGRAPH = 4  # sentences


@dataclass(frozen=True)
class Corpus:
    """Lines to train on and lines to measure with.

    Attributes:
        texts: training lines.
        weights: how much each of them counts, on average 1.
        languages: of each of them, "" where unknown.
        held_out: lines that are not trained on, by language or collection.
        sources: training lines by file or collection.
    """

    texts: tuple[str, ...]
    weights: tuple[float, ...]
    languages: tuple[str, ...]
    held_out: dict[str, tuple[str, ...]]
    sources: dict[str, int]


def read_corpus(folder: Path, charset: Charset, seed: int = 0) -> Corpus:
    """Every `LANGUAGE.txt` of a folder, one sentence a line; languages weigh the same together.

    Raises:
        UserError: no such file, or one that is not UTF-8 or without usable sentences.
    """
    files = sorted(folder.glob("*.txt"))
    if not files:
        raise UserError(f"{folder}: no LANGUAGE.txt with one sentence a line")
    generator = np.random.default_rng(seed)
    lines, held_out = {}, {}
    for path in files:
        sentences = clean(_read(path), charset)
        if not sentences:
            raise UserError(f"{path}: no sentence with known characters only")
        measured = sentences[HOLD_OUT - 1 :: HOLD_OUT]
        held_out[path.stem] = tuple(cut_lines(measured, generator))
        trained = [text for i, text in enumerate(sentences) if (i + 1) % HOLD_OUT]
        lines[path.name] = cut_lines(trained, generator)
    sizes = {name: sum(map(len, texts)) for name, texts in lines.items()}
    mean = sum(sizes.values()) / len(sizes)
    weights = [mean / sizes[name] for name, texts in lines.items() for _ in texts]
    texts = tuple(text for texts in lines.values() for text in texts)
    sources = {name: len(texts) for name, texts in lines.items()}
    languages = tuple(Path(name).stem for name, count in sources.items() for _ in range(count))
    return Corpus(texts, tuple(weights), languages, held_out, sources)


def with_extra_texts(
    corpus: Corpus,
    name: str,
    charset: Charset,
    extra_texts: Sequence[str],
    weight: float = 1.0,
    held_out: Sequence[str] = (),
    language: str = "",
) -> Corpus:
    """With real lines, such as labels, which are not cut; each counts `weight` times."""
    texts = clean(extra_texts, charset)
    measured = clean(held_out, charset)
    return replace(
        corpus,
        texts=corpus.texts + tuple(texts),
        weights=corpus.weights + (weight,) * len(texts),
        languages=corpus.languages + (language,) * len(texts),
        held_out=corpus.held_out | ({name: tuple(measured)} if measured else {}),
        sources=corpus.sources | {name: len(texts)},
    )


def clean(texts: Sequence[str], charset: Charset) -> list[str]:
    """Texts as labels have them, without empty ones and those with unknown characters."""
    plain = map(plain_text, texts)
    return [text for text in plain if text and not charset.missing(text)]


def cut_lines(sentences: Sequence[str], generator: np.random.Generator) -> list[str]:
    """Paragraphs of a few sentences, cut at spaces into lines of 20 … 70 characters.

    So a line may begin and end within a sentence; the last one of a paragraph is as short
    as it comes, and a word longer than the line stands alone.
    """
    lines, position = [], 0
    while position < len(sentences):
        count = int(generator.geometric(1 / MEAN_PARAGRAPH))
        paragraph = " ".join(sentences[position : position + count])
        lines += _wrap(paragraph.split(" "), generator)
        position += count
    return lines


def _wrap(words: list[str], generator: np.random.Generator) -> list[str]:
    lines, line = [], words[0]
    width = generator.integers(SHORTEST, LONGEST + 1)
    for word in words[1:]:
        if len(line) + 1 + len(word) > width:
            lines.append(line)
            line, width = word, generator.integers(SHORTEST, LONGEST + 1)
        else:
            line += " " + word
    return [*lines, line]


def _read(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not readable as UTF-8 text ({error})") from None
