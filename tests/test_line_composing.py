"""Lines composed of pieces of words: every letter is one of the same hand, cut out whole."""

import numpy as np
import pytest
from lines_toy import CHARSET, draw_text, one_hot

from handwriting.lines import composing, supply
from handwriting.lines.composing import Composer
from handwriting.lines.data import LINE_HEIGHT, PAPER, Line
from handwriting.lines.slant import find_slope, ink_row, lean, row_shifts, upright
from handwriting.lines.supply import Supply, find_characters
from handwriting.lines.synthesis.corpus import Corpus

# The bars of the toy: rows that are ink, for each letter.
ROWS = {"a": slice(10, 22), "b": slice(38, 51)}


@pytest.fixture(autouse=True)
def on_time(monkeypatch):
    """Toy logits say a letter where it stands, unlike those of a recurrent network."""
    monkeypatch.setattr(supply, "LATE", 0.0)


def drawn(text: str, page: str = "p", writer: str = "w", language: str = "") -> Line:
    image = draw_text(text, np.random.default_rng(len(text)))
    return Line(image, text, "toy", language, writer, page)


def make_composer(lines, **options) -> Composer:
    return Composer(lines, [one_hot(line.text) for line in lines], CHARSET, **options)


def letters_of(image: np.ndarray) -> str:
    """What the bars of a toy line say, read from its pixels."""
    inked = {name: (image[rows] < 100).mean(axis=0) > 0.5 for name, rows in ROWS.items()}
    said = [
        "c" if a and b else "a" if a else "b" if b else " "
        for a, b in zip(*inked.values(), strict=True)
    ]
    runs = [char for place, char in enumerate(said) if not place or said[place - 1] != char]
    return "".join(runs).replace(" ", "")


def test_other_words_are_written_with_letters_of_the_page():
    lines = [drawn(text) for text in ("ab ca b", "cab ba", "b ac", "a bc")]
    composer = make_composer(lines)
    rng = np.random.default_rng(0)
    made = [composer.remake(lines[0], rng) for _ in range(20)]
    for line in filter(None, made):
        assert line.image.shape[0] == LINE_HEIGHT and line.image.dtype == np.uint8
        assert letters_of(line.image) == line.text.replace(" ", "")
        assert (line.source, line.writer, line.page) == ("toy", "w", "p")
    assert len({line.text for line in filter(None, made)}) > 1


def test_a_text_that_no_line_has_is_cut_together_whole():
    lines = [drawn(text) for text in ("ab", "bc", "ca", "ba")]
    found = find_characters(lines, [one_hot(line.text) for line in lines], CHARSET)
    store = Supply(lines, found)
    for text in ("abca", "cabca", "bab"):
        image = store.write(text, np.random.default_rng(1))
        assert letters_of(image) == text
    assert store.has("cab") and not store.has("cat")
    assert store.write("at", np.random.default_rng(1)) is None
    assert store.write("", np.random.default_rng(1)) is None


def test_what_the_network_does_not_find_is_not_used():
    lines = [drawn(text) for text in ("ab", "bb", "bab", "bb")]
    logits = [one_hot(line.text) for line in lines]
    for own in logits:
        own[:, CHARSET.encode("a")[0]] = 0
    store = Supply(lines, find_characters(lines, logits, CHARSET))
    assert store.has("bbb") and not store.has("a")


def test_no_stroke_is_cut_through():
    """A letter joined to both neighbours by thick strokes comes only together with them."""
    line = drawn("abc")
    image = line.image.copy()
    image[24:36, 20:110] = 40
    joined = [Line(image, "abc", "toy", "", "w", "p")] * 4
    store = Supply(joined, find_characters(joined, [one_hot("abc")] * 4, CHARSET))
    rng = np.random.default_rng(0)
    assert store.write("abc", rng) is not None
    assert store.write("ab", rng) is None and store.write("b", rng) is None


def test_a_writer_lends_letters_where_a_page_has_too_few_lines():
    alone = [drawn("abc", str(page)) for page in range(4)]
    few = [drawn("abc", str(page), "x") for page in range(3)]
    composer = make_composer(alone + few)
    rng = np.random.default_rng(0)
    assert composer.remake(alone[0], rng) is not None
    assert composer.remake(few[0], rng) is None
    assert composer.remake(drawn("abc", "other", "nobody"), rng) is None


def test_a_share_is_replaced_the_same_one_each_time():
    lines = [drawn("abca") for _ in range(100)]
    composer = make_composer(lines)
    made, again = (composer.compose(lines, 0.4, np.random.default_rng(5)) for _ in range(2))
    replaced = sum(new is not old for new, old in zip(made, lines, strict=True))
    assert replaced == pytest.approx(40, abs=15)
    assert all((a.image == b.image).all() for a, b in zip(made, again, strict=True))
    assert composer.compose(lines, 0.0, np.random.default_rng(5)) == lines


def test_lines_that_cannot_be_read_are_left_out():
    lines = [drawn("abca") for _ in range(20)]
    wrong = make_composer(lines, read=lambda made: ["bbbb"] * len(made))
    assert wrong.compose(lines, 1.0, np.random.default_rng(0)) == lines
    right = make_composer(lines, read=lambda made: [line.text for line in made])
    made = right.compose(lines, 1.0, np.random.default_rng(0))
    assert not any(new is old for new, old in zip(made, lines, strict=True))


def test_running_text_is_written_too_and_what_a_page_lacks_left_out(tmp_path, monkeypatch):
    (tmp_path / "en.txt").write_text("cc bb dd aa\n" * 40)
    monkeypatch.setattr(composing, "FROM_CORPUS", 1.0)
    lines = [drawn("aa bb cc", language="en") for _ in range(6)]
    composer = make_composer(lines, corpus=Corpus(tmp_path))
    rng = np.random.default_rng(0)
    words = {
        word
        for _ in range(30)
        if (made := composer.remake(lines[0], rng))
        for word in made.text.split()
    }
    assert words == {"aa", "bb", "cc"}
    # There is no text in this language: the collection's own serves.
    other = [drawn("aa bb cc", language="xx") for _ in range(6)]
    assert make_composer(other, corpus=Corpus(tmp_path)).remake(other[0], rng).text == "aa bb cc"


@pytest.mark.parametrize("slope", [0.0, 0.42, 0.9])
def test_writing_is_stood_upright_and_leant_back_without_loss(slope):
    straight = np.full((LINE_HEIGHT, 300), PAPER, np.uint8)
    straight[8:56, 40:260:20] = 40
    straight[8:56, 41:260:20] = 40
    shifts = row_shifts(slope, ink_row([straight]))
    leaning = lean(straight, shifts)
    assert find_slope([leaning]) == pytest.approx(slope, abs=0.07)
    margin = np.abs(shifts).max()
    back = upright(leaning, shifts, margin, margin + 300)
    assert (back == straight).all()


def test_paper_without_ink_leans_nowhere():
    empty = np.full((LINE_HEIGHT, 50), PAPER, np.uint8)
    assert find_slope([empty]) == 0 and find_slope([]) == 0
    assert ink_row([empty]) == LINE_HEIGHT / 2
