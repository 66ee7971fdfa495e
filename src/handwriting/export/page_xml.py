"""PAGE XML 2019-07-15 (https://github.com/PRImA-Research-Lab/PAGE-XML), one page to a file."""

from collections.abc import Iterable
from datetime import UTC
from pathlib import Path
from typing import BinaryIO

from handwriting.document import (
    PLAIN_KINDS,
    Block,
    Document,
    Line,
    Page,
    Point,
    Word,
    mean_confidence,
)
from handwriting.export.elements import Element, child, points_text, write_xml
from handwriting.export.values import corners, pixel_points, probability

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
SCHEMA = f"{NAMESPACE}/pagecontent.xsd"
# The schema names languages in English, from a closed list.
LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "la": "Latin",
    "nl": "Dutch",
    "pt": "Portuguese",
}
# Types of regions; kinds that are types already have the same name here.
TYPES = {"printed": "paragraph", "margin": "marginalia"}
TYPES |= {kind: kind for kind in ("heading", "caption", "header", "footer", "footnote")}
TYPES |= dict.fromkeys(PLAIN_KINDS, "paragraph")


def write_page_xml(document: Document, stream: BinaryIO, characters: bool = False) -> None:
    """The only page of a document.

    Args:
        characters: with a Glyph for each of them.
    """
    (page,) = document.pages
    root = Element("PcGts", {"xmlns": NAMESPACE})
    root.set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
    root.set("xsi:schemaLocation", f"{NAMESPACE} {SCHEMA}")
    _describe(root, document, page)
    element = _page(root, page)
    names = [f"region_{number}" for number in range(1, len(page.blocks) + 1)]
    if names:
        order = child(child(element, "ReadingOrder"), "OrderedGroup", id="reading_order")
        for index, name in enumerate(names):
            child(order, "RegionRefIndexed", index=index, regionRef=name)
    for index, (name, block) in enumerate(zip(names, page.blocks, strict=True)):
        _block(element, block, name, index, page, characters)
    write_xml(root, stream)


def _describe(root: Element, document: Document, page: Page) -> None:
    metadata = child(root, "Metadata")
    # The schema asks for UTC.
    created = document.created.astimezone(UTC).isoformat(timespec="seconds")
    child(metadata, "Creator", f"{document.software} {document.software_version}".strip())
    child(metadata, "Created", created)
    child(metadata, "LastChange", created)
    if page.notes:
        child(metadata, "Comments", "; ".join(page.notes))
    if document.model:
        model = f"{document.model} {document.model_version}".strip()
        child(metadata, "MetadataItem", type="processingStep", name="model", value=model)


def _page(root: Element, page: Page) -> Element:
    return child(
        root,
        "Page",
        imageFilename=Path(page.file).name,
        imageWidth=page.width,
        imageHeight=page.height,
        imageXResolution=page.dpi,
        imageYResolution=page.dpi,
        imageResolutionUnit="PPI" if page.dpi else None,
        primaryLanguage=LANGUAGES.get(page.language.split("-")[0]),
        conf=probability(mean_confidence(page.lines)),
    )


def _block(
    parent: Element, block: Block, name: str, index: int, page: Page, characters: bool
) -> None:
    kind = block.kind
    structure = "" if kind in PLAIN_KINDS else f" structure {{type:{kind};}}"
    region = child(
        parent,
        "TextRegion",
        id=name,
        custom=f"readingOrder {{index:{index};}}{structure}",
        type=TYPES.get(kind, "other"),
        production="printed" if kind == "printed" else None,
    )
    _coordinates(region, "Coords", corners(block.box), page)
    for number, line in enumerate(block.lines):
        _line(region, line, f"{name}_line_{number + 1}", number, page, characters)
    _text(region, block.text, mean_confidence(block.lines))


def _line(region: Element, line: Line, name: str, index: int, page: Page, characters: bool) -> None:
    custom = f"readingOrder {{index:{index};}}"
    element = child(region, "TextLine", id=name, custom=custom)
    _coordinates(element, "Coords", line.polygon or corners(line.box), page)
    _coordinates(element, "Baseline", line.baseline, page)
    for number, word in enumerate(line.words, start=1):
        _word(element, word, f"{name}_word_{number}", page, characters)
    _text(element, line.text, line.confidence)


def _word(line: Element, word: Word, name: str, page: Page, characters: bool) -> None:
    element = child(line, "Word", id=name)
    _coordinates(element, "Coords", corners(word.box), page)
    for number, character in enumerate(word.characters if characters else (), start=1):
        glyph = child(element, "Glyph", id=f"{name}_glyph_{number}")
        _coordinates(glyph, "Coords", corners(character.box), page)
        _text(glyph, character.text, character.confidence)
    readings = [reading for reading in word.alternatives if reading[0]]
    _text(element, word.text, word.confidence, index=0 if readings else None)
    for number, (text, share) in enumerate(readings, start=1):
        _text(element, text, share, index=number)


def _coordinates(parent: Element, tag: str, points: Iterable[Point], page: Page) -> None:
    child(parent, tag, points=points_text(pixel_points(points, page)))


def _text(parent: Element, text: str, confidence: float | None, index: int | None = None) -> None:
    element = child(parent, "TextEquiv", index=index, conf=probability(confidence))
    # Blocks are the only texts of several lines; those are legal already.
    child(element, "Unicode").text = text
