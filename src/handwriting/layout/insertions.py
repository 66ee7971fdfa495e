"""Words added above or below a line that were taken for its ascenders or descenders."""

import cv2
import numpy as np

from handwriting.layout.strokes import Strokes

# Lengths in distances between lines.
CLEAR = 0.25  # a word added keeps so far from the middle of the line's small letters …
OFF = 0.35  # … and its own middle is so far off
GAP = 0.4  # its letters are nearer than this along the line
SHORTEST = 0.85  # accents, dots and strokes through a t are narrower
THINNEST = 0.055  # spread of its ink's rows: less is a dash or a stroke below a word
FULLEST, EMPTIEST = 0.3, 0.05  # ink in squared distances for each distance of length


def split_insertions(line: Strokes, spacing: float) -> list[Strokes]:
    """A line and the words written between it and the next ones, as lines of their own.

    Such a word is made of parts that touch nothing of the line's own.
    """
    part, count = _parts(line)
    offset = line.offset / spacing
    # Number 0 is the paper.
    low, high = np.where(np.arange(count) > 0, [[np.inf], [-np.inf]], 0.0)
    np.minimum.at(low, part, offset)
    np.maximum.at(high, part, offset)
    middle = (low + high) / 2
    rest, added = np.ones(len(line.x), bool), []
    for aside in ((high < -CLEAR) & (middle < -OFF), (low > CLEAR) & (middle > OFF)):
        for word in _words(line, np.flatnonzero(aside[part]), spacing):
            if _is_word(line.x[word], offset[word], spacing):
                rest[word] = False
                added.append(word)
    if not added or not rest.any():
        return [line]
    words = [line.take(word) for word in added]
    return [line.take(rest), *(w.moved(float(np.median(w.offset))) for w in words)]


def _parts(line: Strokes) -> tuple[np.ndarray, int]:
    """Number of the connected part of each pixel, (N,), and how many numbers there are."""
    rows, columns = line.y - line.y.min(), line.x - line.left
    mask = np.zeros((rows.max() + 1, columns.max() + 1), np.uint8)
    mask[rows, columns] = 1
    count, labels = cv2.connectedComponents(mask, connectivity=8)
    return labels[rows, columns], count


def _words(line: Strokes, pixels: np.ndarray, spacing: float) -> list[np.ndarray]:
    """Pixels parted at gaps along the line."""
    pixels = pixels[np.argsort(line.x[pixels], kind="stable")]
    return np.split(pixels, np.flatnonzero(np.diff(line.x[pixels]) > GAP * spacing) + 1)


def _is_word(x: np.ndarray, offset: np.ndarray, spacing: float) -> bool:
    if not len(x):
        return False
    length = (x[-1] - x[0] + 1) / spacing
    dense = len(x) / spacing**2 / length
    return length > SHORTEST and EMPTIEST < dense < FULLEST and offset.std() > THINNEST
