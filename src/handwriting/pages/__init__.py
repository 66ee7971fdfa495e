"""Files of one or many pictures, read into documents: page by page, resumable, in parallel."""

from handwriting.pages.selection import parse_pages
from handwriting.pages.sources import PageSource, count_pages, open_pages, open_picture

__all__ = ["PageSource", "count_pages", "open_pages", "open_picture", "parse_pages"]
