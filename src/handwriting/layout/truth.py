"""Ground truth of a page: the lines of its ALTO or PAGE file, in pixels of its picture."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from handwriting.errors import UserError
from handwriting.layout.baselines import line_distances
from handwriting.lines.readers.layout import LayoutError, parse_xml
from handwriting.lines.readers.pages import PARSERS, pixel_scale

TOP = 0.1  # share of the lines that may be above a heading or a page number
ABOVE = 0.8  # distances between lines; words added between lines are nearer


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

    They are not where at most a tenth of the lines are above the last one, as in files that
    give a heading or a page number last; nor where a line stands in the same columns as an earlier
    one and above it by more than `ABOVE` line distances.
    """
    baselines = [line.baseline for line in lines]
    row = np.array([baseline[:, 1].mean() for baseline in baselines])
    if len(row) > 5 and (row < row[-1]).mean() <= TOP:
        return False
    least = ABOVE * float(np.median(line_distances(baselines))) if lines else 0.0
    pairs = ((baselines[i], baselines[j]) for j in range(len(row)) for i in range(j))
    return not any(_drop(later, earlier) > least for earlier, later in pairs)


def _drop(upper: np.ndarray, lower: np.ndarray) -> float:
    """How far the second baseline is below the first, where at least half of one runs there."""
    ends = np.array([(b[:, 0].min(), b[:, 0].max()) for b in (upper, lower)])
    left, right = ends[:, 0].max(), ends[:, 1].min()
    if right - left < np.ptp(ends, axis=1).min() / 2:
        return 0.0
    heights = []
    for baseline in (upper, lower):
        baseline = baseline[np.argsort(baseline[:, 0], kind="stable")]
        heights.append(np.interp((left + right) / 2, *baseline.T))
    return float(heights[1] - heights[0])
