"""Read handwriting: `python src/predict.py IMAGE... [--format FORMAT] [--output PATH]`.

A picture of a page is read in reading order, one of a line as text, one of a single
character as that. Prints what is written and nothing else; `-` reads a picture from stdin,
a folder stands for all pictures and PDFs in it. Errors go to stderr, one line each; the other
pages are still read, and the exit status is 2.
"""

import argparse

from handwriting.errors import run_script
from handwriting.pages.output import FORMATS
from handwriting.prediction import run


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("images", nargs="+", metavar="IMAGE", help="a picture, a PDF, a folder, or -")
    add("--model", default="auto", help="a name in saved_models/, a path, or pages")
    add("--format", choices=FORMATS, default="text")
    add(
        "--output",
        metavar="PATH",
        help="a file for one document, or a folder (name/) for one of each input; default stdout",
    )
    add("--pages", metavar="LIST", help="of each PDF or TIFF, for example 1-10,15")
    add("--jobs", type=int, metavar="N", help="processes for many pages (default: one a core)")
    add("--top", type=int, metavar="K", help="alternatives (JSON: 5; text: stderr)")
    add("--language-model", action=argparse.BooleanOptionalAction, default=True)
    add("--save-visual", action="store_true", help="a picture of each reading")
    return parser.parse_args()


def main() -> int:
    return run(parse_arguments())


if __name__ == "__main__":
    run_script(main)
