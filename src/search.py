"""Search for better settings: `python src/search.py mnist_cnn --trials 12 --epochs 2`.

Tries learning rate, dropout and augmentation strength on a share of the training images and
writes the table to `outputs/search_NAME.csv`; run again, it continues where it stopped.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from handwriting.errors import UserError, run_script
from handwriting.experiments import EXPERIMENTS, add_options, find_experiment, with_changes
from handwriting.lines.experiments import LineExperiment


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], argument_default=argparse.SUPPRESS
    )
    parser.add_argument("experiment", help=", ".join(EXPERIMENTS))
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--share", type=float, default=0.25, help="of the training images")
    add_options(parser)
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    experiment = with_changes(find_experiment(args.experiment), vars(args))
    if isinstance(experiment, LineExperiment):
        raise UserError(f"{experiment.name}: the search is for experiments with characters")
    from handwriting.search import search  # imports TensorFlow: only when it is needed

    print(search(experiment, args.trials, args.share).to_string(index=False))
    return 0


if __name__ == "__main__":
    run_script(main)
