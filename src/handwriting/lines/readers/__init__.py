"""Readers for the line data that people have: `read_lines(path)` finds out which."""

from handwriting.lines.readers.detect import FORMATS, detect_format, read_lines
from handwriting.lines.readers.folder import read_folder
from handwriting.lines.readers.iam import read_iam
from handwriting.lines.readers.pages import read_pages
from handwriting.lines.readers.table import read_table

__all__ = [
    "FORMATS",
    "detect_format",
    "read_folder",
    "read_iam",
    "read_lines",
    "read_pages",
    "read_table",
]
