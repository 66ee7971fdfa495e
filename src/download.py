"""Get the data sets: `python src/download.py mnist emnist kaggle-characters [--check]`.

Without a name it lists them with size, licence and state. Downloads are resumed where they
broke off and checked against the published hashes.
"""

import argparse
from pathlib import Path

from handwriting import paths
from handwriting.download import load_catalogue, obtain_all, overview, report
from handwriting.errors import UserError, run_script


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="DATASET", help="see the list without any")
    parser.add_argument("--check", action="store_true", help="say what is here, fetch nothing")
    parser.add_argument("--data", type=Path, metavar="DIR", help="data folder (default: data/)")
    parser.add_argument("--catalogue", type=Path, metavar="TOML", help="other data/datasets.toml")
    args = parser.parse_args()
    catalogue = load_catalogue(args.catalogue)
    unknown = [name for name in args.names if name not in catalogue]
    if unknown:
        raise UserError(f"no data set {unknown[0]!r}; there are {', '.join(catalogue)}")
    data = args.data.expanduser().resolve() if args.data else paths.data_dir()
    chosen = [catalogue[name] for name in dict.fromkeys(args.names or catalogue)]
    if args.check:
        return report(chosen, data)
    if not args.names:
        overview(chosen, data)
        return 0
    return obtain_all(chosen, data)


if __name__ == "__main__":
    run_script(main)
