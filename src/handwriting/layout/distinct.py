"""No line twice: fragments of a line join it, what lies in another's outline goes."""

from collections.abc import Sequence

import cv2
import numpy as np

from handwriting.layout.strokes import Strokes

# Lengths in distances between lines.
FRAGMENT = 1.5  # what is shorter may be a part cut off the line it stands on …
CORE, SHARED = 0.25, 0.18  # … where so near to its course stands this share of the ink
BESIDE = 0.5  # share of a fragment that is over or under the line, or as near to its end
CELLS = 16  # of the raster, from one line to the next
SHARE = 0.45


def distinct(polygons: Sequence[np.ndarray], spacing: float) -> list[int]:
    """Indices of the outlines that no larger one covers by more than `SHARE`, ascending.

    Args:
        polygons: (N, 2) each, on the level page.
        spacing: distance between lines in its pixels.
    """
    if not polygons:
        return []
    scale = CELLS / spacing
    cells = [np.rint(polygon * scale).astype(np.int32) for polygon in polygons]
    low = np.min([c.min(axis=0) for c in cells], axis=0)
    size = np.max([c.max(axis=0) for c in cells], axis=0) - low + 1
    owner = np.zeros(size[::-1], np.int32)
    kept = []
    for i in sorted(range(len(cells)), key=lambda i: -cv2.contourArea(cells[i])):
        left, top = cells[i].min(axis=0) - low
        right, bottom = cells[i].max(axis=0) - low + 1
        window = owner[top:bottom, left:right]
        mask = np.zeros(window.shape, np.uint8)
        cv2.fillPoly(mask, [cells[i] - low - (left, top)], 1)
        inside = mask > 0
        counts = np.bincount(window[inside])
        if counts[1:].max(initial=0) <= SHARE * counts.sum():
            window[inside] = i + 1
            kept.append(i)
    return sorted(kept)


def join_fragments(lines: Sequence[Strokes], spacing: float) -> list[Strokes]:
    """Lines with the fragments that reach into their small letters, as a part of a word does.

    A word written between two lines reaches into neither.

    Args:
        lines: of the level page.
        spacing: distance between lines in its pixels.
    """
    kept: list[Strokes] = []
    for line in sorted(lines, key=lambda line: -len(line.course)):
        host = None
        if len(line.course) < FRAGMENT * spacing:
            hosts = (i for i, other in enumerate(kept) if _reaches_into(line, other, spacing))
            host = next(hosts, None)
        if host is None:
            kept.append(line)
        else:
            kept[host] = kept[host].with_ink(line)
    return kept


def _reaches_into(line: Strokes, other: Strokes, spacing: float) -> bool:
    near = BESIDE * spacing
    common = min(line.right, other.right + near) - max(line.left, other.left - near)
    if common < BESIDE * len(line.course):
        return False
    below = line.y - other.course[np.clip(line.x - other.left, 0, len(other.course) - 1)]
    return bool((np.abs(below) < CORE * spacing).mean() > SHARED)
