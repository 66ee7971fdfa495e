"""Kaggle's vaibhao/handwritten-characters: 39 classes in folders, small images of any kind.

Most images are 32 x 32, some 28 x 28, jpg and png, black on white and white on black. Each
is brought to the geometry of EMNIST, so that the kinds look alike.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from handwriting import paths
from handwriting.datasets.base import CharacterData, Split
from handwriting.datasets.cache import cached_arrays, code_and_data, fingerprint
from handwriting.datasets.geometry import SIZE, fit_box, to_ink
from handwriting.datasets.kaggle_tree import (
    CLASSES,
    PARTS,
    Report,
    count_duplicate_trees,
    find_tree,
    how_to_get,
    list_images,
)
from handwriting.datasets.splits import make_data
from handwriting.errors import UserError

FOLDER = "kaggle-characters"
STANDIN = "kaggle-characters-standin"


def load_kaggle(root: Path | None = None, seed: int = 0) -> CharacterData:
    """The Kaggle set: `Train` less a tenth for validation, and `Validation` as test.

    The published `Validation` folder is what results are quoted on, so it is the test split
    here; our own validation split is cut from `Train`, by class and seed.

    Args:
        root: the unpacked archive; else `kaggle-characters/` in the data folder, and where
            that is missing, the stand-in made by `src/make_standin.py`.

    Raises:
        UserError: there is neither.
    """
    train, test, report = read_kaggle(root)
    notes = (
        "the published Validation folder is the test split; validation is cut from Train",
        f"{len(report.broken)} broken files left out",
    )
    standin = is_standin(find_root(root))
    if standin:
        notes = ("stand-in made from EMNIST ByMerge and drawn symbols, not the Kaggle set", *notes)
    name = "kaggle_characters" + ("_standin" if standin else "")
    return make_data(name, CLASSES, train, test, seed=seed, notes=notes)


def find_root(root: Path | None = None) -> Path:
    """The folder of the set: as given, or the real one before the stand-in.

    Raises:
        UserError: none is there.
    """
    homes = (paths.data_dir(), paths.ROOT / "data")
    choices = [root] if root else [home / name for name in (FOLDER, STANDIN) for home in homes]
    for choice in choices:
        if choice.is_dir():
            return choice
    raise UserError(f"{choices[0]}: not found; {how_to_get()}")


def is_standin(root: Path) -> bool:
    """Whether a folder is the stand-in, by its name or by the file that marks it."""
    return "standin" in root.name or (root / "STAND-IN.txt").is_file()


def read_kaggle(root: Path | None = None) -> tuple[Split, Split, Report]:
    """Every readable image of (`Train`, `Validation`) as published, and the report.

    Decoded once: the result is kept in `data/cache/` until the tree changes.

    Raises:
        UserError: no such folder, or no readable image in it.
    """
    root = find_root(root)
    tree = find_tree(root)
    report = Report()
    count_duplicate_trees(root, tree, report)
    listing = {part: list_images(tree, part, report) for part in PARTS}
    key = fingerprint(
        code_and_data(Path(__file__), Path(__file__).with_name("geometry.py")),
        # A changed file changes its size or its time.
        [
            (str(path), path.stat()[6], path.stat().st_mtime_ns)
            for p in PARTS
            for path, _ in listing[p]
        ],
    )
    arrays = cached_arrays("kaggle", key, lambda: _read_all(tree, listing))
    _fill(report, json.loads(str(arrays["report"])))
    splits = [Split(arrays[f"{part}_images"], arrays[f"{part}_labels"]) for part in PARTS]
    for part, split in zip(PARTS, splits, strict=True):
        if not len(split):
            raise UserError(f"{tree / part}: no readable image; {how_to_get()}")
    return *splits, report


def _read_all(tree: Path, listing: dict[str, list[tuple[Path, int]]]) -> dict[str, np.ndarray]:
    arrays, report = {}, Report()
    for part, files in listing.items():
        images, labels = np.zeros((len(files), SIZE, SIZE), np.uint8), []
        rows = {label: _empty_row(part, label) for label in range(len(CLASSES))}
        for path, label in tqdm(files, desc=part, unit="image", disable=None):
            row = rows[label]
            row["files"] += 1
            try:
                grey = read_grey(path)
                report.sizes[f"{grey.shape[1]}x{grey.shape[0]}"] += 1
                ink, light = to_ink(grey)
            except (OSError, ValueError, SyntaxError) as error:
                row["broken"] += 1
                report.broken.append((str(path.relative_to(tree)), _reason(path, error)))
                continue
            row["used"] += 1
            row["dark_on_light" if light else "light_on_dark"] += 1
            images[len(labels)] = fit_box(ink)
            labels.append(label)
        report.rows += rows.values()
        arrays[f"{part}_images"] = images[: len(labels)]
        arrays[f"{part}_labels"] = np.array(labels, np.int64)
    arrays["report"] = np.array(json.dumps([report.rows, report.broken, report.sizes]))
    return arrays


def _empty_row(part: str, label: int) -> dict:
    counts = dict.fromkeys(("files", "used", "broken", "dark_on_light", "light_on_dark"), 0)
    return {"part": part, "class": CLASSES[label], **counts}


def _fill(report: Report, stored: list) -> None:
    report.rows, broken, sizes = stored
    report.broken = [tuple(pair) for pair in broken]
    report.sizes.update(sizes)


def read_grey(path: Path) -> np.ndarray:
    """Decode one image to (H, W) uint8; transparent pixels become white paper.

    Raises:
        OSError, ValueError, SyntaxError: what Pillow says of broken files.
    """
    with Image.open(path) as image:
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        return np.asarray(image.convert("L"))


def _reason(path: Path, error: Exception) -> str:
    text = str(error) if path.stat().st_size else "empty"
    for sign, reason in (
        ("empty", "empty"),
        ("cannot identify", "not an image"),
        ("truncated", "truncated"),
        ("blank", "blank"),
    ):
        if sign in text:
            return reason
    return "unreadable"
