"""What stands on a page of the ground truth, and what of it was read."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from handwriting.cleanup.rectify import project
from handwriting.document import Page
from handwriting.lines.readers.layout import parse_xml
from handwriting.lines.readers.pages import PARSERS, pixel_scale

LEAST_REACH = 12.0  # pixels between a found baseline and the true one


class Truth(NamedTuple):
    """The lines of a page: texts, and baselines (K, 2) in pixels of the scan."""

    texts: list[str]
    baselines: list[np.ndarray]

    @classmethod
    def read(cls, file: Path, shape: tuple[int, int]) -> "Truth":
        tree = parse_xml(file.with_suffix(".xml"))
        layout = PARSERS[tree.tag](tree)
        scale = pixel_scale(layout, shape)
        lines = [line for line in layout.lines if line.text.strip()]
        lines = [line for line in lines if line.outline.baseline is not None]
        places = [line.outline.baseline * scale for line in lines]
        return cls([line.text for line in lines], [p[np.argsort(p[:, 0])] for p in places])

    def match(self, page: Page, matrix: np.ndarray) -> list[str]:
        """What was read on each line, "" where nothing was; other lines, as print, are left out.

        Args:
            matrix: from the pixels of what was read to those of the scan.
        """
        found: list[list] = [[] for _ in self.texts]
        starts = np.array([baseline[:, 1].mean() for baseline in self.baselines])
        apart = np.abs(starts[:, None] - starts) + np.where(np.eye(len(starts)), np.inf, 0)
        reach = 0.5 * float(np.median(apart.min(axis=1))) if len(starts) > 1 else np.inf
        for line in (line for block in page.blocks for line in block.lines):
            points = project(matrix, np.asarray(line.baseline, float))
            distances = [self._distance(points, baseline) for baseline in self.baselines]
            best = int(np.argmin(distances))
            if distances[best] < max(reach, LEAST_REACH):
                found[best].append((points[:, 0].min(), line.text))
        return [" ".join(text for _, text in sorted(parts)) for parts in found]

    @staticmethod
    def _distance(points: np.ndarray, baseline: np.ndarray) -> float:
        """Median height of points on the found baseline over the true one; inf beside it."""
        along = np.linspace(points[:, 0].min(), points[:, 0].max(), 9)
        order = np.argsort(points[:, 0])
        heights = np.interp(along, points[order, 0], points[order, 1])
        inside = (along >= baseline[0, 0]) & (along <= baseline[-1, 0])
        if inside.sum() < 5:
            return np.inf
        apart = np.abs(heights - np.interp(along, *baseline.T))[inside]
        return float(np.median(apart))
