"""What a feedback store holds: `python src/feedback.py STORE [--export lines PATH]`.

Prints its counts; or exports corrections as training data, checks rows against pictures, or
deletes all that came from one source.
"""

import argparse
import json

from handwriting.errors import UserError, run_script
from handwriting.feedback import FeedbackStore


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", metavar="STORE", help="the folder of the store")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--counts", action="store_true", help="as JSON (the default)")
    action.add_argument(
        "--export",
        nargs=2,
        metavar=("lines|characters", "PATH"),
        help="lines: NAME.parquet or a folder; characters: a folder of classes",
    )
    action.add_argument("--check", action="store_true", help="look for faults; status 1 if any")
    action.add_argument("--delete-source", metavar="NAME", help="for good, with its pictures")
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    deleting = args.delete_source is not None
    with FeedbackStore(args.store, create=False, read_only=not deleting) as store:
        if args.export:
            print(export(store, *args.export))
        elif args.check:
            faults = store.check()
            print("\n".join(faults) or "no faults")
            return int(bool(faults))
        elif deleting:
            print(f"{store.delete(source=args.delete_source):,} deleted")
        else:
            print(json.dumps(store.counts(), indent=1, ensure_ascii=False))
    return 0


def export(store: FeedbackStore, what: str, path: str):
    from handwriting.feedback.export import export_characters, export_lines

    exporters = {"lines": export_lines, "characters": export_characters}
    if what not in exporters:
        raise UserError(f"--export {what}: there are {' and '.join(exporters)}")
    return exporters[what](store, path)


if __name__ == "__main__":
    run_script(main)
