"""A font without drawings for text that is only searched, of less than a kilobyte.

Each character of the document has a code of its own, all codes have empty glyphs of one
size, and a table names the Unicode text of each code. Tesseract's PDFs do much the same.
"""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pikepdf import Dictionary, Pdf

EM, ADVANCE = 1000, 500
ASCENT, DESCENT = 750, -250
NAME = "Glyphless"
EDGE = 20  # of the frames that show where characters lie
# Entries to one `beginbfchar` (Adobe technical note 5014).
LONGEST_LIST = 100

CMAP_HEAD = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange"""
CMAP_TAIL = """endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def add_font(pdf: "Pdf", font: "Dictionary", codes: dict[str, int], visible: bool = False) -> None:
    """Fill in an indirect, empty dictionary as the font of these codes."""
    from pikepdf import Array, Dictionary, Name, String

    program = build_font(codes, visible)
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name(f"/{NAME}"),
        Flags=1 | 4,  # fixed pitch, symbolic
        FontBBox=[0, DESCENT, ADVANCE, ASCENT],
        ItalicAngle=0,
        Ascent=ASCENT,
        Descent=DESCENT,
        CapHeight=ASCENT,
        StemV=80,
        FontFile2=pdf.make_stream(program, Length1=len(program)),
    )
    system = Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0)
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name(f"/{NAME}"),
        CIDSystemInfo=system,
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=ADVANCE,
        CIDToGIDMap=Name.Identity,
    )
    font.Type, font.Subtype = Name.Font, Name.Type0
    font.BaseFont, font.Encoding = Name(f"/{NAME}"), Name("/Identity-H")
    font.DescendantFonts = Array([pdf.make_indirect(descendant)])
    font.ToUnicode = pdf.make_stream(unicode_map(codes))


def unicode_map(codes: dict[str, int]) -> bytes:
    """The `ToUnicode` table; characters beyond the first plane as surrogate pairs."""
    parts = [CMAP_HEAD]
    everything = list(codes.items())
    for start in range(0, len(everything), LONGEST_LIST):
        entries = everything[start : start + LONGEST_LIST]
        parts.append(f"{len(entries)} beginbfchar")
        parts += [f"<{code:04X}> <{c.encode('utf-16-be').hex().upper()}>" for c, code in entries]
        parts.append("endbfchar")
    return "\n".join([*parts, CMAP_TAIL]).encode()


def build_font(codes: dict[str, int], visible: bool = False) -> bytes:
    """A TrueType font whose glyph n stands for the character of code n, all `ADVANCE` wide.

    Args:
        visible: with a frame in each glyph instead of nothing.
    """
    from fontTools.fontBuilder import FontBuilder

    names = [".notdef", *(f"c{code}" for code in codes.values())]
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): f"c{code}" for c, code in codes.items()})
    builder.setupGlyf(dict.fromkeys(names, _cell(visible)))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (ADVANCE, 0)))
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    builder.setupNameTable({"familyName": NAME, "styleName": "Regular", "psName": NAME})
    builder.setupOS2()
    builder.setupPost(keepGlyphNames=False, isFixedPitch=1)
    # The same document gives the same bytes.
    builder.updateHead(created=0, modified=0)
    builder.font.recalcTimestamp = False
    buffer = io.BytesIO()
    builder.save(buffer)
    return buffer.getvalue()


def _cell(visible: bool):
    """A glyph as large as a character's cell: PDFium passes over text without extent."""
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    def frame(inset: int) -> list[tuple[int, int]]:
        left, right, foot, top = inset, ADVANCE - inset, DESCENT + inset, ASCENT - inset
        return [(left, foot), (left, top), (right, top), (right, foot)]

    # A path from one corner to the other and back has extent and no area.
    paths = [frame(0), frame(EDGE)[::-1]] if visible else [frame(0)[::2]]
    pen = TTGlyphPen(None)
    for path in paths:
        pen.moveTo(path[0])
        for corner in path[1:]:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()
