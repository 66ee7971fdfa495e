"""Characters on a sheet: found whole, each once, in reading order."""

import cv2
import numpy as np
import pytest

from handwriting.character_sheet import Box, find_characters
from handwriting.images import load
from handwriting.paths import ROOT

CELL = 110


def sheet(rows=("742", "35", "861")):
    """Digits apart from each other, rows a little crooked: (H, W) uint8, and their middles."""
    picture = np.full((CELL * len(rows) + 80, 600), 225, np.uint8)
    places = []
    for row, text in enumerate(rows):
        for column, character in enumerate(text):
            at = 60 + 170 * column, 130 + CELL * row + 9 * column
            cv2.putText(picture, character, at, cv2.FONT_HERSHEY_SIMPLEX, 2.2, 40, 7, cv2.LINE_AA)
            places.append((at[0] + 22, at[1] - 24))
    return picture, places


def holds(box: Box, place) -> bool:
    return box.left <= place[0] < box.right and box.top <= place[1] < box.bottom


def test_every_character_is_found_in_reading_order():
    picture, places = sheet()
    boxes = find_characters(picture)
    assert len(boxes) == len(places)
    assert all(holds(box, place) for box, place in zip(boxes, places, strict=True))


def test_a_large_picture_gives_boxes_in_its_own_pixels():
    picture, places = sheet()
    large = cv2.resize(picture, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    boxes = find_characters(large)
    assert all(holds(box, (4 * x, 4 * y)) for box, (x, y) in zip(boxes, places, strict=True))


def test_parts_that_nearly_touch_are_one_and_specks_are_none():
    picture, places = sheet(("7", "3"))
    # A lid above the seven, as on an umlaut or an umbrella, and dirt.
    cv2.line(picture, (62, 76), (102, 76), 40, 5)
    for x in range(250, 600, 60):
        cv2.circle(picture, (x, 60), 2, 60, -1)
    boxes = find_characters(picture)
    assert len(boxes) == 2
    assert boxes[0].top <= 74 and holds(boxes[0], places[0])


def test_a_blank_sheet_has_no_characters():
    assert find_characters(np.full((300, 400), 230, np.uint8)) == []


def test_a_cut_stays_inside_the_picture():
    picture = np.arange(200, dtype=np.uint8).reshape(10, 20)
    assert Box(0, 0, 10, 10).cut(picture, 0.2).shape == (10, 12)
    np.testing.assert_array_equal(Box(5, 2, 9, 6).cut(picture, 0), picture[2:6, 5:9])


@pytest.mark.parametrize("turned", [False, True])
def test_the_sample_photograph(turned):
    picture = load(ROOT / "samples" / "sheet_photo.jpg")
    boxes = find_characters(np.ascontiguousarray(picture[::-1, ::-1]) if turned else picture)
    assert len(boxes) == 12
    tops = [box.top for box in boxes]
    assert max(tops[:4]) < min(tops[4:8]) and max(tops[4:8]) < min(tops[8:])
    for row in (boxes[:4], boxes[4:8], boxes[8:]):
        assert [box.left for box in row] == sorted(box.left for box in row)
