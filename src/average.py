"""Average two line models: `python src/average.py lines OLDER --share 0.8 [--name NAME]`.

OLDER is the model that the first one was trained on from. Writes the model in between under
the name of the first one or another, with its decoding tuned on validation lines.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from handwriting.cards import read_card
from handwriting.errors import run_script
from handwriting.lines.averaging import average_models
from handwriting.lines.collections import find_lines
from handwriting.lines.saving import tuning_text


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a name in saved_models/ or a path")
    parser.add_argument("older", help="path of the other one")
    parser.add_argument("--share", type=float, default=0.8, help="of the first one, 0 to 1")
    parser.add_argument("--name", default="", help="of the new model; default: the first one's")
    parser.add_argument("--dataset", help="to tune on; default: what the first was trained on")
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    data = find_lines(args.dataset or read_card(args.model).dataset)
    card = average_models(args.model, args.older, args.share, data.validation, args.name)
    print(tuning_text(card))
    return 0


if __name__ == "__main__":
    run_script(main)
