"""ALTO 2 to 4, as eScriptorium, kraken and libraries write it (loc.gov/standards/alto)."""

from xml.etree.ElementTree import Element

import numpy as np

from handwriting.lines.outlines import Outline
from handwriting.lines.readers.layout import (
    PageLayout,
    PageLine,
    first_line,
    number,
    parse_points,
    size_of,
)

ROOT = "alto"


def parse_alto(root: Element) -> PageLayout:
    """The first page of a file; ALTO has one file for a page."""
    unit = first_line(root, "Description/MeasurementUnit").lower()
    name = first_line(root, "Description/sourceImageInformation/fileName")
    page = root.find(".//Page")
    if page is None:
        return PageLayout(name, None)
    size = size_of(page.get("WIDTH"), page.get("HEIGHT"))
    lines = [_line(element) for element in page.iter("TextLine")]
    return PageLayout(name, size, unit in ("", "pixel"), lines)


def _line(element: Element) -> PageLine:
    polygon = element.find("Shape/Polygon")
    points = parse_points(polygon.get("POINTS")) if polygon is not None else None
    box = _box(element)
    if points is None and box is not None:
        left, top, right, bottom = box
        points = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    outline = Outline(points, _baseline(element.get("BASELINE"), box))
    return PageLine(element.get("ID", ""), _text(element), outline)


def _box(element: Element) -> tuple[float, float, float, float] | None:
    values = [number(element.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")]
    if None in values or min(values[2:]) <= 0:
        return None
    left, top, width, height = values
    return left, top, left + width, top + height


def _baseline(text: str | None, box) -> np.ndarray | None:
    """Points; up to ALTO 4.1 it may be the height of a level line alone."""
    level = number(text)
    if level is None:
        return parse_points(text)
    return None if box is None else np.array([[box[0], level], [box[2], level]])


def _text(element: Element) -> str:
    """The strings with the spaces of the file; where it marks none, one between all."""
    parts = []
    for child in element:
        if child.tag == "String":
            parts.append(child.get("CONTENT", ""))
        elif child.tag == "SP":
            parts.append(" ")
        elif child.tag == "HYP":
            parts.append(child.get("CONTENT", "-"))
    if element.find("SP") is not None:
        return "".join(parts)
    strings = " ".join(child.get("CONTENT", "") for child in element.iter("String"))
    hyphen = element.find("HYP")
    return strings + (hyphen.get("CONTENT", "-") if hyphen is not None else "")
