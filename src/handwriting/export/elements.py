"""XML by the standard library: escaped by it, characters it must not hold dropped here."""

from typing import BinaryIO
from xml.etree import ElementTree

from handwriting.export.values import legal

Element = ElementTree.Element


def child(parent: Element, tag: str, text: str | None = None, **attributes) -> Element:
    """Append an element; attributes that are None are left out, the others in order."""
    element = ElementTree.SubElement(parent, tag)
    for name, value in attributes.items():
        if value is not None:
            element.set(name, legal(f"{value}"))
    if text is not None:
        element.text = legal(text)
    return element


def points_text(points: list[tuple[int, int]]) -> str:
    """As ALTO and PAGE have them.

    >>> points_text([(1, 2), (3, 4)])
    '1,2 3,4'
    """
    return " ".join(f"{x},{y}" for x, y in points)


def write_xml(root: Element, stream: BinaryIO, doctype: str = "") -> None:
    """UTF-8, indented, with a declaration."""
    ElementTree.indent(root)
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}'
    body = ElementTree.tostring(root, encoding="unicode")
    stream.write(f"{head}{body}\n".encode())
