"""The folder tree of the Kaggle set, and the report of what reading it met.

The archive holds `Train/<class>/*` and `Validation/<class>/*` and, in `dataset/`, the same
tree a second time. Some unpackers leave only the nested one.
"""

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pandas as pd

from handwriting.errors import UserError

# 39 classes: 0 stands for the letter O as well. Order of the sorted folder names.
CLASSES = tuple("#$&0123456789@ABCDEFGHIJKLMNPQRSTUVWXYZ")
PARTS = ("Train", "Validation")
IMAGE_TYPES = {".jpg", ".jpeg", ".png", ".bmp"}


@dataclass
class Report:
    """What reading a tree met.

    Attributes:
        rows: one for each part and class, with the numbers of files, used and broken files
            and those with dark ink on light paper or light ink on dark paper.
        broken: (path relative to the tree, reason).
        sizes: how many images have which "WIDTHxHEIGHT".
        ignored: how many files were left alone, by reason.
    """

    rows: list[dict] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)
    sizes: Counter = field(default_factory=Counter)
    ignored: Counter = field(default_factory=Counter)

    def table(self) -> pd.DataFrame:
        """One row for each part and class."""
        columns = ["part", "class", "files", "used", "broken", "dark_on_light", "light_on_dark"]
        return pd.DataFrame(self.rows, columns=columns)

    def broken_table(self) -> pd.DataFrame:
        """One row for each file that could not be read."""
        return pd.DataFrame(self.broken, columns=["file", "reason"])

    def summary(self) -> str:
        """The report in a few lines of text."""
        totals = self.table().select_dtypes("number").sum()
        reasons = Counter(reason for _, reason in self.broken)
        return "\n".join(
            [
                f"files: {totals['files']:,}",
                f"used: {totals['used']:,}",
                f"broken: {totals['broken']:,}{_counts(reasons)}",
                f"dark on light: {totals['dark_on_light']:,}",
                f"light on dark: {totals['light_on_dark']:,}",
                f"sizes:{_counts(self.sizes) or ' none'}",
                f"ignored:{_counts(self.ignored) or ' none'}",
            ]
        )


def _counts(counter: Counter) -> str:
    if not counter:
        return ""
    return " (" + ", ".join(f"{count:,} {what}" for what, count in counter.most_common(6)) + ")"


def find_tree(root: Path) -> Path:
    """The folder with `Train` and `Validation`: `root`, or the uppermost one below it.

    Raises:
        UserError: there is none.
    """
    level = [root]
    for _ in range(4):
        for folder in level:
            if all((folder / part).is_dir() for part in PARTS):
                return folder
        level = [child for folder in level for child in _folders(folder)]
    raise UserError(f"{root}: no folders Train and Validation in it; {how_to_get()}")


def how_to_get() -> str:
    return (
        "get the data with `python src/download.py kaggle-characters`, "
        "or make a stand-in from EMNIST with `python src/make_standin.py`"
    )


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir() or folder.name in CLASSES:
        return []
    return sorted(child for child in folder.iterdir() if child.is_dir())


def list_images(tree: Path, part: str, report: Report) -> list[tuple[Path, int]]:
    """The image files of one part with their labels, in a fixed order."""
    found = []
    for folder in _folders(tree / part):
        # Some unpackers write `#` as `%23`.
        name = unquote(folder.name)
        if name not in CLASSES:
            report.ignored[f"in unknown folder {folder.name!r}"] += _count_files(folder)
            continue
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
        images = [n for n in names if Path(n).suffix.lower() in IMAGE_TYPES and n[0] != "."]
        if len(images) < len(names):
            report.ignored["not images"] += len(names) - len(images)
        found += [(folder / image, CLASSES.index(name)) for image in images]
    return found


def count_duplicate_trees(root: Path, tree: Path, report: Report) -> None:
    """Count the files of every further `Train` or `Validation` folder below `root`."""
    main = {tree / part for part in PARTS}
    for folder, children, _ in os.walk(root):
        inside = [Path(folder) / child for child in children]
        # Neither the tree itself nor a second one is gone into.
        children[:] = [p.name for p in inside if p.name not in PARTS]
        for copy in inside:
            if copy.name in PARTS and copy not in main:
                report.ignored["in a duplicate tree"] += _count_files(copy)


def _count_files(folder: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(folder))
