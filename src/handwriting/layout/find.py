"""From a page to its layout."""

import cv2
import numpy as np

from handwriting.layout.assign import assign
from handwriting.layout.courses import find_courses
from handwriting.layout.distinct import distinct, join_fragments
from handwriting.layout.insertions import split_insertions
from handwriting.layout.judge import is_character, is_writing, without_faint
from handwriting.layout.letters import split_ink
from handwriting.layout.level import LevelPage, level_page
from handwriting.layout.linemap import text_line_map
from handwriting.layout.margins import split_at_margins
from handwriting.layout.order import Place, boxes, find_blocks, reading_order
from handwriting.layout.outline import find_baseline, find_polygon
from handwriting.layout.page import HANDWRITTEN, PRINTED, Block, Layout, TextLine
from handwriting.layout.pieces import find_pieces
from handwriting.layout.printed import are_printed
from handwriting.layout.strokes import Strokes

ALONE = 0.9  # share of a page's ink in its only line: a word, or a character
SMALLEST = 12  # pixels a side: nothing smaller holds a line


def find_lines(page: np.ndarray) -> Layout:
    """Find the lines of writing on a page, of any slope up to some 8 degrees.

    Args:
        page: (H, W) uint8, 0 = ink, 255 = paper, upright, as `images.load` returns it.

    Returns:
        Lines in reading order; none where nothing is written.
    """
    level = level_page(page) if min(page.shape) >= SMALLEST else None
    if level is None:
        return Layout()
    lines, baselines, polygons = _outlined(_find_strokes(level), level.spacing)
    if not lines:
        return Layout()
    printed = are_printed(lines, baselines, level.spacing)
    kinds = [PRINTED if is_print else HANDWRITTEN for is_print in printed]
    places = [Place(line.left, line.right, line.middle) for line in lines]
    order = reading_order(places, level.spacing)
    blocks = find_blocks(order, places, kinds, level.spacing)
    polygons = [_inside(level.to_page(polygons[i]), page.shape) for i in order]
    baselines = [_inside(level.to_page(baselines[i]), page.shape) for i in order]
    kind_of = dict(zip(blocks, (kinds[i] for i in order), strict=True))
    return Layout(
        tuple(map(TextLine, polygons, baselines, blocks)),
        tuple(Block(box, kind_of[number]) for number, box in enumerate(boxes(polygons, blocks))),
        level.angle,
    )


def _find_strokes(level: LevelPage) -> list[Strokes]:
    parts = split_ink(level.ink, level.spacing)
    courses = find_courses(text_line_map(parts.letters, level.spacing))
    owned = assign(parts, courses, level.spacing)
    pieces = find_pieces(owned, courses, level.dark, level.spacing)
    pieces = [part for piece in pieces for part in split_insertions(piece, level.spacing)]
    alone = len(pieces) == 1 and len(pieces[0].x) > ALONE * cv2.countNonZero(level.ink)
    pieces = [
        piece
        for piece in pieces
        if is_writing(piece, level.spacing) or (alone and is_character(piece, level.spacing))
    ]
    lines = split_at_margins(join_fragments(pieces, level.spacing), level.spacing)
    lines = without_faint(lines, level.dark, level.spacing)
    return [line.body(level.spacing) for line in lines]


def _outlined(lines: list[Strokes], spacing: float) -> tuple[list, list, list]:
    """Lines with their baselines and outlines, none in another."""
    baselines = [find_baseline(line, spacing) for line in lines]
    pairs = zip(lines, baselines, strict=True)
    polygons = [find_polygon(line, baseline, spacing) for line, baseline in pairs]
    kept = distinct(polygons, spacing)
    return tuple([items[i] for i in kept] for items in (lines, baselines, polygons))


def _inside(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    return points.clip(0, np.array(shape[::-1]) - 1.0)
