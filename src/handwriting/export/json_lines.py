"""JSON: one object for each file, each on a line of its own."""

import json
from itertools import groupby
from typing import Any, BinaryIO

from handwriting.document import Document, Line, Page, Word, mean_confidence
from handwriting.export.values import language_code, legal, pixel_box, pixel_points, probability


def write_json(document: Document, stream: BinaryIO) -> None:
    """One object for the pages of each file, so that a document of one file is one object."""
    for _, pages in groupby(document.pages, key=lambda page: page.file):
        text = json.dumps(_file(document, list(pages)), ensure_ascii=False, allow_nan=False)
        stream.write(f"{text}\n".encode())


def _file(document: Document, pages: list[Page]) -> dict[str, Any]:
    return {
        "file": legal(pages[0].file),
        "text": "\f".join(page.text for page in pages),
        "confidence": probability(mean_confidence(line for p in pages for line in p.lines)),
        "model": document.model,
        "model_version": document.model_version,
        "software": f"{document.software} {document.software_version}".strip(),
        "created": document.created.isoformat(timespec="seconds"),
        "pages": [_page(page) for page in pages],
    }


def _page(page: Page) -> dict[str, Any]:
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "language": language_code(page.language) or None,
        "notes": page.notes,
        "blocks": [{"kind": b.kind, "box": pixel_box(b.box, page)} for b in page.blocks],
        "lines": [
            _line(line, number, page)
            for number, block in enumerate(page.blocks)
            for line in block.lines
        ],
    }


def _line(line: Line, block: int, page: Page) -> dict[str, Any]:
    return {
        "text": line.text,
        "box": pixel_box(line.box, page),
        "confidence": line.confidence,
        "block": block,
        "polygon": pixel_points(line.polygon, page),
        "baseline": pixel_points(line.baseline, page),
        "words": [_word(word, page) for word in line.words],
    }


def _word(word: Word, page: Page) -> dict[str, Any]:
    others = [{"text": text, "probability": p} for text, p in word.alternatives]
    return {
        "text": word.text,
        "box": pixel_box(word.box, page),
        "confidence": word.confidence,
        "alternatives": others,
    }
