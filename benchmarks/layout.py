"""How well and how fast lines are found on pages: `python benchmarks/layout.py [FOLDER...]`.

Scores `layout.find_lines` on the pages of `data/pages` (ALTO or PAGE beside the pictures) by
folder, by split and in all, on one core. `handwriting.layout.scoring` says what each
measure is. The tables go to `outputs/benchmark_layout.csv` and `benchmark_layout_pages.csv`;
with `--record` each folder's score also becomes a row of `outputs/results.csv`.
"""

import argparse
import re
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from handwriting import paths
from handwriting.errors import UserError, run_script
from handwriting.images import load
from handwriting.layout import Layout, find_lines, overlay
from handwriting.layout.metrics import Detection
from handwriting.layout.scoring import PageScore, score_page
from handwriting.layout.truth import in_useful_order, read_truth
from handwriting.results import append_result, hardware

COUNTS = "outlines", "written", "bands"
METRIC = "line F1, IoU 0.5"


def page_files(folders: list[str]) -> list[Path]:
    """The XML files of the pages, sorted."""
    root = paths.data_dir() / "pages"
    files = sorted(
        file for file in root.glob("*/*.xml") if not folders or file.parts[-2] in folders
    )
    if not files:
        raise UserError(f"{root}: no pages of {', '.join(folders) or 'any folder'}; see its README")
    return files


def read_splits() -> dict[str, str]:
    """`folder/page` to its split, from the table in the README of the pages."""
    text = (paths.data_dir() / "pages" / "README.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| (\S+/\S+) \| (\w+) \|$", text, re.MULTILINE))


def timed_lines(picture: np.ndarray) -> tuple[Layout, float]:
    """The layout, and seconds of processor time: other jobs on the machine do not count."""
    started = time.process_time()
    layout = find_lines(picture)
    return layout, time.process_time() - started


def page_row(file: Path, score: PageScore, ordered: bool, seconds: float) -> dict:
    name = f"{file.parent.name}/{file.stem}"
    counts = {
        f"{kind}_{field}": value
        for kind in COUNTS
        for field, value in getattr(score, kind)._asdict().items()
    }
    precision, recall = score.baselines
    return {
        "page": name,
        "folder": file.parent.name,
        **counts,
        "baseline_precision": precision,
        "baseline_recall": recall,
        "covered": score.covered,
        "twice": score.twice,
        "misplaced": score.misplaced,
        "ordered": ordered,
        "seconds": round(seconds, 3),
    }


def summary(name: str, pages: pd.DataFrame) -> dict:
    """Sums of lines, means of the pages' baseline scores, median time."""
    splits = pages["split"].unique()
    row = {
        "pages of": name,
        "split": splits[0] if len(splits) == 1 else "",
        "pages": len(pages),
        "lines": pages["outlines_truth"].sum(),
    }
    for kind in COUNTS:
        total = Detection(*(int(pages[f"{kind}_{field}"].sum()) for field in Detection._fields))
        row |= {f"{kind} P": total.precision, f"{kind} R": total.recall, f"{kind} F1": total.f1}
    ordered = pages[pages["ordered"]]
    return row | {
        "baseline P": pages["baseline_precision"].mean(),
        "baseline R": pages["baseline_recall"].mean(),
        "covered": pages["covered"].sum(),
        "twice": pages["twice"].sum(),
        "in order": (ordered["misplaced"] == 0).mean(),
        "in order, all files": (pages["misplaced"] == 0).mean(),
        "seconds": pages["seconds"].median(),
    }


def summaries(pages: pd.DataFrame) -> pd.DataFrame:
    groups = [(name, group) for name, group in pages.groupby("folder")]
    groups += [(" ".join(names), group) for names, group in pages.groupby(["folder", "split"])]
    groups += [(f"all {name}", group) for name, group in pages.groupby("split")]
    return pd.DataFrame([summary(name, group) for name, group in [*groups, ("all", pages)]])


def record(table: pd.DataFrame) -> None:
    """Rows in `results.csv` for the pages of each split, by folder and in all."""
    of_split = table["pages of"].str.endswith(("validation", "test"))
    for row in table[of_split].to_dict("records"):
        part = row["split"]
        notes = (
            f"with lines marked print {row['outlines F1']:.3f}, bands {row['bands F1']:.3f}, "
            f"baselines P {row['baseline P']:.3f} R {row['baseline R']:.3f}, read twice "
            f"{row['twice']}, {row['seconds']:.2f} s a page"
        )
        if row["in order"] == row["in order"]:  # no page of useful order gives NaN
            notes += f", in order {row['in order']:.1%}"
        scores = {f"{part}_score": row["written F1"], f"{part}_n": row["lines"]}
        data = f"pages/{row['pages of']} ({row['pages']} pages)"
        append_result(
            experiment="layout benchmark", data=data, metric=METRIC, notes=notes, **scores
        )


def measure(files: list[Path], overlays: Path | None) -> pd.DataFrame:
    rows = []
    timed_lines(load(files[0].with_suffix(".jpg")))  # the first call is slower
    for file in tqdm(files, unit="page", disable=not sys.stderr.isatty()):
        picture = load(file.with_suffix(".jpg"))
        layout, seconds = timed_lines(picture)
        truth = read_truth(file, picture.shape)
        score = score_page(layout, truth)
        rows.append(page_row(file, score, in_useful_order(truth), seconds))
        if overlays:
            overlays.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(overlays / f"{file.stem}.png"), overlay(picture, layout)[..., ::-1])
    table = pd.DataFrame(rows)
    splits = read_splits()
    return table.assign(split=[splits.get(name, "") for name in table["page"]])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="default all")
    parser.add_argument("--record", action="store_true", help="append rows to results.csv")
    parser.add_argument("--overlays", type=Path, metavar="FOLDER", help="draw pages with lines")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    pages = measure(page_files(args.folders), args.overlays)
    table = summaries(pages)
    output = paths.outputs_dir()
    output.mkdir(parents=True, exist_ok=True)
    pages.to_csv(output / "benchmark_layout_pages.csv", index=False)
    table.round(4).assign(hardware=hardware()).to_csv(output / "benchmark_layout.csv", index=False)
    if args.record:
        record(table)
    print(table.round(3).set_index("pages of").T.to_string())
    unordered = pages.loc[~pages["ordered"], "page"]
    print(f"truth in no useful order, left out of 'in order': {', '.join(unordered) or 'none'}")
    print(f"{hardware()}; written to {output}")
    return 0


if __name__ == "__main__":
    run_script(main)
