"""Make a stand-in for the Kaggle set from EMNIST and handwriting fonts."""

import argparse
from pathlib import Path

from handwriting.datasets.kaggle import read_kaggle
from handwriting.datasets.standin import StandinSettings, make_standin
from handwriting.errors import UserError, run_script


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="default: data/kaggle-characters-standin")
    parser.add_argument("--per-class", type=int, default=1500, help="training images a class")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    if arguments.per_class < 10:
        raise UserError(f"--per-class {arguments.per_class}: at least 10")
    settings = StandinSettings(
        train=arguments.per_class, validation=arguments.per_class // 5, seed=arguments.seed
    )
    folder = make_standin(arguments.output, settings)
    _, _, report = read_kaggle(folder)
    print(f"{folder}\n{report.summary()}")
    return 0


if __name__ == "__main__":
    run_script(main)
