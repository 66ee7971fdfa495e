"""Ground truth of a page: the lines of its ALTO or PAGE file, in pixels of its picture."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from handwriting.errors import UserError
from handwriting.lines.readers.layout import LayoutError, parse_xml
from handwriting.lines.readers.pages import PARSERS, pixel_scale


class TrueLine(NamedTuple):
    """Outline (N, 2) and baseline (K, 2) of a line, x and y."""

    polygon: np.ndarray
    baseline: np.ndarray


def read_truth(file: Path, shape: tuple[int, int]) -> list[TrueLine]:
    """The lines in the order of the file; those without outline or baseline are left out.

    Args:
        file: ALTO or PAGE XML.
        shape: height and width of the page's picture.

    Raises:
        UserError: the file is neither, or not of this picture.
    """
    try:
        tree = parse_xml(file)
        if tree.tag not in PARSERS:
            raise LayoutError("neither ALTO nor PAGE XML")
        page = PARSERS[tree.tag](tree)
        scale = pixel_scale(page, shape)
    except LayoutError as error:
        raise UserError(f"{file.name}: {error}; give the ground truth of the page") from None
    outlines = [line.outline for line in page.lines]
    return [
        TrueLine(outline.polygon * scale, outline.baseline * scale)
        for outline in outlines
        if outline.polygon is not None and outline.baseline is not None
    ]
