"""Train the character language model: `python src/language_model.py [--lines NAME...]`.

Reads `text/LANGUAGE.txt` of the data folder, one sentence a line, and the training labels of
the line collections named. Writes the model and a card, `.json`, beside it.
"""

import argparse
from pathlib import Path

from handwriting import paths
from handwriting.errors import UserError, run_script
from handwriting.lines.charset import DEFAULT_CHARSET
from handwriting.lines.language.building import build_model
from handwriting.lines.language.corpus import Corpus, read_corpus, with_extra_texts
from handwriting.lines.language.counts import MAX_ORDER


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--text", type=Path, help="folder of LANGUAGE.txt; default: data/text")
    parser.add_argument("--order", type=int, default=7, help="symbols in the longest n-gram")
    parser.add_argument(
        "--threshold", type=float, default=1.2, help="nats an n-gram must save to be kept"
    )
    parser.add_argument(
        "--lines", nargs="+", default=[], metavar="NAME", help="collections with labels to learn"
    )
    parser.add_argument("--weight", type=float, default=1.0, help="of one label, in sentences")
    parser.add_argument("--seed", type=int, default=0, help="of the cuts into lines")
    parser.add_argument("--output", type=Path, help="default: saved_models/lines.lm.npz")
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    if not 2 <= args.order <= MAX_ORDER:
        raise UserError(f"--order {args.order}: 2 to {MAX_ORDER}")
    if not args.weight > 0:
        raise UserError(f"--weight {args.weight}: a positive number")
    corpus = read_corpus(args.text or paths.data_dir() / "text", DEFAULT_CHARSET, args.seed)
    corpus = add_labels(corpus, args.lines, args.weight)
    output = args.output or paths.models_dir() / "lines.lm.npz"
    _, card = build_model(corpus, DEFAULT_CHARSET, output, args.order, args.threshold)
    bits = card["bits_per_character"]
    print(f"{'held out':12}{'lines':>8}{'bits/char all':>15}{'kept':>8}")
    for name, count in card["held_out_lines"].items():
        print(f"{name:12}{count:8}{bits['all'][name]:15.3f}{bits['kept'][name]:8.3f}")
    listed = card["ngrams"]
    print(
        f"{card['lines']} lines, order {card['order']}, {listed['kept']} of {listed['all']} n-grams"
    )
    print(f"{output}: {card['bytes'] / 1e6:.2f} MB")
    return 0


def add_labels(corpus: Corpus, names: list[str], weight: float) -> Corpus:
    """The corpus with the training labels of line collections; validation labels held out."""
    if names:
        from handwriting.lines.collections import load_lines  # reads images: only when needed
    for name in names:
        data = load_lines(name)
        corpus = with_extra_texts(
            corpus, name, DEFAULT_CHARSET, data.train.texts, weight, data.validation.texts
        )
    return corpus


if __name__ == "__main__":
    run_script(main)
