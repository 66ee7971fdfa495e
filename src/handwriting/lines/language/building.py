"""From a corpus to the files of a language model, each with a card beside it."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from handwriting.cards import sha256
from handwriting.errors import UserError
from handwriting.lines.charset import Charset
from handwriting.lines.language.corpus import Corpus
from handwriting.lines.language.counts import count_ngrams
from handwriting.lines.language.mixed import MixedModel
from handwriting.lines.language.model import NgramModel
from handwriting.lines.language.prior import bigram_prior
from handwriting.lines.language.pruning import prune
from handwriting.lines.language.smoothing import smooth
from handwriting.lines.language.word_building import build_words
from handwriting.lines.language.word_counts import count_words
from handwriting.lines.language.words import WordModel


def build_model(
    corpus: Corpus,
    charset: Charset,
    path: Path,
    order: int,
    threshold: float,
    labels: Sequence[str] = (),
) -> tuple[NgramModel, dict]:
    """Train, prune, measure on the held-out lines and write `path` and its card.

    The card is `path` with the ending `.json`.

    Args:
        labels: of the lines that the network was trained on, for the `prior`.

    Returns:
        The model as written, and the content of the card.
    """
    levels = smooth(count_ngrams(corpus.texts, charset, order, corpus.weights), len(charset) + 1)
    whole = NgramModel.from_levels(levels, charset)
    whole_bits = measure(whole, corpus)
    model = NgramModel.from_levels(prune(levels, threshold), charset)
    model.prior = bigram_prior(labels, charset) if labels else None
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path)
    card = {
        "name": path.stem,
        "task": "character n-gram language model",
        "order": order,
        "threshold": threshold,
        "sources": corpus.sources,
        "lines": len(corpus.texts),
        "labels_in_prior": len(labels),
        "ngrams": {"all": len(whole), "kept": len(model)},
        "held_out_lines": {name: len(texts) for name, texts in corpus.held_out.items()},
        "bits_per_character": {"all": whole_bits, "kept": measure(model, corpus)},
    }
    return model, _write_card(card, path)


def build_word_model(
    corpus: Corpus,
    characters: NgramModel,
    lists: Mapping[str, Mapping[str, float]],
    path: Path,
    rarest: float,
    credit: str,
) -> tuple[MixedModel, dict]:
    """Count words, take up word lists, measure beside `characters`, write `path` and its card.

    Args:
        lists, rarest: see `word_building.build_words`.
        credit: where the lists come from, and their licence.

    Returns:
        Characters and words together, as written, and the content of the card.
    """
    counts = count_words(corpus.texts, corpus.languages, corpus.weights)
    built = build_words(counts, lists, characters.charset, rarest)
    path.parent.mkdir(parents=True, exist_ok=True)
    built.save(path)
    model = MixedModel(characters, WordModel.load(path))
    card = {
        "name": path.stem,
        "task": "word model beside character n-grams",
        "word_lists": credit,
        "rarest": rarest,
        "sources": corpus.sources,
        "words": len(built.lexicon),
        "pairs": built.pair_count,
        "share": model.share,
        "bits_per_character": {
            "characters": measure(characters, corpus),
            "with_words": measure(model, corpus),
        },
    }
    return model, _write_card(card, path)


def renew_prior(path: Path, labels: Sequence[str]) -> dict:
    """Put another prior into the model at `path`, which stays as it is but for that.

    Returns:
        The content of its card.

    Raises:
        UserError: no such model, it is broken, or its card is missing.
    """
    model = NgramModel.load(path)
    if not path.with_suffix(".json").is_file():
        raise UserError(f"{path.with_suffix('.json')}: missing; make both anew without --prior")
    model.prior = bigram_prior(labels, model.charset)
    model.save(path)
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return _write_card(card | {"labels_in_prior": len(labels)}, path)


def _write_card(card: dict, path: Path) -> dict:
    card |= {
        "bytes": path.stat().st_size,
        "sha256": sha256(path),
        "date": date.today().isoformat(),
    }
    text = json.dumps(card, indent=1, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    return card


def measure(model: NgramModel | MixedModel, corpus: Corpus) -> dict[str, float]:
    """Bits per character of the held-out lines, by language."""
    held_out = corpus.held_out.items()
    return {name: round(model.bits_per_character(texts), 4) for name, texts in held_out}
