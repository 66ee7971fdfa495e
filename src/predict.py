"""Read handwriting: `python src/predict.py IMAGE... [--model NAME] [--format json] [--top K]`.

A picture of a line of writing is read as text, one of a single character as that. Prints
what is written and nothing else; `-` reads a picture from stdin, a folder stands for all
pictures in it. Errors go to stderr, one line each; the other pictures are still read,
and the exit status is 2.
"""

import argparse
import sys

from handwriting.errors import run_script
from handwriting.prediction import (
    as_alternatives,
    as_json,
    expand_inputs,
    open_output,
    progress,
    save_visual,
)
from handwriting.reader import Reader


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="a file, a folder, or -")
    parser.add_argument("--model", default="auto", help="a name in saved_models/ or a path")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--output", metavar="PATH", help="write there instead of to stdout")
    parser.add_argument("--top", type=int, metavar="K", help="alternatives (JSON: 5; text: stderr)")
    parser.add_argument("--save-visual", action="store_true", help="a picture of each reading")
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    reader, status, visuals = Reader(args.model), 0, set()
    with open_output(args.output, args.images) as output:
        files = progress(list(expand_inputs(args.images)))
        for reading in reader.read_all(files, args.top or 5):
            if reading.error:
                print(f"error: {reading.error}", file=sys.stderr)
                status = 2
                continue
            as_text = args.format == "text"
            print(reading.prediction.text if as_text else as_json(reading), file=output)
            if args.top and as_text:
                print(as_alternatives(reading, args.top), file=sys.stderr)
            if reading.remark:
                print(f"note: {reading.remark}", file=sys.stderr)
            if args.save_visual:
                print(f"picture: {save_visual(reading, visuals)}", file=sys.stderr)
    return status


if __name__ == "__main__":
    run_script(main)
