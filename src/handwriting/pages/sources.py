"""From files to pictures of pages, one at a time in memory."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting.errors import UserError
from handwriting.images.sources import fail, one_line
from handwriting.pages.frames import ImagePages
from handwriting.pages.pdf import PdfPages
from handwriting.pages.selection import ALL, Ranges, selected

STDIN = "-"
# A PDF may begin with other bytes than its own.
PDF_MARK, PDF_MARK_WITHIN = b"%PDF-", 1024


@dataclass(frozen=True)
class PageSource:
    """One picture of a file, or why there is none.

    Attributes:
        file: as the user named it.
        number: of the page in the file, from 1.
        frame: which picture of the file it is, from 0, for `open_picture` and for Pillow.
        dpi: pixels to the inch, None = unknown.
        image: (H, W) uint8 as `images.load` gives it.
        error: one line that names the file; None if there is an image.
    """

    file: str
    number: int = 1
    frame: int = 0
    dpi: float | None = None
    image: np.ndarray | None = None
    error: str | None = None


def open_pages(
    file: str,
    pages: Ranges = ALL,
    max_side: int | None = None,
    path: str | os.PathLike | None = None,
) -> Iterator[PageSource]:
    """All pictures of a file, each loaded when it is asked for.

    Args:
        file: a picture, a TIFF of several pages, a PDF, or `-` for stdin.
        pages: which ones (see `parse_pages`).
        max_side: shrink longer pictures to this many pixels; PDFs have a limit of their own.
        path: where its bytes are, if not at `file`.

    Yields:
        A source for each page, and one with an error for each that cannot be read; never
        raises for what is wrong with a file.
    """
    try:
        with _opened(file, path) as content:
            for number in _numbers(file, pages, content.count):
                yield _load(file, content, number, max_side)
    except UserError as error:
        yield PageSource(file, error=_named(file, path, str(error)))


def count_pages(file: str, pages: Ranges = ALL, path: str | os.PathLike | None = None) -> list[int]:
    """The numbers of the pages that `open_pages` would give, without loading them.

    Raises:
        UserError: the file cannot be read, or has none of these pages.
    """
    try:
        with _opened(file, path) as content:
            return _numbers(file, pages, content.count)
    except UserError as error:
        raise UserError(_named(file, path, str(error))) from None


def open_picture(path: str | os.PathLike, frame: int = 0):
    """A page in its own colours, as `export.pdf` takes pictures: the path, JPEG bytes or a picture.

    Raises:
        UserError: it cannot be read.
    """
    if not _is_pdf(path):
        return path
    with _opened(os.fspath(path), path) as content:
        return content.picture(frame)


def _numbers(file: str, pages: Ranges, count: int) -> list[int]:
    numbers = selected(pages, count)
    if not numbers:
        many = f"{count} page{'s' if count > 1 else ''}"
        raise fail(file, f"has {many}, none of those asked for", "name other --pages")
    return numbers


def _load(file: str, content, number: int, max_side: int | None) -> PageSource:
    frame = number - 1
    try:
        if isinstance(content, PdfPages):
            image, dpi = content.load(frame)
        else:
            image, dpi = content.load(frame, max_side)
            frame = content.frame(frame)
        return PageSource(file, number, frame, dpi, image)
    except UserError as error:
        message = str(error).removeprefix("image: ").removeprefix(f"{one_line(content.name)}: ")
        where = f"page {number}: " if content.count > 1 else ""
        return PageSource(file, number, error=f"{one_line(file)}: {where}{message}")


@contextmanager
def _opened(file: str, path: str | os.PathLike | None) -> Iterator[PdfPages | ImagePages]:
    if path is None and file == STDIN:
        content = _of_bytes(sys.stdin.buffer.read())
    elif _is_pdf(path or file):
        with open(path or file, "rb") as stream:
            content = PdfPages(stream, file)
            try:
                yield content
            finally:
                content.close()
        return
    else:
        content = ImagePages(path or file)
    try:
        yield content
    finally:
        content.close()


def _of_bytes(data: bytes) -> PdfPages | ImagePages:
    if PDF_MARK in data[:PDF_MARK_WITHIN]:
        return PdfPages(data, STDIN)
    return ImagePages(data)


def _is_pdf(path: str | os.PathLike) -> bool:
    """By its first bytes; whatever cannot be read is none, so that another reader complains."""
    with suppress(OSError, ValueError):
        # A look before opening: opening a FIFO waits for a writer.
        if Path(path).is_file():
            with open(path, "rb") as stream:
                return PDF_MARK in stream.read(PDF_MARK_WITHIN)
    return False


def _named(file: str, path: str | os.PathLike | None, message: str) -> str:
    """The message with the name that the user knows the file by."""
    for name in (file, path, "image bytes"):
        if name is not None and message.startswith(f"{one_line(name)}: "):
            message = message[len(one_line(name)) + 2 :]
            break
    return f"{one_line(file)}: {message}"
