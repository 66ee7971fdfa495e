"""Learn from corrections: `python src/finetune.py BASE DATA --name USER`.

BASE is a model (`lines`, `characters`) or a version of one. DATA for lines is a folder, CSV,
parquet file or collection, for characters a folder with a folder of pictures for each class.
Leaves `saved_models/BASE@USER-DATE.*`, unless held-out corrections are read no better or the
general test loses more than half a point; exit status 1 then. `--list` shows all versions,
`--rollback NAME` takes one out of use.
"""

import argparse
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from tqdm import tqdm

from handwriting.cards import read_card
from handwriting.errors import UserError, run_script
from handwriting.finetune import FinetuneResult, list_versions, rollback


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", nargs="?", help="a model or version by name or path")
    parser.add_argument("data", nargs="?", help="corrections")
    parser.add_argument("--name", default="me", metavar="USER", help="whose hand; default: me")
    parser.add_argument("--minutes", type=float, default=5.0, help="of processor time, all cores")
    parser.add_argument("--lines", type=int, default=0, help="learn from the first so many lines")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", action="store_true", help="keep a version that is refused too")
    parser.add_argument("--list", nargs="?", const="", metavar="MODEL", help="show versions")
    parser.add_argument("--rollback", metavar="NAME", help="take a version out of use")
    return parser.parse_args()


def show_versions(model: str) -> None:
    for name in list_versions(model):
        about = read_card(name).finetuning
        scores = about["scores"]
        print(
            f"{name:36}{scores['metric']} {scores['before']:.4f} → {scores['after']:.4f}, "
            f"general {scores['general_before']:.4f} → {scores['general_after']:.4f}, "
            f"{about['learned']} corrections{'' if about['accepted'] else ', refused'}"
        )


def learn(args: argparse.Namespace) -> FinetuneResult:
    if not args.minutes > 0 or args.lines < 0:
        raise UserError("--minutes must be more than 0, --lines at least 0")
    common = {"user": args.name, "minutes": args.minutes, "seed": args.seed, "keep": args.keep}
    # Imports of TensorFlow: only when it is needed.
    if read_card(args.base).task == "lines":
        from handwriting.finetune.lines import finetune_lines as run

        common["limit"] = args.lines
    else:
        from handwriting.finetune.characters import finetune_characters as run
    with tqdm(total=100, disable=not sys.stderr.isatty(), bar_format="{l_bar}{bar}") as bar:

        def progress(share: float, what: str) -> None:
            bar.set_description(what)
            bar.update(round(100 * share) - bar.n)

        return run(args.base, args.data, progress=progress, **common)


def main() -> int:
    args = parse_arguments()
    if args.list is not None:
        show_versions(args.list)
        return 0
    if args.rollback:
        moved = rollback(args.rollback)
        print(f"{args.rollback}: out of use, its files are in {moved[0].parent}")
        return 0
    if not args.base or not args.data:
        raise UserError("name a base model and corrections; see --help")
    result = learn(args)
    for note in result.notes:
        print(f"note: {note}")
    print(result.reason)
    for example in result.changed_examples[:5]:
        print(f"  {example.reference}\n    {example.before} → {example.after}")
    if result.name:
        print(f"version {result.name}, {result.cpu_minutes} minutes of processor time")
    return 0 if result.accepted else 1


if __name__ == "__main__":
    run_script(main)
