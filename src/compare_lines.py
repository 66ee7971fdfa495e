"""Compare line networks at equal processor time: `python src/compare_lines.py --minutes 20`.

Writes `outputs/line_designs.csv` and a row for each design to `outputs/results.csv`; run
again, it trains only what is missing there. Fields of the experiment are options. With
`--synthesis 0 0.2 1` it compares shares of synthetic lines (`outputs/line_synthesis.csv`).
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from handwriting.errors import UserError, run_script
from handwriting.experiments import add_options, find_experiment, with_changes


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], argument_default=argparse.SUPPRESS
    )
    parser.add_argument("designs", nargs="*", default=[], help="default: all")
    parser.add_argument("--minutes", type=float, default=20.0, help="of processor time for each")
    parser.add_argument("--title", default="designs", help="of the file outputs/line_TITLE.csv")
    parser.add_argument(
        "--synthesis", nargs="+", type=float, metavar="SHARE", help="synthetic lines a real one"
    )
    add_options(parser)
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    experiment = with_changes(find_experiment("lines"), vars(args))
    if shares := getattr(args, "synthesis", None):
        from handwriting.lines.synthesis_effect import measure_synthesis

        print(measure_synthesis(experiment, shares, args.minutes).to_string(index=False))
        return 0
    # Imports TensorFlow: only when it is needed.
    from handwriting.lines.comparison import DESIGNS, compare

    if unknown := [name for name in args.designs if name not in DESIGNS]:
        raise UserError(f"no design {unknown[0]!r}; there are {', '.join(DESIGNS)}")
    designs = {name: DESIGNS[name] for name in args.designs or DESIGNS}
    rows = compare(experiment, designs, args.minutes, args.title)
    best = rows.sort_values("validation_cer").drop_duplicates("design")
    print(best[["design", "parameters", "cpu_minutes", "validation_cer"]].to_string(index=False))
    return 0


if __name__ == "__main__":
    run_script(main)
