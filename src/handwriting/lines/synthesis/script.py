"""A hand writes a text: joined words in one stroke, printed letters one by one."""

import cv2
import numpy as np
from PIL import Image, ImageDraw

from handwriting.lines.synthesis.draws import around
from handwriting.lines.synthesis.hands import Glyph, Hand
from handwriting.lines.synthesis.writing import Writing, place

# Room around the text for swashes, and above and below for accents and large capitals.
_SIDE, _ABOVE, _BELOW = 30, 30, 24


def write(text: str, hand: Hand, rng: np.random.Generator) -> Writing:
    """Ink of a text whose characters the hand all has.

    Words keep their own distance and height; letters vary only where the hand does not join
    them, so that joins stay.
    """
    space = _space(hand, rng)
    draw = _joined if hand.joined else _printed
    ink, baseline = draw(text, hand, space, rng)
    return Writing(ink, baseline, hand.ascent, hand.descent, hand.small, hand.stroke, len(text))


def _space(hand: Hand, rng: np.random.Generator) -> float:
    """Width between words: writers leave from one letter to three."""
    letter = hand.font.getlength("n") if "n" in hand.characters else 0.4 * hand.ascent
    own = hand.font.getlength(" ") if " " in hand.characters else letter
    return around(rng, max(own, 1.05 * letter), 0.28, 0.7 * letter, 4 * letter)


def _joined(text: str, hand: Hand, space: float, rng) -> tuple[np.ndarray, int]:
    words = text.split(" ")
    lengths = [hand.font.getlength(word) for word in words]
    gaps = space * np.exp(0.2 * rng.standard_normal(len(words)))
    lifts = 0.025 * hand.ascent * rng.standard_normal(len(words))
    baseline = int(1.5 * hand.ascent) + _ABOVE
    width = int(sum(lengths) + gaps.sum()) + 2 * _SIDE
    image = Image.new("L", (width, baseline + int(1.7 * hand.descent) + _BELOW))
    pen, canvas = float(_SIDE), ImageDraw.Draw(image)
    for word, length, gap, lift in zip(words, lengths, gaps, lifts, strict=True):
        canvas.text((pen, baseline + lift), word, 255, hand.font, "ls")
        pen += length + gap
    return np.array(image), baseline


def _printed(text: str, hand: Hand, space: float, rng) -> tuple[np.ndarray, int]:
    glyphs = [hand.glyph(c) if c != " " else None for c in text]
    looseness = 0.05 * hand.ascent * max(rng.standard_normal(), -0.8)
    unrest = around(rng, 1.0, 0.5, 0.3, 2.0)
    noise = unrest * rng.standard_normal((4, len(text)))
    advances = [
        (glyph.advance if glyph else space) + looseness + 0.03 * hand.ascent * jitter
        for glyph, jitter in zip(glyphs, noise[0], strict=True)
    ]
    baseline = int(1.5 * hand.ascent) + _ABOVE
    width = int(sum(advances)) + 2 * _SIDE
    canvas = np.zeros((baseline + int(1.7 * hand.descent) + _BELOW, max(width, 1)), np.uint8)
    pen = float(_SIDE)
    for glyph, advance, lift, turn, size in zip(glyphs, advances, *noise[1:], strict=True):
        if glyph:
            varied = _vary(glyph, 2.0 * turn, 1 + 0.04 * size)
            lifted = round(0.02 * hand.ascent * lift)
            place(canvas, varied.ink, round(pen) + varied.left, baseline + varied.top - lifted)
        pen += advance
    return canvas, baseline


def _vary(glyph: Glyph, degrees: float, size: float) -> Glyph:
    """Turned and scaled about the pen's place on the baseline."""
    height, width = glyph.ink.shape
    pen = (-glyph.left + glyph.advance / 2, -glyph.top)
    matrix = cv2.getRotationMatrix2D(pen, degrees, size)
    # Two pixels more on each side: what grows must not be cut.
    matrix[:, 2] += 2
    ink = cv2.warpAffine(glyph.ink, matrix, (width + 4, height + 4), flags=cv2.INTER_LINEAR)
    return Glyph(ink, glyph.left - 2, glyph.top - 2, glyph.advance)
