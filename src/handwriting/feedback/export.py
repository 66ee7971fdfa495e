"""Corrections as training data, in the forms that the readers of this project take."""

import csv
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import numpy as np
from tqdm import tqdm

from handwriting.errors import UserError
from handwriting.feedback.items import Item
from handwriting.feedback.labels import ExportReport, assign_splits, is_one_sign, newest_labels
from handwriting.feedback.pictures import as_png
from handwriting.feedback.store import FeedbackStore
from handwriting.lines.charset import plain_text
from handwriting.lines.data import LINE_HEIGHT
from handwriting.lines.normalise import normalise_line

COLUMNS = ("image", "text", "language", "writer", "page", "split")
TABLE = "lines.csv"
VALIDATION = 0.1  # of the pictures
PARTS = {"train": "Train", "validation": "Validation"}
# Folder names that are the same on every system; others are written as %XX, also small
# letters, since some systems take `a` and `A` for one folder.
_PLAIN_NAMES = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ#$&@")
_ROWS = 500  # of a parquet file, written at once


def export_lines(store: FeedbackStore, path: str | Path) -> ExportReport:
    """Corrected lines as a parquet file, or, for any other name, as a folder.

    Parquet has the columns image (PNG, 64 rows), text, language, writer, page and split, as
    `lines.collections.read_parquet` takes them. The folder holds `NAME.png` with
    `NAME.gt.txt`, for other programs too, and a table of the same columns, which
    `lines.collections.find_lines` reads. A tenth of the lines is for validation, by hash.

    Raises:
        UserError: no corrected lines, or the path is taken or cannot be written.
    """
    path = Path(path).expanduser()
    items, contradictory = newest_labels(store, "line", plain_text)
    report = ExportReport(path, contradictory=contradictory)
    items = _where(items, lambda text: bool(plain_text(text)), report, "nothing written")
    rows = _line_rows(store, items, report)
    with _new(path) as partial:
        write = _write_parquet if path.suffix == ".parquet" else _write_folder
        write(rows, partial)
        _refuse_nothing(store, report, "lines")
    return report


def export_characters(store: FeedbackStore, folder: str | Path) -> ExportReport:
    """Corrected characters as `Train/CLASS/*.png` and `Validation/CLASS/*.png`.

    Classes are folder names as in a web address (`%2F` for `/`), which
    `datasets.kaggle_tree` understands. A tenth of the pictures is for validation, by hash.

    Raises:
        UserError: no corrected characters, or the folder is taken or cannot be written.
    """
    folder = Path(folder).expanduser()
    items, contradictory = newest_labels(store, "character", str.strip)
    report = ExportReport(folder, contradictory=contradictory)
    items = _where(items, lambda text: is_one_sign(text.strip()), report, "not one character")
    splits = assign_splits(items, VALIDATION)
    with _new(folder) as partial:
        for part in PARTS.values():
            (partial / part).mkdir(parents=True)
        for item, image in _pictures(store, items, report):
            split, name = splits[item.image_hash], class_folder(item.correction.strip())
            place = partial / PARTS[split] / name
            place.mkdir(exist_ok=True)
            (place / f"{item.image_hash[:24]}.png").write_bytes(as_png(image))
            report.count(split)
        _refuse_nothing(store, report, "characters")
    return report


def class_folder(label: str) -> str:
    """A folder name for a class; `urllib.parse.unquote` gives the class back.

    >>> [class_folder(label) for label in ("A", "a", "/", ".", "é")]
    ['A', '%61', '%2F', '%2E', '%C3%A9']
    """
    return "".join(char if char in _PLAIN_NAMES else _escaped(char) for char in label)


def _escaped(char: str) -> str:
    return quote(char, safe="") if ord(char) > 127 else f"%{ord(char):02X}"


def _where(
    items: dict[str, Item], test: Callable[[str], bool], report: ExportReport, reason: str
) -> dict[str, Item]:
    """The items whose correction passes a test; the others are counted."""
    kept = {name: item for name, item in items.items() if test(item.correction)}
    report.skip(reason, len(items) - len(kept))
    return kept


def _pictures(
    store: FeedbackStore, items: dict[str, Item], report: ExportReport
) -> Iterator[tuple[Item, np.ndarray]]:
    for item in tqdm(items.values(), unit="image", disable=not sys.stderr.isatty()):
        try:
            yield item, store.image(item)
        except UserError:
            report.skip("picture missing or damaged")


def _line_rows(
    store: FeedbackStore, items: dict[str, Item], report: ExportReport
) -> Iterator[dict]:
    splits = assign_splits(items, VALIDATION)
    for item, image in _pictures(store, items, report):
        line = image if image.shape[0] == LINE_HEIGHT else normalise_line(image)
        about = {name: str(item.about.get(name) or "") for name in ("language", "writer", "page")}
        about["writer"] = about["writer"] or item.source
        split = splits[item.image_hash]
        report.count(split)
        yield about | {
            "name": item.image_hash[:24],
            "image": as_png(line),
            "text": plain_text(item.correction),
            "split": split,
        }


def _write_parquet(rows: Iterator[dict], path: Path) -> None:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise UserError("parquet needs the package pyarrow; install it or name a folder") from None
    types = {"image": pa.binary()} | dict.fromkeys(COLUMNS[1:], pa.string())
    schema = pa.schema(list(types.items()))
    with parquet.ParquetWriter(path, schema) as writer:
        batch: list[dict] = []
        for row in rows:
            batch.append({name: row[name] for name in COLUMNS})
            if len(batch) == _ROWS:
                writer.write_table(pa.Table.from_pylist(batch, schema))
                batch = []
        writer.write_table(pa.Table.from_pylist(batch, schema))


def _write_folder(rows: Iterator[dict], folder: Path) -> None:
    folder.mkdir(parents=True)
    with open(folder / TABLE, "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n", extrasaction="ignore")
        table.writeheader()
        for row in rows:
            name = f"{row['name']}.png"
            (folder / name).write_bytes(row["image"])
            (folder / f"{row['name']}.gt.txt").write_text(row["text"] + "\n", encoding="utf-8")
            table.writerow(row | {"image": name})


def _refuse_nothing(store: FeedbackStore, report: ExportReport, what: str) -> None:
    if not report.written:
        reasons = "".join(f"; {count} left out: {why}" for why, count in report.skipped.items())
        raise UserError(f"{store.folder}: no corrected {what} to export{reasons}; correct some")


@contextmanager
def _new(path: Path) -> Iterator[Path]:
    """A place beside `path` that takes its name at the end, or vanishes after an error.

    Raises:
        UserError: the path is taken, or cannot be written.
    """
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise UserError(f"{path}: is there already; remove it or name another place")
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        _remove(partial)
        yield partial
        partial.replace(path)
    except OSError as error:
        cause = error.strerror or error
        raise UserError(f"{path}: cannot be written ({cause}); name another place") from None
    finally:
        _remove(partial)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    elif path.parent.is_dir():
        path.unlink(missing_ok=True)
