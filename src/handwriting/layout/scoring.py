"""How well a layout was found: one page against its ground truth, and sums over pages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from handwriting.layout.baselines import band, baseline_scores, line_distances, read_twice
from handwriting.layout.metrics import (
    Detection,
    duplicates,
    intersection_over_union,
    match,
    misplaced,
)
from handwriting.layout.page import HANDWRITTEN, Layout
from handwriting.layout.truth import TrueLine


@dataclass(frozen=True)
class PageScore:
    """What one page scores.

    Attributes:
        outlines: all found lines, those marked as print too, against the true outlines.
        written: lines marked as print left out. Print is in few ground truths.
        bands: as `written`, with all lines redrawn as bands around their baselines, as high
            as the page's median distance between true lines. Fair where the true outlines
            are strips or boxes of any height.
        baselines: precision and recall of `written`, see `baseline_scores`.
        covered: found lines of which most lies in the outline of a larger one.
        twice: two found bands on one stretch of a true line, see `read_twice`.
        misplaced: matched lines to be moved so that all are in the order of the truth.
    """

    outlines: Detection
    written: Detection
    bands: Detection
    baselines: tuple[float, float]
    covered: int
    twice: int
    misplaced: int


def score_page(layout: Layout, truth: Sequence[TrueLine]) -> PageScore:
    """Score the lines found on a page; pairs are made greedily, the best first."""
    written = layout.of_kind(HANDWRITTEN)
    outlines = [line.polygon for line in truth]
    baselines = [line.baseline for line in truth]
    height = float(np.median(line_distances(baselines))) if truth else 0.0
    true_bands = [band(baseline, height) for baseline in baselines]
    bands = [band(line.baseline, height) for line in written]
    pairs = _pairs(bands, true_bands)
    return PageScore(
        _detection([line.polygon for line in layout.lines], outlines),
        _detection([line.polygon for line in written], outlines),
        Detection(len(pairs), len(bands), len(truth)),
        baseline_scores([line.baseline for line in written], baselines),
        duplicates([line.polygon for line in layout.lines]),
        read_twice(bands, true_bands),
        misplaced([true for _, true in sorted(pairs)]),
    )


def _pairs(found: Sequence[np.ndarray], truth: Sequence[np.ndarray]) -> list[tuple[int, int]]:
    return match(intersection_over_union(found, truth))


def _detection(found: Sequence[np.ndarray], truth: Sequence[np.ndarray]) -> Detection:
    return Detection(len(_pairs(found, truth)), len(found), len(truth))
