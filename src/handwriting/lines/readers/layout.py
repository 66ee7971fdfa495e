"""What ALTO and PAGE files have in common: a page's picture name and its lines."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np

from handwriting.lines.outlines import Outline
from handwriting.lines.readers.files import read_bytes

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_SEPARATORS = re.compile(r"[\s,;]*")


class LayoutError(ValueError):
    """A layout file that cannot be read; the message is the reason."""


@dataclass(frozen=True)
class PageLine:
    """One line of the ground truth: its id, its text and where it lies."""

    id: str
    text: str
    outline: Outline


@dataclass(frozen=True)
class PageLayout:
    """One page of the ground truth.

    Attributes:
        picture: the file name that the page gives, "" where it gives none.
        size: width and height in the unit of all coordinates, None where not given.
        in_pixels: whether that unit is the picture's pixel.
        lines: in the order of the file.
    """

    picture: str
    size: tuple[float, float] | None
    in_pixels: bool = True
    lines: list[PageLine] = field(default_factory=list)


def parse_xml(file: Path) -> ElementTree.Element:
    """The root of an XML file, all tags without their namespace.

    A DOCTYPE is refused: the formats have none, and entities declared in one can grow a
    small file to gigabytes.

    Raises:
        LayoutError: not XML, or not allowed.
        OSError: it cannot be read.
    """
    try:
        data = read_bytes(file)
        _refuse_doctype(data)
        root = ElementTree.fromstring(data)
    except LayoutError:
        raise
    except (ElementTree.ParseError, expat.ExpatError, ValueError, LookupError) as error:
        raise LayoutError(f"broken XML ({error})") from None
    for element in root.iter():
        element.tag = local_name(element.tag)
    return root


def local_name(tag) -> str:
    # Comments and processing instructions have a function in place of a name.
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


class _AtRootError(Exception):
    pass


def _refuse_doctype(data: bytes) -> None:
    def stop(*_):
        raise _AtRootError

    def refuse(*_):
        raise LayoutError("has a DOCTYPE, which is refused")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = stop, refuse
    try:
        parser.Parse(data, True)
    except _AtRootError:
        return


def root_name(file: Path) -> str:
    """Name of the first element of an XML file, "" where it is none."""
    names = []

    def stop(name, _):
        names.append(local_name(name.replace(":", "}")))
        raise _AtRootError

    def refuse(*_):
        raise _AtRootError

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.StartDoctypeDeclHandler = stop, refuse
    try:
        with file.open("rb") as stream:
            parser.Parse(stream.read(100_000), False)
    except (_AtRootError, expat.ExpatError, OSError, ValueError, LookupError):
        pass
    return names[0] if names else ""


def parse_points(text: str | None) -> np.ndarray | None:
    """`x,y x,y` or `x y x y` as (N, 2) float64; None where it is neither.

    >>> parse_points("1,2 3,4.5").tolist() == parse_points("1 2 3 4.5").tolist()
    True
    """
    numbers = _NUMBER.findall(text or "")
    if not numbers or len(numbers) % 2 or _SEPARATORS.fullmatch(_NUMBER.sub("", text)) is None:
        return None
    return np.array(numbers, np.float64).reshape(-1, 2)


def number(text: str | None) -> float | None:
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if np.isfinite(value) else None


def size_of(width: str | None, height: str | None) -> tuple[float, float] | None:
    """A page's size where both sides are given and positive."""
    sides = number(width), number(height)
    return sides if all(side is not None and side > 0 for side in sides) else None


def first_line(root: ElementTree.Element, path: str) -> str:
    """Text of the first element of a path, on one line; "" without it."""
    element = root.find(path)
    return " ".join((element.text or "").split()) if element is not None else ""
