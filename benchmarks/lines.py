"""How fast lines are read: `python benchmarks/lines.py [MODEL]`.

Measures, in one run on one machine and after a first pass that is not counted: prepared
lines to text by the best path and with the language model, the network alone, and one line
at a time. The lines are those of a data set's validation split where it is there, drawn
ones otherwise. The table goes to `outputs/benchmark_lines.csv`.
"""

import argparse
import statistics
import time

import cv2
import numpy as np
import pandas as pd

from handwriting import paths
from handwriting.errors import UserError, run_script
from handwriting.lines.collections import find_lines
from handwriting.lines.data import PAPER, Line, LineSplit
from handwriting.lines.recognizer import LineRecognizer
from handwriting.lines.saving import model_inputs
from handwriting.results import hardware

ROUNDS = 3


def find_split(dataset: str, count: int) -> LineSplit:
    """`count` lines, evenly drawn."""
    try:
        lines = find_lines(dataset).validation.lines
    except UserError as error:
        print(f"{error}; drawn lines instead")
        lines = drawn_lines(count)
    return LineSplit(lines[:: max(1, len(lines) // count)][:count])


def drawn_lines(count: int) -> tuple[Line, ...]:
    """Digits in a script font, 10 to 60 a line."""
    rng = np.random.default_rng(0)
    lines = []
    for _ in range(count):
        text = "".join(rng.choice(list("0123456789 "), int(rng.integers(10, 60))))
        image = np.full((64, 20 * len(text) + 20), PAPER, np.uint8)
        cv2.putText(image, text, (10, 44), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 0.9, 40, 2)
        lines.append(Line(image, text))
    return tuple(lines)


def median_seconds(action) -> float:
    action()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def measure(model: str, lines: LineSplit) -> list[dict]:
    full = LineRecognizer.load(model)
    plain = full.without_language_model()
    pictures = model_inputs(lines, full.height)
    actions = {
        "network alone": lambda: plain.logits(pictures),
        "best path, text alone": lambda: plain.texts(pictures),
        "best path, with words and confidences": lambda: plain.read(pictures),
        "one line at a time, best path": lambda: [plain.read([p]) for p in pictures],
    }
    if full.settings:
        actions["language model, text alone"] = lambda: full.texts(pictures)
        actions["language model, with words and confidences"] = lambda: full.read(pictures)
    rows = []
    for name, action in actions.items():
        rate = len(pictures) / median_seconds(action)
        rows.append({"model": model, "what": name, "lines_per_second": round(rate, 1)})
    columns = sum(picture.shape[1] for picture in pictures) / len(pictures)
    return [{**row, "lines": len(pictures), "mean_columns": round(columns)} for row in rows]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="lines")
    parser.add_argument("--dataset", default="lines")
    parser.add_argument("--lines", type=int, default=300, help="how many")
    args = parser.parse_args()
    table = pd.DataFrame(measure(args.model, find_split(args.dataset, args.lines)))
    table = table.assign(dataset=args.dataset, hardware=hardware())
    path = paths.outputs_dir() / "benchmark_lines.csv"
    table.to_csv(path, index=False)
    print(table[["what", "lines_per_second"]].to_string(index=False))
    print(f"{hardware()}; written to {path}")
    return 0


if __name__ == "__main__":
    run_script(main)
