"""Which format a path holds, and its lines, cut once and kept in the cache."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from handwriting.errors import UserError
from handwriting.lines.data import LineData
from handwriting.lines.readers.cache import cached_lines
from handwriting.lines.readers.collect import Collection
from handwriting.lines.readers.files import files_under
from handwriting.lines.readers.folder import collect_folder, is_folder
from handwriting.lines.readers.iam import collect_iam, is_iam
from handwriting.lines.readers.pages import collect_pages, is_pages, pages_files
from handwriting.lines.readers.table import collect_table, table_files, tables_in


class Format(NamedTuple):
    """A kind of line data.

    Attributes:
        wanted: what a user has to bring, in a few words.
        matches: whether a path holds it.
        collect: reads it.
        files: all files that the result depends on.
    """

    wanted: str
    matches: Callable[[Path], bool]
    collect: Callable[[Path], Collection]
    files: Callable[[Path], Iterable[Path]]


# In the order of asking: the surest signs first.
FORMATS = {
    "iam": Format("IAM (lines.txt and pictures)", is_iam, collect_iam, files_under),
    "pages": Format("ALTO or PAGE XML with pictures", is_pages, collect_pages, pages_files),
    "table": Format(
        "a CSV with the columns image and text",
        lambda path: bool(tables_in(path)),
        collect_table,
        table_files,
    ),
    "folder": Format("NAME.png with NAME.gt.txt", is_folder, collect_folder, files_under),
}


def detect_format(path: Path) -> str:
    """The name in `FORMATS` of what lies at a path.

    Raises:
        UserError: nothing is there, or nothing known.
    """
    if not path.exists():
        raise UserError(f"{path}: no such file or folder; check the name")
    if path.is_dir() or tables_in(path):
        for name, kind in FORMATS.items():
            if (path.is_dir() or name == "table") and kind.matches(path):
                return name
    wanted = "; ".join(kind.wanted for kind in FORMATS.values())
    raise UserError(f"{path}: no line data found; there are readers for {wanted}")


def read_lines(path) -> LineData:
    """The lines at a path, whatever their format, in three disjoint splits.

    Args:
        path: a folder, or a CSV or TSV file.

    Raises:
        UserError: no such path, an unknown format, or not one readable line.
    """
    path = Path(path).expanduser()
    name = detect_format(path)
    kind = FORMATS[name]
    return cached_lines(path, name, kind.files(path), lambda: kind.collect(path).finish())
