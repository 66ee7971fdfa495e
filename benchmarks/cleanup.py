"""How well photos of pages are cleaned up: `python benchmarks/cleanup.py geometry|reading`.

Photos are made from the real pages by `handwriting.cleanup.phone`, seeds fixed. `geometry`
compares outline and orientation with how the photo was made, and looks for scans that are
not left alone. `reading` reads scans, photos as they are, cleaned photos, and photos cleaned
without one step each, and gives the CER of all lines of the ground truth: what was found on
each is compared with it, lines not found count in full, and what was read elsewhere, such as
print that the ground truth leaves out, does not. `--record` adds rows to `outputs/results.csv`.
"""

import argparse
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from handwriting import paths
from handwriting.cleanup import clean_page, find_outline
from handwriting.cleanup.phone import Photo, photograph
from handwriting.cleanup.rectify import project
from handwriting.document import Page
from handwriting.errors import UserError, run_script
from handwriting.images import load
from handwriting.lines.metrics import error_rate, line_errors
from handwriting.lines.recognizer import LineRecognizer
from handwriting.page_reader import PageReader
from handwriting.pages.scoring import PageTruth, ReadLine, trained_pages
from handwriting.results import append_result

FOUND = 0.02  # of the diagonal: corners are found if none is farther off
OF_SCAN = ("scan", "scan, cleaned", "scan, cleaned, rules painted over")
CLEANED = {
    "cleaned": {},
    "without perspective": {"perspective": False},
    "without orientation": {"orientation": False},
    "without light": {"light": False},
    "with rules left in": {"rules": False},
}
WAYS = [*OF_SCAN, "photo as it is", *CLEANED]


def find_pages(count: int, unseen: bool = False) -> list[Path]:
    """`count` pages with their ground truth, evenly drawn from all folders.

    Args:
        unseen: only those of which no line was trained on.
    """
    folder = paths.data_dir() / "pages"
    trained = trained_pages(folder) if unseen else set()
    files = [
        file
        for file in sorted(folder.glob("*/*.jpg"))
        if file.with_suffix(".xml").exists() and f"{file.parent.name}/{file.stem}" not in trained
    ]
    if not files:
        raise UserError(f"{folder}: no pages; see data/README.md for where they come from")
    count = min(count, len(files))
    return [files[int(i)] for i in np.linspace(0, len(files) - 1, count)]


def read_colour(file: Path) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)


def shots(pages: int, photos: int, seed: int, turned: bool, unseen: bool = False):
    """Pages and photos of them in turn: (file, number, page, photo)."""
    files = find_pages(pages, unseen)
    for number in tqdm(range(photos), unit="photo", disable=not sys.stderr.isatty()):
        file = files[number % len(files)]
        page = read_colour(file)
        turns = number % 4 if turned else 0
        yield file, number, page, photograph(page, seed + number, turns)


def corner_error(photo: Photo, page: np.ndarray, corners: np.ndarray) -> float:
    """Largest distance of a corner that can be seen from where it is, in diagonals.

    The outline's corners are in the photo's order, the page's in its own: they are compared
    in the turn in which they agree best.
    """
    true = photo.corners(page)
    size = np.array(photo.picture.shape[1::-1])
    seen = ((true > -1) & (true < size)).all(axis=1)
    turns = [np.linalg.norm(np.roll(corners, k, axis=0) - true, axis=1) for k in range(4)]
    return float(min(turn[seen].max() for turn in turns) / np.hypot(*size))


def slope(photo: Photo, matrix: np.ndarray, shape: tuple) -> float:
    """Degrees between the clean page's lines and level; near 90 or 180 it lies the wrong way."""
    middle = np.array([[shape[1] / 2, shape[0] / 2]])
    ends = project(
        np.linalg.inv(photo.matrix) @ matrix, np.concatenate([middle, middle + np.array([10, 0])])
    )
    across = ends[1] - ends[0]
    return float(np.rad2deg(np.arctan2(across[1], across[0])))


def measure_geometry(pages: int, photos: int, seed: int) -> dict[str, float]:
    errors, slopes, seconds = [], [], []
    for _, _, page, photo in shots(pages, photos, seed, turned=True):
        outline = find_outline(photo.picture)
        errors.append(corner_error(photo, page, outline.corners) if outline else np.inf)
        started = time.process_time()
        clean = clean_page(photo.picture)
        seconds.append(time.process_time() - started)
        slopes.append(slope(photo, clean.matrix, clean.image.shape))
    errors, slopes = np.array(errors), np.abs(slopes)
    return {
        "photos": photos,
        "outline found": float((errors < FOUND).mean()),
        "corner error, median of diagonals": float(np.median(errors)),
        "orientation right": float((slopes < 45).mean()),
        "slope left, 95th percentile in degrees": float(np.percentile(slopes, 95)),
        "processor seconds a photo": float(np.median(seconds)),
    }


def measure_scans(pages: int) -> dict[str, float]:
    """What is done to scans, which need nothing, in all four turns."""
    alone, right, count, seconds = 0, 0, 0, []
    files = find_pages(pages)
    for file in tqdm(files, unit="scan", disable=not sys.stderr.isatty()):
        page = load(file)
        for turns in range(4):
            turned = np.ascontiguousarray(np.rot90(page, turns))
            started = time.process_time()
            clean = clean_page(turned)
            seconds.append(time.process_time() - started)
            across = clean.matrix[:2, :2] @ [1, 0]
            wanted = ((1, 0), (0, -1), (-1, 0), (0, 1))[turns]
            right += float(across @ wanted / np.linalg.norm(across)) > 0.99
            alone += turns == 0 and np.allclose(clean.matrix, np.eye(3))
            count += 1
    return {
        "scans": len(files),
        "upright scans left alone": alone / len(files),
        "turned scans put right": right / count,
        "processor seconds a scan": float(np.median(seconds)),
    }


def ways(names: list[str], scan: np.ndarray, photo: Photo, first: bool, judge):
    """What is read: pairs of a name and (picture (H, W) uint8, matrix from it to the scan).

    Args:
        first: whether this is the first photo of the scan, which is read itself only once.
        judge: says which way up a page can be read, as `clean_page` wants it.
    """
    back = np.linalg.inv(photo.matrix)
    for name in names:
        if name in OF_SCAN and not first:
            continue
        if name == "scan":
            yield name, (load(scan), np.eye(3))
        elif name in OF_SCAN:
            clean = clean_page(scan, judge=judge, rules="rules" in name or None)
            yield name, (clean.image, clean.matrix)
        elif name == "photo as it is":
            yield name, (cv2.cvtColor(photo.picture, cv2.COLOR_RGB2GRAY), back)
        else:
            clean = clean_page(photo.picture, judge=judge, **CLEANED[name])
            yield name, (clean.image, back @ clean.matrix)


def as_read(page: Page, matrix: np.ndarray) -> list[ReadLine]:
    """Lines as read, their baselines in pixels of the scan."""
    return [
        ReadLine(line.text, project(matrix, np.asarray(line.baseline, float)))
        for line in page.lines
    ]


def measure_reading(args, photos: int) -> pd.DataFrame:
    """Edits and characters of each page read in each way, as a table."""
    reader = PageReader(LineRecognizer.load(args.model, language_model=False))
    names, rows = args.ways or WAYS, []
    if args.upright:
        names = [name for name in names if name != "without orientation"]
    for file, number, scan, photo in shots(args.pages, photos, args.seed, not args.upright, True):
        truth = PageTruth.read(file.with_suffix(".xml"), scan.shape[:2])
        first = number < args.pages
        for name, (picture, matrix) in ways(names, scan, photo, first, reader.legibility):
            texts, _ = truth.match(as_read(reader.read(picture), matrix))
            wanted = [truth.texts[i] for i in truth.clear]
            errors = line_errors(wanted, [texts[i] for i in truth.clear])
            edits, length = (int(n.sum()) for n in errors)
            page = f"{file.stem} {number}" if photos > args.pages else file.stem
            rows.append({"page": page, "what": name, "edits": edits, "length": length})
            remark = f"{edits / max(length, 1):.3f}, {texts.count('')} of {len(texts)} not found"
            tqdm.write(f"{page:40} {name:26} {remark}", sys.stderr)
    return pd.DataFrame(rows)


def error_rates(table: pd.DataFrame) -> dict[str, float]:
    groups = table.groupby("what", sort=False)
    return {name: error_rate(part["edits"], part["length"]) for name, part in groups}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("geometry", "scans", "reading"))
    parser.add_argument("--pages", type=int, default=66, help="how many pages")
    parser.add_argument("--photos", type=int, help="how many photos of them, default one each")
    parser.add_argument("--model", default="lines", help="reads the lines, best path")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--ways", nargs="+", choices=WAYS, help="what to read, default all")
    parser.add_argument("--upright", action="store_true", help="no quarter turns when reading")
    parser.add_argument("--record", action="store_true", help="add rows to outputs/results.csv")
    args = parser.parse_args()
    photos, table = args.photos or args.pages, None
    if args.what == "geometry":
        scores = measure_geometry(args.pages, photos, args.seed)
    elif args.what == "scans":
        scores = measure_scans(args.pages)
    else:
        args.pages = min(args.pages, len(find_pages(args.pages, unseen=True)))
        photos = max(photos, args.pages)
        table = measure_reading(args, photos)
        print(table.pivot(index="page", columns="what", values="edits").to_string())
        scores = error_rates(table)
    for name, score in scores.items():
        print(f"{name:40} {score:.4g}")
        if args.record:
            record(args, name, score, photos if name not in OF_SCAN else args.pages)
    return 0


def record(args, name: str, score: float, count: int) -> None:
    metric = "CER" if args.what == "reading" else name
    append_result(
        experiment=f"cleanup {args.what}: {name}",
        data="pages",
        seed=args.seed,
        test_score=score,
        test_n=count,
        metric=metric,
        notes=f"{args.model}, best path" if args.what == "reading" else "",
    )


if __name__ == "__main__":
    run_script(main)
