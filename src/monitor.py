"""How deployed models do: `python src/monitor.py STORE [--since DATE] [--format json]`.

Reads the feedback store and prints, for each model version, its error on corrected readings,
how far its confidences can be trusted, whether they drift, and whether retraining is due.
The exit status is 0 whatever the verdict, 2 where the store cannot be read.
"""

import argparse
from datetime import datetime

from handwriting.errors import UserError, run_script
from handwriting.feedback import FeedbackStore
from handwriting.monitor import watch
from handwriting.monitor.text import as_json, as_text


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", metavar="STORE", help="the folder of the feedback store")
    parser.add_argument("--since", metavar="DATE", help="count from then on: 2026-03-01")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--reference", metavar="MODEL", help="drift against its confidences")
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    try:
        since = datetime.fromisoformat(args.since) if args.since else None
    except ValueError:
        raise UserError(f"--since {args.since}: no date; write it as 2026-03-01") from None
    with FeedbackStore(args.store, read_only=True) as store:
        report = watch(store, since, args.reference)
    print(as_text(report) if args.format == "text" else as_json(report))
    return 0


if __name__ == "__main__":
    run_script(main)
