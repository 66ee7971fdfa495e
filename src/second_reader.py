"""Teach a line model a second reader: `python src/second_reader.py lines [--network OTHER]`.

The model itself stays as it is. Its card gets the decoding with the second reader, tuned on
validation lines. With `--network` nothing is taught: another line model becomes the second
reader, as it is.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from handwriting.cards import read_card
from handwriting.errors import UserError, run_script
from handwriting.lines.collections import find_lines
from handwriting.lines.saving import tuning_text


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a name in saved_models/ or a path")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--blocks", type=int, default=1, help="gated convolutions")
    parser.add_argument("--emphasis", default="", help="as for train.py: hooker=2,dhsd=0.5")
    parser.add_argument("--network", help="a line model that is to be the second reader")
    parser.add_argument("--dataset", help="to learn from; default: what the model was trained on")
    parser.add_argument("--name", default="", help="of the new model; default: the same")
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    for name in ("epochs", "blocks"):
        if getattr(args, name) < 1:
            raise UserError(f"--{name} {getattr(args, name)}: at least 1")
    data = find_lines(args.dataset or read_card(args.model).dataset)

    if args.network:
        from handwriting.lines.second_adopting import adopt_second_reader

        print(tuning_text(adopt_second_reader(args.model, args.network, data, args.name)))
        return 0

    from handwriting.lines.second_training import SecondExperiment, teach_second_reader

    experiment = SecondExperiment(blocks=args.blocks, epochs=args.epochs, emphasis=args.emphasis)
    print(tuning_text(teach_second_reader(args.model, data, experiment, args.name)))
    return 0


if __name__ == "__main__":
    run_script(main)
