"""A font of a few hundred bytes whose letters are upright bars."""

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen


def make_font(file, characters: str) -> None:
    """Write a TrueType font: bars for tall and small letters and for ones that reach below."""
    glyphs, widths = {}, {}
    for name in [".notdef", "space", *(f"u{ord(c):04X}" for c in characters)]:
        character = chr(int(name[1:], 16)) if name[0] == "u" else ""
        top = 500 if character in "acemnorsuvwxzgpqy" else 700
        foot = -250 if character in "gpqyj" else 0
        pen = TTGlyphPen(None)
        if character:
            box = ((100, foot), (100, top), (200, top), (200, foot))
            pen.moveTo(box[0])
            for corner in box[1:]:
                pen.lineTo(corner)
            pen.closePath()
        glyphs[name], widths[name] = pen.glyph(), (300, 100 if character else 0)
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap({32: "space"} | {ord(c): f"u{ord(c):04X}" for c in characters})
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(widths)
    builder.setupHorizontalHeader(ascent=800, descent=-300)
    builder.setupNameTable({"familyName": file.stem, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(file)
