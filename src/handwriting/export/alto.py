"""ALTO 4.4 (https://www.loc.gov/standards/alto/), one page to a file."""

from pathlib import Path
from typing import BinaryIO

from handwriting.document import (
    PLAIN_KINDS,
    Block,
    Box,
    Document,
    Line,
    Page,
    Word,
    mean_confidence,
)
from handwriting.export.elements import Element, child, points_text, write_xml
from handwriting.export.values import language_code, pixel_box, pixel_points, probability

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"


def write_alto(document: Document, stream: BinaryIO, characters: bool = False) -> None:
    """The only page of a document.

    Places are whole pixels and points `x,y x,y`: eScriptorium, for one, imports nothing else.

    Args:
        characters: with a Glyph for each of them.
    """
    (page,) = document.pages
    root = Element("alto", {"xmlns": NAMESPACE})
    root.set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
    root.set("xsi:schemaLocation", f"{NAMESPACE} {SCHEMA}")
    root.set("SCHEMAVERSION", "4.4")
    _describe(root, document, page)
    kinds = dict.fromkeys(b.kind for b in page.blocks if b.kind not in PLAIN_KINDS)
    tags = {kind: f"kind_{number}" for number, kind in enumerate(kinds, start=1)}
    if tags:
        parent = child(root, "Tags")
        for kind, tag in tags.items():
            child(parent, "OtherTag", ID=tag, TYPE="region", LABEL=kind)
    space = _page(child(root, "Layout"), page)
    for number, block in enumerate(page.blocks, start=1):
        _block(space, block, f"block_{number}", tags.get(block.kind), page, characters)
    write_xml(root, stream)


def _describe(root: Element, document: Document, page: Page) -> None:
    description = child(root, "Description")
    child(description, "MeasurementUnit", "pixel")
    child(child(description, "sourceImageInformation"), "fileName", Path(page.file).name)
    step = child(description, "Processing", ID="recognition")
    child(step, "processingCategory", "contentGeneration")
    child(step, "processingDateTime", document.created.isoformat(timespec="seconds"))
    child(step, "processingStepDescription", "handwritten text recognition")
    if document.model:
        settings = f"model {document.model} {document.model_version}".strip()
        child(step, "processingStepSettings", settings)
    software = child(step, "processingSoftware")
    child(software, "softwareName", document.software)
    child(software, "softwareVersion", document.software_version)


def _page(layout: Element, page: Page) -> Element:
    element = child(
        layout,
        "Page",
        ID="page",
        PROCESSINGREFS="recognition",
        HEIGHT=page.height,
        WIDTH=page.width,
        PHYSICAL_IMG_NR=page.number,
        PC=probability(mean_confidence(page.lines)),
        LANG=language_code(page.language) or None,
    )
    return child(element, "PrintSpace", **_place((0, 0, page.width, page.height), page))


def _block(
    space: Element, block: Block, name: str, tag: str | None, page: Page, characters: bool
) -> None:
    element = child(space, "TextBlock", ID=name, TAGREFS=tag, **_place(block.box, page))
    for number, line in enumerate(block.lines, start=1):
        _line(element, line, f"{name}_line_{number}", page, characters)


def _line(block: Element, line: Line, name: str, page: Page, characters: bool) -> None:
    base = points_text(pixel_points(line.baseline, page))
    element = child(block, "TextLine", ID=name, **_place(line.box, page), BASELINE=base)
    if line.polygon:
        outline = points_text(pixel_points(line.polygon, page))
        child(child(element, "Shape"), "Polygon", POINTS=outline)
    for number, word in enumerate(line.words, start=1):
        if number > 1:
            _space(element, line.words[number - 2].box, word.box, page)
        _word(element, word, f"{name}_word_{number}", page, characters)
    if not line.words:
        # The schema wants a String in every line.
        child(element, "String", **_place(line.box, page), CONTENT="")


def _space(line: Element, before: Box, after: Box, page: Page) -> None:
    top, bottom = min(before[1], after[1]), max(before[3], after[3])
    child(line, "SP", **_place((before[2], top, after[0], bottom), page))


def _word(line: Element, word: Word, name: str, page: Page, characters: bool) -> None:
    place = _place(word.box, page)
    element = child(line, "String", ID=name, **place, CONTENT=word.text, WC=word.confidence)
    for text, share in word.alternatives:
        if text:
            child(element, "ALTERNATIVE", text, PURPOSE=f"recognition, probability {share}")
    for character in word.characters if characters else ():
        place = _place(character.box, page)
        child(element, "Glyph", CONTENT=character.text, GC=character.confidence, **place)


def _place(box: Box, page: Page) -> dict[str, int]:
    x0, y0, x1, y1 = pixel_box(box, page)
    return {"HEIGHT": y1 - y0, "WIDTH": x1 - x0, "HPOS": x0, "VPOS": y0}
