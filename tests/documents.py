"""Small documents as a reader would make them, for tests of the output formats."""

import math
from datetime import UTC, datetime

from handwriting.document import (
    Block,
    Character,
    Document,
    Line,
    Page,
    Word,
    bounding_box,
    enclosing_box,
)

ADVANCE, ABOVE, BELOW = 12, 18, 6  # of the made writing, in pixels
CREATED = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
NAN = float("nan")


def make_line(text: str, x=20.0, y=40.0, degrees=0.0, confidence=0.9) -> Line:
    """Characters of one width from (x, y) on, along a baseline that falls by `degrees`."""
    way = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def at(column: float, rise: float = 0.0) -> tuple[float, float]:
        along = column * ADVANCE
        return x + along * way[0] + rise * way[1], y + along * way[1] - rise * way[0]

    def box(start: int, end: int):
        return bounding_box(at(c, rise) for c in (start, end) for rise in (ABOVE, -BELOW))

    words, start = [], 0
    for word in text.split(" "):
        end = start + len(word)
        characters = tuple(
            Character(c, box(i, i + 1), confidence) for i, c in enumerate(word, start)
        )
        others = ((f"{word}s", 0.06), ("", 0.01))
        ends = (at(start), at(end))
        words.append(Word(word, box(start, end), confidence, others, characters, ends))
        start = end + 1
    whole = enclosing_box(word.box for word in words)
    baseline = (words[0].baseline[0], words[-1].baseline[-1])
    polygon = (at(0, ABOVE), at(len(text), ABOVE), at(len(text), -BELOW), at(0, -BELOW))
    return Line(text, whole, confidence, tuple(words), polygon, baseline)


def make_block(*lines: Line, kind="text") -> Block:
    return Block(lines, enclosing_box(line.box for line in lines), kind)


def make_page(*blocks: Block, **facts) -> Page:
    return Page(**{"width": 400, "height": 200, "file": "in/ebb.png", "blocks": blocks, **facts})


def make_document(*pages: Page, **facts) -> Document:
    """Two blocks of two lines and one, unless pages are given."""
    if not pages:
        first = make_block(make_line("the tide turns"), make_line("at five & a bit", y=70))
        note = make_block(make_line("« très tôt »", y=120, confidence=0.5), kind="margin")
        pages = (make_page(first, note, dpi=100, language="fr", notes=("one line skipped",)),)
    facts = {"created": CREATED, "model": "lines", "model_version": "ab12", **facts}
    return Document(pages, **facts)


def odd_document() -> Document:
    """Everything that a writer must bear: markup, emoji, no confidence, no size, no text."""
    odd = Word("<a>", (0, 10, 20, 40), NAN, (("x&", NAN),), (Character("\x00", (0, 0, 1, 1)),))
    marked = Word("😀\x07]]>", (60, 10, 60, 10), 7.0)
    lines = (
        Line(
            "<a> \ud800\n😀\x07]]>",
            (-5, 10, 500.4, 40),
            NAN,
            (odd, Word(" ", (30, 10, 30, 10)), marked),
        ),
        Line("", (10, 50, 10, 50)),
        Line('it\'s "so"', (10, 60, 200, 90), 0.5),
    )
    blocks = (Block(lines, (0, 0, 400, 100)), Block((), (5, 5, 5, 5), "heading"))
    page = make_page(*blocks, file='a "b" & <c>\udce9.png', dpi=NAN, language="no code!")
    return make_document(page, model="m<&", title="a \x01 <title>")
