"""Ground truth of a page: the lines of its ALTO or PAGE file, in pixels of its picture."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from handwriting.errors import UserError
from handwriting.layout.baselines import line_distances
from handwriting.lines.readers.layout import LayoutError, parse_xml
from handwriting.lines.readers.pages import PARSERS, pixel_scale

JUMP = 2.5  # distances between lines: so far up goes who begins another column or region


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


def in_useful_order(lines: list[TrueLine]) -> bool:
    """Whether a file's lines may be in the order they are read in.

    They are not where the last line is among the highest tenth, as in files that give a
    heading or a page number last; nor where a line follows others that stand under it: it
    is more than `JUMP` line distances above the line before it in the file, and one of the
    earlier lines is below it in the same columns.
    """
    if len(lines) < 2:
        return True
    baselines = [line.baseline for line in lines]
    jump = JUMP * float(np.median(line_distances(baselines)))
    left, right = np.array([(b[:, 0].min(), b[:, 0].max()) for b in baselines]).T
    row = np.array([b[:, 1].mean() for b in baselines])
    if len(row) > 5 and row[-1] < np.quantile(row, 0.1):
        return False
    for i in np.flatnonzero(row[:-1] - row[1:] > jump) + 1:
        common = np.minimum(right[:i], right[i]) - np.maximum(left[:i], left[i])
        shorter = np.minimum(right[:i] - left[:i], right[i] - left[i])
        if ((row[:i] > row[i]) & (common > shorter / 2)).any():
            return False
    return True
