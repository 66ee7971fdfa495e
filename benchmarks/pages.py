"""Whole pages read by this program and by others: `python benchmarks/pages.py --record`.

On the same pages in one run: this program with its own layout, with the lines of the ground
truth, and without its language model; Tesseract, if the command is there; rapidocr, if
`--rapidocr` names a Python that has it. None of the pages was trained on. Rows of programs that
are not there stay in the file as they were, with the date of their run.

CER over the lines of the ground truth: what was read on each is compared with it, and lines
not found count in full. Characters read elsewhere are given beside it as a share: print and
stamps that the ground truth leaves out are among them. Seconds are of the wall clock, without
the start of Python and the loading of models, but with the start of the `tesseract` command.
"""

import argparse
import csv
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from handwriting import paths
from handwriting.cleanup import clean_page
from handwriting.document import Page, baseline_of
from handwriting.errors import UserError, run_script
from handwriting.images import load
from handwriting.lines.metrics import line_errors
from handwriting.lines.recognizer import LineRecognizer
from handwriting.page_reader import PageReader
from handwriting.pages.scoring import PageTruth, ReadLine, trained_pages
from handwriting.results import append_result, hardware

LANGUAGES = {"hooker": "eng"}  # of folders for Tesseract; the others are French
BASE = 0.8  # where in a box its baseline is taken to be, for programs that give boxes alone
Engine = Callable[[Path, PageTruth], tuple[list[ReadLine], float]]


def as_read(page: Page) -> list[ReadLine]:
    return [ReadLine(line.text, np.asarray(baseline_of(line), float)) for line in page.lines]


def ours(model: str, language_model: bool, true_lines: bool) -> Engine:
    recognizer = LineRecognizer.load(model, language_model=language_model)
    reader = PageReader(recognizer, clean=clean_page)

    def read(file: Path, truth: PageTruth):
        started = time.perf_counter()
        page = reader.read(load(file), truth.layout if true_lines else None)
        return as_read(page), time.perf_counter() - started

    return read


def tesseract(file: Path, _) -> tuple[list[ReadLine], float]:
    language = LANGUAGES.get(file.parent.name, "fra")
    started = time.perf_counter()
    command = ["tesseract", str(file), "-", "-l", language, "tsv"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - started
    lines: dict[tuple, list] = {}
    for row in csv.DictReader(done.stdout.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["level"] == "5" and row["text"].strip():
            key = (row["block_num"], row["par_num"], row["line_num"])
            lines.setdefault(key, []).append(row)
    return [_tesseract_line(words) for words in lines.values()], seconds


def _tesseract_line(words: list[dict]) -> ReadLine:
    boxes = np.array([[float(w[k]) for k in ("left", "top", "width", "height")] for w in words])
    left, top, width, height = boxes.T
    level = float(np.median(top + BASE * height))
    ends = [(left.min(), level), ((left + width).max(), level)]
    return ReadLine(" ".join(word["text"] for word in words), np.array(ends))


class RapidOCR:
    """A process with rapidocr in its own environment."""

    def __init__(self, python: str):
        script = Path(__file__).with_name("rapidocr_reader.py")
        self.process = subprocess.Popen(
            [python, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __call__(self, file: Path, _) -> tuple[list[ReadLine], float]:
        self.process.stdin.write(f"{file}\n")
        self.process.stdin.flush()
        for row in self.process.stdout:
            if row.startswith("@"):
                found = json.loads(row[1:])
                return [_rapid_line(line) for line in found["lines"]], found["seconds"]
        raise UserError(f"rapidocr: ended at {file}; try it by itself")


def _rapid_line(line: dict) -> ReadLine:
    upper_left, upper_right, lower_right, lower_left = np.array(line["box"], float)
    ends = (1 - BASE) * np.array([upper_left, upper_right])
    ends += BASE * np.array([lower_left, lower_right])
    return ReadLine(line["text"], ends)


def find_pages(folders: list[str], count: int) -> list[Path]:
    """Pages with ground truth, of copiste those that were not trained on."""
    root = paths.data_dir() / "pages"
    trained = trained_pages(root)
    files = [
        file
        for file in sorted(root.glob("*/*.jpg"))
        if (not folders or file.parent.name in folders)
        and f"{file.parent.name}/{file.stem}" not in trained
    ]
    if not files:
        raise UserError(f"{root}: no such pages; see data/README.md for where they come from")
    return files[:: max(1, len(files) // count)][:count] if count else files


def measure(files: list[Path], engines: dict[str, Engine]) -> Iterator[dict]:
    for file in tqdm(files, unit="page", disable=not sys.stderr.isatty()):
        truth = PageTruth.read(file.with_suffix(".xml"), load(file).shape)
        for name, engine in engines.items():
            read, seconds = engine(file, truth)
            texts, elsewhere = truth.match(read)
            wanted = [truth.texts[i] for i in truth.clear]
            edits, length = line_errors(wanted, [texts[i] for i in truth.clear])
            yield {
                "folder": file.parent.name,
                "page": file.stem,
                "engine": name,
                "lines": len(truth.texts),
                "edits": int(edits.sum()),
                "characters": int(length.sum()),
                "not found": sum(not text for text in texts),
                "elsewhere": elsewhere,
                "seconds": round(seconds, 3),
            }


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """By folder and engine, and in all: CER, share of lines not found, seconds a page."""
    parts = [table, table.assign(folder="all")]
    groups = pd.concat(parts).groupby(["folder", "engine"], sort=False)
    sums = groups[["lines", "edits", "characters", "not found", "elsewhere"]].sum()
    return pd.DataFrame(
        {
            "pages": groups.size(),
            "lines": sums["lines"],
            "CER": sums["edits"] / sums["characters"],
            "lines not found": sums["not found"] / sums["lines"],
            "read elsewhere": sums["elsewhere"] / sums["characters"],
            "seconds": groups["seconds"].median(),
        }
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", help="of data/pages, default all")
    parser.add_argument("--model", default="lines")
    parser.add_argument("--rapidocr", metavar="PYTHON", help="an interpreter that has rapidocr")
    parser.add_argument("--pages", type=int, default=0, help="how many, default all")
    parser.add_argument("--record", action="store_true", help="write outputs/benchmark_pages.csv")
    args = parser.parse_args()
    engines = {
        "this program": ours(args.model, True, False),
        "this program, true lines": ours(args.model, True, True),
        "this program, best path": ours(args.model, False, False),
    }
    if shutil.which("tesseract"):
        engines["tesseract"] = tesseract
    if args.rapidocr:
        engines["rapidocr"] = RapidOCR(args.rapidocr)
    files = find_pages(args.folders, args.pages)
    table = pd.DataFrame(measure(files, engines))
    summary = summarise(table)
    print(summary.round(4).to_string())
    print(hardware())
    if args.record:
        record(summary, args.model)
    return 0


def record(summary: pd.DataFrame, model: str) -> None:
    path = paths.outputs_dir() / "benchmark_pages.csv"
    table = summary.assign(hardware=hardware(), date=f"{date.today()}").round(4)
    if path.is_file():
        before = pd.read_csv(path, index_col=["folder", "engine"])
        table = pd.concat([table, before.loc[before.index.difference(table.index, sort=False)]])
    order = dict.fromkeys(table.index.get_level_values("folder"))
    table.loc[list(order)].to_csv(path)
    for (folder, engine), row in summary.iterrows():
        append_result(
            experiment=f"pages {engine}",
            data=f"pages/{folder} ({row['pages']:.0f} pages)",
            test_score=row["CER"],
            test_n=int(row["lines"]),
            metric="CER",
            notes=f"{model}; {row['lines not found']:.1%} of lines not found, "
            f"{row['seconds']:.2f} s a page",
        )


if __name__ == "__main__":
    run_script(main)
