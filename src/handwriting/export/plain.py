"""Plain text and Markdown."""

import re
from pathlib import Path
from typing import BinaryIO

from handwriting.document import Document, Page
from handwriting.export.values import legal

# What means something anywhere in a line of Markdown, in one dialect or another.
_INLINE = re.compile(r"([\\`*_\[\]{}|~$^])")
# What starts a list, a heading, an underline or a definition at the head of a line.
_START = re.compile(r"(\d*)([-+#=:.)])")


def write_text(document: Document, stream: BinaryIO, page_separator: str = "\f") -> None:
    """Lines by line breaks, blocks by an empty line.

    Args:
        page_separator: stands between pages exactly as it is given.
    """
    pages = (f"{page.text}\n" if page.text else "" for page in document.pages)
    stream.write(page_separator.join(pages).encode())


def write_markdown(document: Document, stream: BinaryIO, page_headings: bool = True) -> None:
    """Paragraphs with their line breaks kept.

    Args:
        page_headings: over each of several pages; else a rule stands between them.
    """
    pages = [_markdown(page) for page in document.pages]
    if len(pages) > 1 and page_headings:
        pages = [_heading(page) + text for page, text in zip(document.pages, pages, strict=True)]
        stream.write("\n".join(pages).encode())
    else:
        stream.write("\n---\n\n".join(pages).encode())


def escape_markdown(line: str) -> str:
    r"""One line of text that Markdown shows as it is.

    >>> escape_markdown("1. a_b <c> & d")
    '1\\. a\\_b &lt;c> &amp; d'
    """
    line = _INLINE.sub(r"\\\1", line.strip())
    line = line.replace("&", "&amp;").replace("<", "&lt;")
    if line.startswith(">"):
        return f"&gt;{line[1:]}"
    return _START.sub(r"\1\\\2", line, count=1) if _START.match(line) else line


def _markdown(page: Page) -> str:
    """Its blocks as paragraphs, two spaces before each line break inside them."""
    blocks = [block.text.split("\n") for block in page.blocks if block.text]
    paragraphs = ["  \n".join(escape_markdown(line) for line in lines) for lines in blocks]
    return "\n\n".join(paragraphs) + "\n" if paragraphs else ""


def _heading(page: Page) -> str:
    name = escape_markdown(legal(Path(page.file).name))
    return f"## Page {page.number}{f' ({name})' if name else ''}\n\n"
