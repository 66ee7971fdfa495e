"""What is in the data sets: `python src/summarise.py [DATASET...]`.

Without a name, one line for each data set that is here; with names, a table of classes too.
"""

import argparse
import sys

from handwriting.datasets import DATASETS, load_dataset
from handwriting.datasets.summary import overview, summarise
from handwriting.errors import UserError, run_script


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="DATASET", help=", ".join(DATASETS))
    names = parser.parse_args().names
    loaded, status = [], 0
    for name in names or DATASETS:
        try:
            loaded.append(load_dataset(name))
        except UserError as error:
            print(f"{'error' if names else 'absent'}: {error}", file=sys.stderr)
            status = 2 if names else status
    if loaded:
        print(overview(loaded).drop(columns="notes").to_string())
    for data in loaded:
        for note in data.notes:
            print(f"note: {data.name}: {note}")
        if names:
            print(summarise(data).to_string(float_format="{:.4f}".format))
    return status


if __name__ == "__main__":
    run_script(main)
