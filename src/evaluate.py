"""Score a saved model: `python src/evaluate.py MODEL [--dataset NAME] [--split test]`.

Prints accuracy, precision, recall, F1 and calibration, or for lines CER and WER by source;
writes figures to `outputs/figures/` and appends to `outputs/results.csv`. Runs with ONNX
Runtime alone.
"""

import argparse
import sys

from handwriting import paths
from handwriting.cards import read_card
from handwriting.datasets import load_dataset
from handwriting.errors import UserError, run_script
from handwriting.evaluation import evaluate_characters, save_figures
from handwriting.lines.reporting import report_line_scores
from handwriting.recognizer import CharacterRecognizer
from handwriting.results import append_result


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a name in saved_models/ or a path")
    parser.add_argument("--dataset", help="default: the one it was trained on; lines: or a folder")
    parser.add_argument("--split", choices=("train", "validation", "test"), default="test")
    parser.add_argument("--restrict", action="store_true", help="no answers outside the data set")
    parser.add_argument("--per-class", action="store_true", help="print a table of all classes")
    parser.add_argument("--figures", action=argparse.BooleanOptionalAction, default=True)
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    if read_card(args.model).task == "lines":
        report_line_scores(args.model, args.dataset, args.split, args.figures)
        return 0
    recognizer = CharacterRecognizer.load(args.model)
    name = recognizer.card.name
    data = load_dataset(args.dataset or recognizer.card.dataset)
    split = data.splits()[args.split]
    if not len(split):
        raise UserError(f"{data.name} has no {args.split} split; choose another with --split")
    if args.split == "train":
        print("warning: scored on training images, no measure of new ones", file=sys.stderr)
    evaluation = evaluate_characters(
        recognizer, split, data.classes, restrict=args.restrict, notes=data.notes
    )
    print(f"{name} on {data.name}, {args.split}\n{evaluation.summary_text()}")
    if args.per_class:
        print(evaluation.per_class.to_string(float_format="{:.4f}".format))
    if args.figures:
        prefix = f"{name}_{data.name}_{args.split}"
        for path in save_figures(evaluation, split, paths.figures_dir(), prefix):
            print(f"figure: {path}")
    append_result(
        experiment=f"evaluate {name}",
        data=data.name,
        data_hash=data.fingerprint()[:12],
        **evaluation.result_columns(args.split),
    )
    return 0


if __name__ == "__main__":
    run_script(main)
