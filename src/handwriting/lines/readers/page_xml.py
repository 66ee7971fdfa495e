"""PAGE XML of 2010 to 2019, as Transkribus and eScriptorium write it (primaresearch.org)."""

from xml.etree.ElementTree import Element

import numpy as np

from handwriting.lines.outlines import Outline
from handwriting.lines.readers.layout import PageLayout, PageLine, number, parse_points, size_of

ROOT = "PcGts"


def parse_page(root: Element) -> PageLayout:
    """The page of a file; regions in the order of the file, however deep."""
    page = root.find("Page")
    if page is None:
        return PageLayout("", None)
    size = size_of(page.get("imageWidth"), page.get("imageHeight"))
    lines = [_line(element) for element in page.iter("TextLine")]
    return PageLayout(page.get("imageFilename", ""), size, lines=lines)


def _line(element: Element) -> PageLine:
    outline = Outline(_points(element.find("Coords")), _points(element.find("Baseline")))
    return PageLine(element.get("id", ""), _text(element), outline)


def _points(element: Element | None) -> np.ndarray | None:
    """Points of `Coords` or `Baseline`: an attribute, or elements as in 2010."""
    if element is None:
        return None
    if element.get("points") is not None:
        return parse_points(element.get("points"))
    return parse_points(" ".join(f"{p.get('x')},{p.get('y')}" for p in element.findall("Point")))


def _text(element: Element) -> str:
    """Text of a line; where it has none, that of its words."""
    own = _equivalent(element)
    return own or " ".join(filter(None, (_equivalent(word) for word in element.findall("Word"))))


def _equivalent(element: Element) -> str:
    """`Unicode` of the `TextEquiv` with the lowest index; without an index it is the main one."""

    def index(equivalent: Element) -> float:
        value = number(equivalent.get("index"))
        return -1 if value is None else value

    equivalents = sorted(element.findall("TextEquiv"), key=index)
    return (equivalents[0].findtext("Unicode") or "") if equivalents else ""
