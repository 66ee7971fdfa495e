"""A page's reading against its ground truth: by place, whatever else was read."""

import cv2
import numpy as np
import pytest
from drawn_lines import draw_page
from layouts import PAGE_TEXTS, alto, page_xml

from handwriting.page_reader import PageReader
from handwriting.pages.scoring import PageTruth, ReadLine


@pytest.fixture
def page():
    return draw_page(PAGE_TEXTS)


@pytest.fixture(params=[alto, page_xml])
def truth(request, page, tmp_path):
    file = tmp_path / "page.xml"
    file.write_text(request.param(page), encoding="utf-8")
    return PageTruth.read(file, page[0].shape)


def test_lines_are_matched_by_place_and_joined_from_left_to_right(page, truth):
    baselines = [line.baseline for line in truth.lines]
    middle = baselines[1].mean(axis=0)
    halves = [
        ReadLine("map", np.array([middle, baselines[1][-1]])),
        ReadLine("bring a folded", np.array([baselines[1][0], middle])),
    ]
    far = ReadLine("print", baselines[0] + np.array([0, 5000]))
    texts, elsewhere = truth.match([ReadLine("low", baselines[0]), *halves, far])
    assert texts == ["low", "bring a folded map", ""]
    assert elsewhere == len("print")


def test_a_line_shifted_by_a_whole_line_is_another(page, truth):
    down = truth.lines[1].baseline.mean(axis=0)[1] - truth.lines[0].baseline.mean(axis=0)[1]
    moved = ReadLine("low tide", truth.lines[0].baseline + np.array([0, down]))
    assert truth.match([moved])[0][:2] == ["", "low tide"]


def test_lines_with_editors_marks_are_not_scored(page, tmp_path):
    text = page_xml(page).replace(PAGE_TEXTS[1], "bring &gt;a&lt; map")
    (tmp_path / "page.xml").write_text(text, encoding="utf-8")
    truth = PageTruth.read(tmp_path / "page.xml", page[0].shape)
    assert truth.texts[1] == "bring >a< map" and truth.clear == [0, 2]


def test_true_lines_serve_as_a_layout(page, truth):
    class Reads:
        height = 40

        def to_input(self, line):
            return cv2.resize(line, None, fx=0.5, fy=0.5)

        def read(self, pictures):
            self.count = len(pictures)
            raise StopIteration

    recognizer = Reads()
    with pytest.raises(StopIteration):
        PageReader(recognizer).read(page[0], truth.layout)
    assert recognizer.count == len(PAGE_TEXTS)
