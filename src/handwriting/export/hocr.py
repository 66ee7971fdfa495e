"""hOCR 1.2 (http://kba.github.io/hocr-spec/1.2/) as XHTML."""

import math
from pathlib import Path
from typing import BinaryIO

import numpy as np

from handwriting.document import Block, Box, Document, Line, Page
from handwriting.export.elements import Element, child, write_xml
from handwriting.export.values import language_code, legal, pixel_box

DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"'
    ' "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
)
CAPABILITIES = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf ocrp_lang"


def write_hocr(document: Document, stream: BinaryIO) -> None:
    """All pages in one file."""
    root = Element("html", {"xmlns": "http://www.w3.org/1999/xhtml"})
    language = language_code(document.language)
    if language:
        root.set("xml:lang", language)
        root.set("lang", language)
    _describe(root, document)
    body = child(root, "body")
    for number, page in enumerate(document.pages, start=1):
        _page(body, page, number)
    write_xml(root, stream, DOCTYPE)


def _describe(root: Element, document: Document) -> None:
    head = child(root, "head")
    child(head, "title", document.name)
    system = f"{document.software} {document.software_version}".strip()
    facts = {
        "ocr-system": f"{system} {document.model} {document.model_version}".strip(),
        "ocr-capabilities": CAPABILITIES,
        "ocr-number-of-pages": len(document.pages),
    }
    languages = dict.fromkeys(language_code(page.language) for page in document.pages)
    if any(languages):
        facts["ocr-langs"] = " ".join(filter(None, languages))
    charset = {"http-equiv": "Content-Type", "content": "text/html; charset=utf-8"}
    child(head, "meta", **charset)
    for name, content in facts.items():
        child(head, "meta", name=name, content=content)


def _page(body: Element, page: Page, number: int) -> None:
    # A quotation mark has no escape inside a property.
    file = Path(page.file).name.replace('"', "%22")
    facts = [f'image "{file}"', f"bbox 0 0 {page.width} {page.height}", f"ppageno {number - 1}"]
    if page.dpi:
        facts.append(f"scan_res {page.dpi:.0f} {page.dpi:.0f}")
    element = _part(body, "div", "ocr_page", f"page_{number}", "; ".join(facts))
    element.text = "\n"  # browsers do not know <div/>
    for index, block in enumerate(page.blocks, start=1):
        _block(element, block, page, f"{number}_{index}")


def _block(parent: Element, block: Block, page: Page, name: str) -> None:
    place = _place(block.box, page)
    area = _part(parent, "div", "ocr_carea", f"block_{name}", place)
    paragraph = _part(area, "p", "ocr_par", f"par_{name}", place)
    paragraph.text = "\n"
    language = language_code(page.language)
    if language:
        paragraph.set("lang", language)
    for index, line in enumerate(block.lines, start=1):
        _line(paragraph, line, page, f"{name}_{index}")


def _line(paragraph: Element, line: Line, page: Page, name: str) -> None:
    place = f"{_place(line.box, page)}; {_direction(line, page)}"
    element = _part(paragraph, "span", "ocr_line", f"line_{name}", place)
    element.text = "\n"
    for index, word in enumerate(line.words, start=1):
        place = _place(word.box, page)
        if word.confidence is not None:
            place += f"; x_wconf {100 * word.confidence:.0f}"
        part = _part(element, "span", "ocrx_word", f"word_{name}_{index}", place)
        part.text = legal(word.text)


def _direction(line: Line, page: Page) -> str:
    """The baseline seen from the lower left corner of the box; of steep lines the angle."""
    (x_first, y_first), (x_last, y_last) = line.baseline[0], line.baseline[-1]
    if abs(y_last - y_first) > abs(x_last - x_first):
        angle = math.degrees(math.atan2(y_first - y_last, x_last - x_first))
        return f"textangle {angle:.0f}"
    x0, _, _, y1 = pixel_box(line.box, page)
    slope, height = 0.0, y_first
    if x_first != x_last:
        x, y = np.asarray(line.baseline, np.float64).T
        slope, height = np.polyfit(x - x0, y, 1)
    # Adding zero takes the sign from a negative one.
    return f"baseline {round(slope, 3) + 0.0:.3f} {round(height - y1)}"


def _part(parent: Element, tag: str, kind: str, name: str, title: str) -> Element:
    element = child(parent, tag, id=name, title=title)
    element.set("class", kind)
    return element


def _place(box: Box, page: Page) -> str:
    return "bbox {} {} {} {}".format(*pixel_box(box, page))
