"""JSON: one object for each page, each on a line of its own."""

import json
from typing import Any, BinaryIO

from handwriting.document import Document, Line, Page, Word, mean_confidence
from handwriting.export.values import language_code, legal, pixel_box, pixel_points, probability


def write_json(document: Document, stream: BinaryIO) -> None:
    """One object for each page, so that a document of one page is one object."""
    for page in document.pages:
        text = json.dumps(page_values(document, page), ensure_ascii=False, allow_nan=False)
        stream.write(f"{text}\n".encode())


def page_values(document: Document, page: Page) -> dict[str, Any]:
    """What the JSON of a page says; boxes and points in pixels of the picture as given."""
    return {
        "file": legal(page.file),
        "text": page.text,
        "confidence": probability(mean_confidence(page.lines)),
        "model": document.model,
        "model_version": document.model_version,
        "software": f"{document.software} {document.software_version}".strip(),
        "page": page.number,
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
