"""How well a page was read, against the lines of its ground truth."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from handwriting.layout.page import HANDWRITTEN, Block, Layout, TextLine
from handwriting.layout.truth import TrueLine
from handwriting.lines.charset import plain_text
from handwriting.lines.readers.layout import parse_xml
from handwriting.lines.readers.pages import PARSERS, pixel_scale

LEAST_REACH = 12.0  # pixels between a found baseline and the true one
# What editors write for struck-out and unreadable text: such lines are not scored.
MARKS = re.compile(r"[<>#⋎⟦⟧]|\[\?|\?\?\?")


class ReadLine(NamedTuple):
    """What a program read, and where: baseline (K, 2), left to right."""

    text: str
    baseline: np.ndarray


class PageTruth(NamedTuple):
    """The lines of a page: texts, and outline and baseline of each in its picture's pixels."""

    texts: list[str]
    lines: list[TrueLine]

    @classmethod
    def read(cls, file: Path, shape: tuple[int, int]) -> "PageTruth":
        """From ALTO or PAGE XML; lines without text, outline or baseline are left out.

        Raises:
            LayoutError: neither, or not of a picture of this shape.
        """
        tree = parse_xml(file)
        page = PARSERS[tree.tag](tree)
        scale = pixel_scale(page, shape)
        texts, lines = [], []
        for line in page.lines:
            outline = line.outline
            if not line.text.strip() or outline.baseline is None or outline.polygon is None:
                continue
            baseline = outline.baseline * scale
            lines.append(TrueLine(outline.polygon * scale, baseline[np.argsort(baseline[:, 0])]))
            texts.append(plain_text(line.text))
        return cls(texts, lines)

    @property
    def clear(self) -> list[int]:
        """Numbers of the lines that are scored: no marks of struck-out or unreadable text."""
        return [i for i, text in enumerate(self.texts) if not MARKS.search(text)]

    @property
    def layout(self) -> Layout:
        """As if a program had found exactly these lines."""
        block = Block((0, 0, 0, 0), HANDWRITTEN)
        return Layout(tuple(TextLine(*line, 0) for line in self.lines), (block,))

    def match(self, read: Sequence[ReadLine]) -> tuple[list[str], int]:
        """What was read on each line, left to right, "" where nothing was.

        A line read is that of the nearest true baseline below which it runs for the most
        part, if that is nearer than half the distance between lines.

        Returns:
            The texts, and how many characters were read elsewhere, as of print that the
            ground truth leaves out.
        """
        found: list[list] = [[] for _ in self.texts]
        elsewhere, baselines = 0, [line.baseline for line in self.lines]
        heights = np.array([baseline[:, 1].mean() for baseline in baselines])
        apart = np.abs(heights[:, None] - heights)
        np.fill_diagonal(apart, np.inf)
        reach = 0.5 * float(np.median(apart.min(axis=1))) if len(heights) > 1 else np.inf
        for text, baseline in read:
            distances = [_distance(baseline, true) for true in baselines]
            best = int(np.argmin(distances))
            if distances[best] < max(reach, LEAST_REACH):
                found[best].append((float(baseline[:, 0].min()), text))
            else:
                elsewhere += len(text)
        return [" ".join(text for _, text in sorted(parts)) for parts in found], elsewhere


def _distance(points: np.ndarray, true: np.ndarray) -> float:
    """Median height of one baseline over the true one; infinite where it runs beside it."""
    points = points[np.argsort(points[:, 0])]
    along = np.linspace(points[0, 0], points[-1, 0], 9)
    inside = (along >= true[0, 0]) & (along <= true[-1, 0])
    if inside.sum() < 5:
        return np.inf
    apart = np.interp(along, *points.T) - np.interp(along, *true.T)
    return float(np.median(np.abs(apart[inside])))


def trained_pages(folder: Path) -> set[str]:
    """FOLDER/PAGE of the pages whose lines were trained on, from the table in its README."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    rows = [row.split("|") for row in text.splitlines()]
    return {row[1].strip() for row in rows if len(row) == 4 and row[2].strip() == "train"}
