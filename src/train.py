"""Train an experiment: `python src/train.py mnist [--epochs N] [--resume] [--seed S] ...`.

Every field of the experiment is an option; `--list` shows the experiments. Writes
`saved_models/NAME.h5`, `.onnx` and `.json`, the learning curve to `outputs/figures/` and a
row to `outputs/results.csv`.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from handwriting.errors import run_script
from handwriting.experiments import EXPERIMENTS, add_options, find_experiment, with_changes
from handwriting.lines.experiments import LineExperiment


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], argument_default=argparse.SUPPRESS
    )
    parser.add_argument("experiment", nargs="?", default="", help=", ".join(EXPERIMENTS))
    parser.add_argument("--list", action="store_true", default=False, help="list experiments")
    parser.add_argument("--resume", action="store_true", default=False, help="continue a run")
    add_options(parser)
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    if args.list or not args.experiment:
        for experiment in EXPERIMENTS.values():
            print(f"{experiment.name:20}{experiment.summary()}")
        return 0
    experiment = with_changes(find_experiment(args.experiment), vars(args))
    # Imports of TensorFlow: only when it is needed.
    if isinstance(experiment, LineExperiment):
        from handwriting.lines.runs import run_line_experiment as run
    else:
        from handwriting.runs import run_experiment as run

    run(experiment, resume=args.resume)
    return 0


if __name__ == "__main__":
    run_script(main)
