"""Searchable PDF: the picture, and words that lie where they were read."""

import io
import math
import re
import shutil
import subprocess

import numpy as np
import pikepdf
import pytest
from documents import ADVANCE, make_block, make_document, make_line, make_page, odd_document
from fontTools.ttLib import TTFont

from handwriting.export import export
from handwriting.export.pdf_font import ADVANCE as GLYPH_ADVANCE
from handwriting.lines.charset import DEFAULT_CHARSET

SHEET = np.full((200, 400), 235, np.uint8)


def written(document, images=None, **options) -> bytes:
    stream = io.BytesIO()
    images = images or [SHEET] * len(document.pages)
    export(document, "pdf", stream, images=images, **options)
    return stream.getvalue()


@pytest.fixture
def opened():
    """Write and open documents; they stay open, as their pages live no longer than they do."""
    pdfs = []

    def write_and_open(*arguments, **options) -> pikepdf.Pdf:
        pdfs.append(pikepdf.open(io.BytesIO(written(*arguments, **options))))
        return pdfs[-1]

    yield write_and_open
    for pdf in pdfs:
        pdf.close()


def unicode_of(page) -> dict[str, str]:
    table = bytes(page.Resources.Font["/Text"].ToUnicode.read_bytes()).decode()
    pairs = re.findall(r"^<([0-9A-F]{4})> <([0-9A-F]+)>$", table, re.MULTILINE)
    return {code: bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}


def shown(page) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Text, start and end in points from the lower left, of each piece that is shown."""
    texts, pieces, size, stretch, matrix = unicode_of(page), [], 0.0, 1.0, None
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "Tf":
            size = float(operands[1])
        elif name == "Tz":
            stretch = float(operands[0]) / 100
        elif name == "Tm":
            matrix = [float(value) for value in operands]
        elif name == "Tj":
            codes = bytes(operands[0]).hex().upper()
            text = "".join(texts[codes[i : i + 4]] for i in range(0, len(codes), 4))
            length = len(text) * GLYPH_ADVANCE / 1000 * size * stretch
            start = np.array(matrix[4:])
            pieces.append((text, start, start + length * np.array(matrix[:2])))
    return pieces


def operators(page) -> list[str]:
    return [str(operator) for _, operator in pikepdf.parse_content_stream(page)]


def test_a_page_has_the_size_of_its_picture_and_invisible_text(opened):
    pdf = opened(make_document())
    (page,) = pdf.pages
    assert [float(side) for side in page.MediaBox] == [0, 0, 288, 144]  # 400 × 200 at 100 dpi
    picture = page.Resources.XObject["/Picture"]
    assert (picture.Width, picture.Height, picture.ColorSpace) == (400, 200, "/DeviceGray")
    modes = [ops for ops, op in pikepdf.parse_content_stream(page) if str(op) == "Tr"]
    assert [int(ops[0]) for ops in modes] == [3]


def test_words_and_spaces_follow_each_other_in_reading_order(opened):
    pieces = shown(opened(make_document()).pages[0])
    assert "".join(text for text, _, _ in pieces[:5]) == "the tide turns"
    lines = ["the tide turns", "at five & a bit", "« très tôt »"]
    assert "".join(text for text, _, _ in pieces) == "".join(lines)


@pytest.mark.parametrize("degrees", [0, 1, -1.5, 30, -90])
def test_words_lie_on_their_baselines(opened, degrees):
    line = make_line("the tide turns", x=200, y=150, degrees=degrees)
    scale = 72 / 100
    page = opened(make_document(make_page(make_block(line), dpi=100))).pages[0]
    pieces = [piece for piece in shown(page) if piece[0] != " "]
    for (text, start, end), word in zip(pieces, line.words, strict=True):
        assert text == word.text
        for found, (x, y) in zip((start, end), word.baseline, strict=True):
            np.testing.assert_allclose(found, (x * scale, (200 - y) * scale), atol=0.02)


def test_spaces_fill_the_gaps(opened):
    (_, _, word), (text, start, end), (_, following, _) = shown(opened(make_document()).pages[0])[
        :3
    ]
    assert text == " "
    np.testing.assert_allclose([start, end], [word, following], atol=0.01)
    assert end[0] - start[0] == pytest.approx(ADVANCE * 0.72, abs=0.01)


def test_letters_are_as_high_as_the_line(opened):
    page = opened(make_document()).pages[0]
    sizes = {float(ops[1]) for ops, op in pikepdf.parse_content_stream(page) if str(op) == "Tf"}
    assert list(sizes) == pytest.approx([24 * 0.72])


def test_words_on_a_moderate_slant_stay_in_one_piece(opened):
    # Poppler takes words apart whose letters step down by half a point.
    line = make_line("steadily", x=40, y=60, degrees=6)
    page = opened(make_document(make_page(make_block(line), dpi=72))).pages[0]
    ((_, start, end),) = shown(page)
    assert start[1] == pytest.approx(end[1])
    middle = np.mean(line.words[0].baseline, axis=0)
    np.testing.assert_allclose((start + end) / 2, (middle[0], 200 - middle[1]), atol=0.02)


def test_the_whole_charset_can_be_copied(opened):
    text = "".join(DEFAULT_CHARSET.characters).replace(" ", "") + "€ŒẞŸ½«😀"
    pdf = opened(make_document(make_page(make_block(make_line(text)))))
    ((found, _, _),) = shown(pdf.pages[0])
    assert found == text
    font = pdf.pages[0].Resources.Font["/Text"].DescendantFonts[0]
    program = TTFont(io.BytesIO(font.FontDescriptor.FontFile2.read_bytes()))
    assert program["maxp"].numGlyphs == len(set(text)) + 1
    # A PDF/A has the same widths in the font and beside it.
    assert {width for width, _ in program["hmtx"].metrics.values()} == {int(font.DW)}
    glyph = program["glyf"][program.getBestCmap()[ord("ẞ")]]
    assert glyph.xMax > glyph.xMin and glyph.yMax > glyph.yMin  # PDFium wants an extent


def test_metadata_is_that_of_pdf_a(opened):
    pdf = opened(make_document(title="Ebb & <flow>"))
    metadata = pdf.open_metadata()
    assert metadata.pdfa_status == "2B"
    assert metadata["dc:title"] == pdf.docinfo["/Title"] == "Ebb & <flow>"
    assert metadata["xmp:CreatorTool"] == pdf.docinfo["/Creator"] == "handwriting 0.1.0"
    assert metadata["xmp:CreateDate"].startswith("2024-05-06T07:08:09")
    assert str(pdf.docinfo["/CreationDate"]).startswith("D:20240506070809")
    assert pdf.Root.Lang == "fr" and "fr" in metadata["dc:language"]
    (intent,) = pdf.Root.OutputIntents
    assert intent.S == "/GTS_PDFA1"
    profile = intent.DestOutputProfile.read_bytes()
    assert profile[16:20] == b"RGB " and len(profile) == int.from_bytes(profile[:4])
    assert profile[24:26] == (2000).to_bytes(2)  # the year of its making, whenever that was


def test_the_same_document_gives_the_same_bytes():
    assert written(make_document()) == written(make_document())


def test_pages_follow_each_other_even_empty_ones(opened):
    pages = [make_page(make_block(make_line("one"))), make_page(), make_page()]
    pdf = opened(make_document(*pages))
    assert [len(shown(page)) for page in pdf.pages] == [1, 0, 0]


def test_without_a_resolution_300_dpi_are_taken_and_sizes_stay_allowed(opened):
    def sides(**facts):
        page = opened(make_document(make_page(**facts))).pages[0]
        return [float(side) for side in page.MediaBox[2:]]

    assert sides() == pytest.approx([96, 48])
    assert sides(dpi=math.inf) == pytest.approx([96, 48])
    assert sides(dpi=0.5) == pytest.approx([14_400, 7_200])
    assert sides(dpi=1e6) == pytest.approx([6, 3])


def test_odd_documents_become_pdfs(opened):
    pdf = opened(odd_document())
    assert [text for text, _, _ in shown(pdf.pages[0])] == [
        "<a>",
        " ",
        "😀]]>",
        "it's",
        " ",
        '"so"',
    ]
    assert pdf.docinfo["/Title"] == "a  <title>"


def test_visible_text_has_cells_to_look_at(opened):
    page = opened(make_document(), visible=True).pages[0]
    assert "rg" in operators(page)
    modes = [ops for ops, op in pikepdf.parse_content_stream(page) if str(op) == "Tr"]
    assert [int(ops[0]) for ops in modes] == [0]


@pytest.fixture
def two_columns(tmp_path):
    """A file of two blocks side by side and a page after it."""
    left = make_block(make_line("the tide turns"), make_line("at 5 € & 1 «", y=70, degrees=1))
    right = make_block(make_line("très tôt ẞ", x=250), kind="margin")
    pages = make_page(left, right, dpi=72), make_page(make_block(make_line("Œuvre ½ x")), dpi=72)
    export(make_document(*pages), "pdf", tmp_path / "o.pdf", images=[SHEET] * 2)
    return tmp_path / "o.pdf"


def test_poppler_reads_the_words_in_their_places(two_columns):
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (Poppler) is not installed")

    def run(*options) -> str:
        command = ["pdftotext", *options, str(two_columns), "-"]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode()

    lines = [line for line in re.split(r"[\n\f]+", run("-raw")) if line]
    assert lines == ["the tide turns", "at 5 € & 1 «", "très tôt ẞ", "Œuvre ½ x"]
    boxes = re.findall(r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)<', run("-bbox"))
    tide = next(values for *values, text in boxes if text == "tide")
    assert [float(value) for value in tide] == pytest.approx([68, 22, 116, 46], abs=0.5)


def test_pdfium_reads_the_lines_in_order(two_columns):
    reader = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed")
    pdf = reader.PdfDocument(two_columns)
    texts = [page.get_textpage().get_text_range() for page in pdf]
    assert texts[0].splitlines() == ["the tide turns", "at 5 € & 1 «", "très tôt ẞ"]
    assert texts[1].splitlines() == ["Œuvre ½ x"]
