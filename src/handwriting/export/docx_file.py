"""DOCX: a paragraph for each block, its lines by line breaks."""

import io
from datetime import UTC
from typing import BinaryIO

from handwriting.document import Block, Document, Line
from handwriting.export.values import language_code, legal


def write_docx(document: Document, stream: BinaryIO, highlight_below: float | None = None) -> None:
    """All pages in one file, each on a new page.

    Args:
        highlight_below: words with a confidence below it get a yellow background.
    """
    import docx  # takes a while, and no other format needs it

    file = docx.Document()
    _describe(file, document)
    for number, page in enumerate(document.pages):
        blocks = [block for block in page.blocks if block.text]
        # A page without text is there all the same.
        paragraphs = [file.add_paragraph() for _ in blocks or [None]]
        paragraphs[0].paragraph_format.page_break_before = number > 0
        for paragraph, block in zip(paragraphs, blocks, strict=False):
            _block(paragraph, block, highlight_below)
    buffer = io.BytesIO()  # a pipe cannot be sought in, as saving does
    file.save(buffer)
    stream.write(buffer.getbuffer())


def _describe(file, document: Document) -> None:
    facts = file.core_properties
    facts.title, facts.author = legal(document.name)[:255], ""
    facts.comments = f"{document.software} {document.software_version} {document.model}".strip()
    # The library writes any time as if it were UTC.
    facts.created = facts.modified = document.created.astimezone(UTC)
    language = language_code(document.language)
    facts.language = language
    if language:
        from docx.oxml.ns import qn

        # Without it a word processor checks the spelling in its own language.
        for element in file.styles.element.iter(qn("w:lang")):
            element.set(qn("w:val"), language)


def _block(paragraph, block: Block, highlight_below: float | None) -> None:
    lines = [line for line in block.lines if line.text]
    for number, line in enumerate(lines):
        if number:
            paragraph.add_run().add_break()
        if highlight_below is None:
            paragraph.add_run(line.text)
        else:
            _words(paragraph, line, highlight_below)


def _words(paragraph, line: Line, highlight_below: float) -> None:
    from docx.enum.text import WD_COLOR_INDEX

    for number, word in enumerate(line.words):
        if number:
            paragraph.add_run(" ")
        run = paragraph.add_run(word.text)
        if word.confidence is not None and word.confidence < highlight_below:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
