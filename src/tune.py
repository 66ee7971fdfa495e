"""Tune how a line model is decoded: `python src/tune.py lines`.

Takes up the language model `NAME.lm.npz` and the words `NAME.words.npz` beside the model,
chooses the weights of the beam search and fits the confidences on validation lines, and writes
all of it to the card.
"""

import argparse

from handwriting.cards import read_card
from handwriting.errors import run_script
from handwriting.lines.collections import find_lines
from handwriting.lines.saving import tune_decoding, tuning_text


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a name in saved_models/ or a path")
    parser.add_argument("--dataset", help="default: the one it was trained on")
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    data = find_lines(args.dataset or read_card(args.model).dataset)
    card = tune_decoding(args.model, data.validation)
    print(tuning_text(card))
    return 0


if __name__ == "__main__":
    run_script(main)
