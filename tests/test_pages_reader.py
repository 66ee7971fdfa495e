"""A page is told from a line and a character, is read in one go, and knows where all of it is."""

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from drawn_lines import draw_line
from fake_reader import WORDS, FakeRecognizer, drawn_page
from toy import draw

from handwriting.cleanup import clean_page
from handwriting.document import Page
from handwriting.layout import Block, Layout, find_lines
from handwriting.page_reader import PageReader
from handwriting.pages.kind import shows_page
from handwriting.pages.language import guess_language
from handwriting.pages.outcome import Outcome, outcome_of
from handwriting.pages.sources import PageSource
from handwriting.reader import Reader, Reading

TEXT = " ".join(WORDS)


@pytest.fixture
def reader(toy_model, monkeypatch):
    """Decides as `auto` does, with the toy for characters and the fake for lines."""
    monkeypatch.setattr("handwriting.reader.choose_models", lambda model: ("toy", "lines"))
    reader = Reader()
    monkeypatch.setitem(reader.__dict__, "lines", FakeRecognizer())
    return reader


def read(reader, *pictures) -> list[Reading]:
    return list(reader.read_sources((PageSource("a.png", image=p) for p in pictures), top=2))


@pytest.mark.parametrize("lines", [2, 5])
def test_a_page_has_more_than_one_line(lines):
    assert shows_page(drawn_page(lines))
    assert shows_page(cv2.resize(drawn_page(lines), None, fx=3, fy=3))


def test_a_page_in_white_on_black_within_a_white_frame_is_one():
    negative = cv2.copyMakeBorder(255 - drawn_page(8), *[30] * 4, cv2.BORDER_CONSTANT, value=255)
    assert shows_page(negative)
    assert len(PageReader(FakeRecognizer(), clean_page).read(negative).lines) == 8


@pytest.mark.parametrize("above", [0, 1])
def test_a_line_is_no_page_even_with_scraps_of_its_neighbours(above):
    page = drawn_page(4)
    assert not shows_page(page[95 + 60 * (1 - above) : 165 + 10, :])
    assert not shows_page(cv2.resize(draw_line("bring a folded map"), None, fx=3, fy=3))


@pytest.mark.parametrize("text", "ILO")
def test_a_character_is_no_page(text):
    assert not shows_page(draw(text, 300, 30))
    assert not shows_page(np.full((900, 700), 255, np.uint8))


def test_each_picture_is_read_as_what_it_is_and_in_order(reader):
    found = read(reader, draw("L"), drawn_page(), draw_line("handy grip"), draw("O"))
    assert [r.model for r in found] == ["toy", "lines", "lines", "toy"]
    assert [bool(r.page) for r in found] == [False, True, False, False]
    assert [r.text for r in found] == ["L", "\n".join([TEXT] * 4), TEXT, "O"]


def test_a_blank_sheet_is_an_empty_page_and_a_blank_scrap_an_error(reader):
    sheet, scrap = read(
        reader, np.full((900, 700), 250, np.uint8), np.full((90, 70), 250, np.uint8)
    )
    assert sheet.error is None and sheet.text == ""
    assert sheet.remark == "a.png: page 1: no writing found"
    assert "no writing" in scrap.error and scrap.error.startswith("a.png: ")


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (900, 3), (200, 8000)])
@pytest.mark.parametrize("grey", [0, 255])
def test_odd_pictures_taken_for_pages_are_empty(shape, grey):
    page = PageReader(FakeRecognizer()).read(np.full(shape, grey, np.uint8))
    assert (page.height, page.width) == shape
    assert page.lines == () and page.notes == ("no writing found",)


def test_all_lines_of_a_page_are_read_in_one_go():
    recognizer = FakeRecognizer()
    PageReader(recognizer).read(drawn_page(5))
    assert recognizer.calls == [5]


def test_an_odd_page_is_an_error_and_the_next_is_read(reader, monkeypatch):
    sound, pages = reader.pages.read, []

    def read_once(image, **about):
        pages.append(about)
        if len(pages) == 1:
            raise ValueError("odd\nshape")
        return sound(image, **about)

    monkeypatch.setattr(reader.pages, "read", read_once)
    odd, even = read(reader, drawn_page(), drawn_page())
    assert odd.error == "a.png: page 1: cannot be read (ValueError: odd\\x0ashape)"
    assert len(even.page.lines) == 4


def boxes(page: Page) -> np.ndarray:
    return np.array([word.box for line in page.lines for word in line.words])


def test_places_are_where_the_writing_is():
    picture = drawn_page()
    page = PageReader(FakeRecognizer()).read(picture)
    assert (page.width, page.height) == picture.shape[::-1]
    for number, line in enumerate(page.lines, 1):
        x0, y0, x1, y1 = line.words[0].box
        assert (picture[round(y0) : round(y1), round(x0) : round(x1)] < 100).any()
        assert y0 < 70 * number < y1 + 20 and x0 == pytest.approx(40, abs=12)
        baseline = np.array(line.baseline)[:, 1]
        assert baseline == pytest.approx(70 * number, abs=8)


def turned(image: np.ndarray, **_):
    """A clean-up that turns the page by a quarter and doubles it."""
    height = image.shape[0]
    clean = cv2.resize(np.rot90(image, -1), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)

    def to_input(points):
        x, y = (np.asarray(points) / 2).T
        return np.stack([y, height - 1 - x], axis=1)

    return SimpleNamespace(image=clean, to_input=to_input)


def test_places_are_in_the_picture_as_given_whatever_the_clean_up_does():
    upright = PageReader(FakeRecognizer()).read(drawn_page())
    lying = np.ascontiguousarray(np.rot90(drawn_page()))
    page = PageReader(FakeRecognizer(), turned).read(lying)
    assert (page.width, page.height) == lying.shape[::-1] and page.text == upright.text
    width = drawn_page().shape[1]
    x0, y0, x1, y1 = boxes(upright).T
    expected = np.stack([y0, width - 1 - x1, y1, width - 1 - x0], axis=1)
    assert np.abs(boxes(page) - expected).max() < 6
    for line in page.lines:
        (x_start, y_start), (x_end, y_end) = line.baseline[0], line.baseline[-1]
        assert y_start - y_end > 100 and abs(x_start - x_end) < 8, "upwards, as the lines run"
        box = line.words[1].box
        inside = lying[round(box[1]) : round(box[3]), round(box[0]) : round(box[2])]
        assert (inside < 100).any()


def test_print_is_read_but_marked():
    picture = drawn_page()
    found = find_lines(picture)
    blocks = tuple(Block(block.box, "printed") for block in found.blocks)
    page = PageReader(FakeRecognizer()).read(picture, Layout(found.lines, blocks, 0.0))
    assert {block.kind for block in page.blocks} == {"printed"} and len(page.lines) == 4
    assert page.notes == ("4 lines may be print, which this model was not made for",)


@pytest.mark.parametrize(
    "text, language",
    [
        ("the wind was in the east and it was cold", "en"),
        ("le vent est dans les voiles et il ne pleut pas", "fr"),
        ("der Wind ist kalt und die Fähre nicht da", "de"),
        ("1912, Hotel Bristol", ""),
        ("", ""),
        ("the le der and et und", ""),
    ],
)
def test_the_language_is_guessed_only_where_it_is_clear(text, language):
    assert guess_language(text) == language


def test_an_outcome_survives_json(reader):
    for reading in read(reader, draw("L"), drawn_page(), draw_line("handy grip")):
        outcome = outcome_of(reading, ("seen.png",))
        assert Outcome.from_dict(json.loads(json.dumps(outcome.to_dict()))) == outcome
        assert outcome.text == reading.text
