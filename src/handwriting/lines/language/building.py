"""From a corpus to a model file with a card beside it."""

import json
from datetime import date
from pathlib import Path

from handwriting.cards import sha256
from handwriting.lines.charset import Charset
from handwriting.lines.language.corpus import Corpus
from handwriting.lines.language.counts import count_ngrams
from handwriting.lines.language.model import NgramModel
from handwriting.lines.language.pruning import prune
from handwriting.lines.language.smoothing import smooth


def build_model(
    corpus: Corpus, charset: Charset, path: Path, order: int, threshold: float
) -> tuple[NgramModel, dict]:
    """Train, prune, measure on the held-out lines and write `path` and its card.

    The card is `path` with the ending `.json`.

    Returns:
        The model as written, and the content of the card.
    """
    levels = smooth(count_ngrams(corpus.texts, charset, order, corpus.weights), len(charset) + 1)
    whole = NgramModel.from_levels(levels, charset)
    whole_bits = measure(whole, corpus)
    model = NgramModel.from_levels(prune(levels, threshold), charset)
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path)
    card = {
        "name": path.stem,
        "task": "character n-gram language model",
        "order": order,
        "threshold": threshold,
        "sources": corpus.sources,
        "lines": len(corpus.texts),
        "ngrams": {"all": len(whole), "kept": len(model)},
        "held_out_lines": {name: len(texts) for name, texts in corpus.held_out.items()},
        "bits_per_character": {"all": whole_bits, "kept": measure(model, corpus)},
        "bytes": path.stat().st_size,
        "sha256": sha256(path),
        "date": date.today().isoformat(),
    }
    text = json.dumps(card, indent=1, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    return model, card


def measure(model: NgramModel, corpus: Corpus) -> dict[str, float]:
    """Bits per character of the held-out lines, by language."""
    held_out = corpus.held_out.items()
    return {name: round(model.bits_per_character(texts), 4) for name, texts in held_out}
