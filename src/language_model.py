"""Train the character language model: `python src/language_model.py [--lines NAME...]`.

Reads `text/LANGUAGE.txt` of the data folder, one sentence a line, and the training labels of
the line collections named. Writes the model and a card, `.json`, beside it; with `--words` a
model of words as well, `NAME.words.npz`.
"""

import argparse
from pathlib import Path

from handwriting import paths
from handwriting.errors import UserError, run_script
from handwriting.lines.charset import DEFAULT_CHARSET
from handwriting.lines.language.building import build_model, build_word_model, renew_prior
from handwriting.lines.language.corpus import read_corpus
from handwriting.lines.language.counts import MAX_ORDER
from handwriting.lines.language.files import CHARACTERS, WORDS
from handwriting.lines.language.labels import add_labels, read_labels
from handwriting.lines.language.word_lists import CREDIT, PACKAGE, word_list


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
    parser.add_argument(
        "--prior", action="store_true", help="renew in the model only what those labels repeat"
    )
    parser.add_argument("--weight", type=float, default=1.0, help="of one label, in sentences")
    parser.add_argument(
        "--words", action="store_true", help=f"also a model of words; needs {PACKAGE}"
    )
    parser.add_argument(
        "--rarest", type=float, default=1e-8, help="words less probable than this stay out"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the cuts into lines")
    parser.add_argument("--output", type=Path, help="default: saved_models/lines.lm.npz")
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    if not 2 <= args.order <= MAX_ORDER:
        raise UserError(f"--order {args.order}: 2 to {MAX_ORDER}")
    if not args.weight > 0:
        raise UserError(f"--weight {args.weight}: a positive number")
    if args.prior and not args.lines:
        raise UserError("--prior: needs --lines, the collections that the network has learned")
    if not args.rarest >= 0:
        raise UserError(f"--rarest {args.rarest}: a probability")
    output = args.output or paths.models_dir() / "lines.lm.npz"
    if args.prior:
        card = renew_prior(output, read_labels(args.lines))
        print(f"{output}: pairs of characters of {card['labels_in_prior']} labels")
        print("a line model beside it takes it up by: python src/tune.py NAME")
        return 0
    corpus = read_corpus(args.text or paths.data_dir() / "text", DEFAULT_CHARSET, args.seed)
    corpus = add_labels(corpus, args.lines, args.weight)
    languages = sorted(set(corpus.languages) - {""})
    lists = {name: word_list(name) for name in languages} if args.words else {}
    model, card = build_model(
        corpus, DEFAULT_CHARSET, output, args.order, args.threshold, read_labels(args.lines)
    )
    bits = card["bits_per_character"]
    print(f"{'held out':12}{'lines':>8}{'bits/char all':>15}{'kept':>8}")
    for name, count in card["held_out_lines"].items():
        print(f"{name:12}{count:8}{bits['all'][name]:15.3f}{bits['kept'][name]:8.3f}")
    listed = card["ngrams"]
    print(
        f"{card['lines']} lines, order {card['order']}, {listed['kept']} of {listed['all']} n-grams"
    )
    print(f"{output}: {card['bytes'] / 1e6:.2f} MB")
    if args.words:
        words = output.with_name(output.name.removesuffix(CHARACTERS) + WORDS)
        report_words(build_word_model(corpus, model, lists, words, args.rarest, CREDIT)[1], words)
    return 0


def report_words(card: dict, path: Path) -> None:
    bits = card["bits_per_character"]
    print(f"{'held out':12}{'bits/char':>12}{'with words':>12}")
    for name, value in bits["characters"].items():
        print(f"{name:12}{value:12.3f}{bits['with_words'][name]:12.3f}")
    print(f"{card['words']} words, {card['pairs']} pairs")
    print(f"{path}: {card['bytes'] / 1e6:.2f} MB")


if __name__ == "__main__":
    run_script(main)
