"""Lines put together from the words of others: cut where a gap is, and every word keeps its ink."""

import numpy as np
import pytest
from lines_toy import CHARSET, draw_text, one_hot

from handwriting.lines.data import LINE_HEIGHT, Line
from handwriting.lines.splicing import SEEN, Splicer, cut_words, join_words


def drawn(text: str, seed: int = 0) -> Line:
    return Line(draw_text(text, np.random.default_rng(seed)), text)


def grey(words: str, first: int, page: str = "p") -> tuple[Line, list]:
    """A line of which each word is of one grey, 10 columns a character; and its pieces."""
    pieces = [
        (word, np.full((LINE_HEIGHT, 10 * len(word)), first + i, np.uint8))
        for i, word in enumerate(words.split())
    ]
    image = np.concatenate([image for _, image in pieces], axis=1)
    return Line(image, words, "toy", "en", "w", page), pieces


def test_lines_are_cut_at_their_spaces_and_joined_anew():
    rng = np.random.default_rng(0)
    line = drawn("ab ca b")
    (pieces,) = cut_words([line], [one_hot(line.text)], CHARSET)
    assert [word for word, _ in pieces] == ["ab", "ca", "b"]
    assert sum(image.shape[1] for _, image in pieces) == line.image.shape[1]
    # No bar is cut through: the columns at the cuts are paper.
    for _, image in pieces[:-1]:
        assert image[:, -1].min() > 200
    for _ in range(5):
        text, image = join_words([pieces], 400, rng)
        assert set(text.split()) <= {"ab", "ca", "b"}
        assert image.shape == (64, sum(dict(pieces)[word].shape[1] for word in text.split()))
        assert image.shape[1] >= 400


def test_no_cut_where_the_network_finds_no_space():
    line = drawn("ab ca b")
    logits = one_hot(line.text)
    logits[2 * 7 : 3 * 7, CHARSET.encode(" ")[0]] = 0  # the first of the two
    (pieces,) = cut_words([line], [logits], CHARSET, seen=SEEN)
    assert [text for text, _ in pieces] == ["ab ca", "b"]
    (pieces,) = cut_words([line], [logits], CHARSET)
    assert [text for text, _ in pieces] == ["ab", "ca", "b"]


def test_many_lines_are_cut_as_one_by_one():
    lines = [drawn(text, seed) for seed, text in enumerate(("a b", "ab", "c ab a", "b c bb"))]
    logits = [one_hot(line.text) for line in lines]
    together = cut_words(lines, logits, CHARSET)
    for line, own, pieces in zip(lines, logits, together, strict=True):
        (alone,) = cut_words([line], [own], CHARSET)
        assert [text for text, _ in pieces] == [text for text, _ in alone] == line.text.split()
        assert all((a == b).all() for (_, a), (_, b) in zip(pieces, alone, strict=True))


def test_every_word_of_a_spliced_line_keeps_its_picture():
    known = [grey("ab cde f", 10), grey("gh ijk l", 20)]
    shade = {word: int(image[0, 0]) for _, pieces in known for word, image in pieces}
    lines = [line for line, _ in known] * 40
    made = Splicer(*zip(*known, strict=True)).splice(lines, 1.0, np.random.default_rng(0))
    assert len({line.text for line in made}) > 20
    for old, new in zip(lines, made, strict=True):
        columns = [shade[word] for word in new.text.split(" ") for _ in range(10 * len(word))]
        assert (new.image == np.array(columns, np.uint8)).all()
        assert new.image.shape[1] >= 0.85 * old.image.shape[1]
        assert (new.source, new.language, new.writer, new.page) == ("toy", "en", "w", "p")


def test_pages_are_not_mixed_and_what_cannot_be_cut_stays():
    known = [grey("a b", 10, "1"), grey("c d", 20, "1"), grey("e f", 30, "2"), grey("g", 40, "1")]
    lines, pieces = zip(*known, strict=True)
    made = Splicer(lines, pieces).splice(lines * 20, 1.0, np.random.default_rng(2))
    assert all(new is lines[2] for new in made[2::4])  # the only one of its page
    others = [new.text for i, new in enumerate(made) if i % 4 != 2]
    assert set("".join(others)) == set("abcd ")


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_share_is_replaced_and_the_same_one_each_time(share):
    lines, pieces = zip(*(grey("a b c", 10), grey("b c a", 20)), strict=True)
    splicer = Splicer(lines, pieces)
    made, again = (splicer.splice(lines * 100, share, np.random.default_rng(3)) for _ in range(2))
    replaced = sum(new is not old for new, old in zip(made, lines * 100, strict=True))
    assert replaced == pytest.approx(200 * share, abs=20)
    assert [line.text for line in made] == [line.text for line in again]
