"""A CSV or TSV file that names a picture and its text in each row."""

import csv
from collections.abc import Iterator
from pathlib import Path

from handwriting.errors import UserError
from handwriting.lines.data import LineData
from handwriting.lines.readers.collect import Collection, data_name, split_name
from handwriting.lines.readers.files import read_text
from handwriting.lines.readers.line_images import Labelled, add_line_images

TABLE_TYPES = {".csv", ".tsv"}
COLUMNS = {
    "image": ("image", "file", "filename", "file_name", "image_path", "path", "img", "image_name"),
    "text": ("text", "transcription", "label", "ground_truth", "gt", "sentence", "transcript"),
    "split": ("split", "set", "subset", "partition"),
    "writer": ("writer", "writer_id", "author"),
    "page": ("page", "page_id", "form", "document"),
    "language": ("language", "lang"),
}
# Folders beside the table in which its pictures may lie.
BESIDE = (".", "images", "image", "img", "lines")


def is_table(path: Path) -> bool:
    """Whether it is a CSV or TSV file whose header names a picture and a text."""
    if path.suffix.lower() not in TABLE_TYPES or not path.is_file():
        return False
    try:
        return {"image", "text"} <= _columns(next(_records(read_text(path)), [])).keys()
    except (OSError, ValueError, csv.Error):
        return False


def tables_in(path: Path) -> list[Path]:
    """The tables that a path stands for: itself, or those in the folder, not below."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [file for file in files if is_table(file)]


def _records(text: str) -> Iterator[list[str]]:
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=header.count)
    lines = text.splitlines(keepends=True)
    if delimiter == "\t":
        # Tabs need no quotes, so that a lone quotation mark at the start of a text is one.
        for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield [_unquoted(cell) for cell in row]
    else:
        yield from csv.reader(lines, delimiter=delimiter)


def _unquoted(cell: str) -> str:
    """A cell without the quotes that a program put around it because of quotes within."""
    inner = cell[1:-1]
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    doubled = '""' in inner and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if quoted and doubled else cell


def _columns(header: list[str]) -> dict[str, int]:
    """Place of each column that is known by one of its names."""
    names = [cell.strip().strip('"').lower() for cell in header]
    return {
        key: names.index(found)
        for key, accepted in COLUMNS.items()
        if (found := next((name for name in accepted if name in names), None)) is not None
    }


def collect_table(path: Path) -> Collection:
    """The rows of a table, or of all tables of a folder: `train.csv` gives train lines."""
    collection = Collection(data_name(path))
    for file in tables_in(path):
        add_line_images(collection, _items(collection, file), file.parent)
    return collection


def _items(collection: Collection, file: Path) -> list[Labelled]:
    items = []
    try:
        records = _records(read_text(file))
        columns = _columns(next(records))
        for number, row in enumerate(records, 2):
            if any(cell.strip() for cell in row):
                items += _item(collection, file, f"{file.name} row {number}", columns, row)
    except csv.Error as error:
        collection.skip("table breaks off", f"{file.name}: {error}")
    return items


def _item(collection, file: Path, where: str, columns: dict, row: list[str]) -> list[Labelled]:
    cells = {key: row[place].strip() for key, place in columns.items() if place < len(row)}
    if not cells.get("image") or "text" not in cells:
        collection.skip("row without picture or text", where)
        return []
    image = find_picture(file.parent, cells.pop("image"))
    if image is None:
        collection.skip("picture missing", where)
        return []
    split = split_name(cells.pop("split", "")) or split_name(file.stem)
    group = cells.get("writer") or cells.get("page") or ""
    return [Labelled(image, split=split, group=group, **cells)]


def find_picture(folder: Path, name: str) -> Path | None:
    """A picture by its path from the table's folder, or from `images/` and the like in it."""
    try:
        places = (folder / beside / name.replace("\\", "/") for beside in BESIDE)
        return next((place for place in places if place.is_file()), None)
    except (OSError, ValueError):  # a name that no file can have
        return None


def table_files(path: Path) -> list[Path]:
    """The tables and the pictures that they name."""
    found = tables_in(path)
    for file in list(found):
        items = _items(Collection(""), file)
        found += [item.image for item in items]
    return found


def read_table(path) -> LineData:
    """Rows with the columns image and text, and, if there, writer, page, language and split.

    Other usual column names do as well (`COLUMNS`). Commas, semicolons, tabs or bars part
    the columns. Without splits, writers are drawn, else pages, else single lines.

    Raises:
        UserError: no such columns, or no line could be read.
    """
    path = Path(path)
    if not tables_in(path):
        raise UserError(f"{path}: no table with a header; name the columns image and text")
    return collect_table(path).finish()
