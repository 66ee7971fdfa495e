"""Searchable PDF: the picture of each page under invisible text, as PDF/A-2b.

PDF/A-2 is ISO 19005-2, which builds on PDF 1.7 (ISO 32000-1).
"""

import io
from collections.abc import Sequence
from typing import BinaryIO

from handwriting.document import Document, Page
from handwriting.export.pdf_archive import archive
from handwriting.export.pdf_font import add_font
from handwriting.export.pdf_image import Picture, add_picture
from handwriting.export.pdf_text import Codes, text_layer
from handwriting.images.sources import fail

POINTS = 72  # to the inch
ASSUMED_DPI = 300
# A PDF page has sides of 3 to 14 400 points (ISO 32000-1, annex C.2).
SHORTEST_SIDE, LONGEST_SIDE = 3, 14_400
SHAPE_TOLERANCE = 0.02


def write_pdf(
    document: Document,
    stream: BinaryIO,
    images: Sequence[Picture] | None = None,
    visible: bool = False,
) -> None:
    """All pages in one file.

    Args:
        images: the picture of each page: a path, bytes, a PIL image or an array (H, W),
            (H, W, 3) RGB or (H, W, 4) RGBA uint8. None opens the files that the pages name.
        visible: draw the text as red cells, one for each character, to see where it lies.

    Raises:
        UserError: a picture cannot be read.
    """
    import pikepdf  # takes a while, and no other format needs it

    if images is None:
        images = [page.file for page in document.pages]
    pdf, codes = pikepdf.new(), Codes()
    font = pdf.make_indirect(pikepdf.Dictionary())
    for page, image in zip(document.pages, images, strict=True):
        scale = points_to_a_pixel(page)
        size = page.width * scale, page.height * scale
        pdf.add_blank_page(page_size=size)
        sheet = pdf.pages[-1].obj
        picture = add_picture(pdf, image, page.frame)
        _check_shape(int(picture.Width), int(picture.Height), page)
        sheet.Resources = pikepdf.Dictionary(XObject={"/Picture": picture}, Font={"/Text": font})
        content = b"q %.4f 0 0 %.4f 0 0 cm /Picture Do Q\n" % size
        sheet.Contents = pdf.make_stream(content + text_layer(page, scale, codes, visible))
    add_font(pdf, font, codes, visible)
    archive(pdf, document)
    buffer = io.BytesIO()  # a pipe cannot be sought in, as saving does
    pdf.save(buffer, min_version="1.7", deterministic_id=True)
    stream.write(buffer.getbuffer())


def points_to_a_pixel(page: Page) -> float:
    """By the page's resolution, as far as a PDF page may have the size that follows.

    >>> points_to_a_pixel(Page(2480, 3508, dpi=300))
    0.24
    """
    scale = POINTS / (page.dpi or ASSUMED_DPI)
    scale = max(scale, SHORTEST_SIDE / min(page.width, page.height))
    return min(scale, LONGEST_SIDE / max(page.width, page.height))


def _check_shape(width: int, height: int, page: Page) -> None:
    """Refuse another picture than the page was read from; a smaller copy of it will do."""
    if abs(width / height / (page.width / page.height) - 1) > SHAPE_TOLERANCE:
        cause = f"is {width} × {height} pixels, not {page.width} × {page.height} as it was read"
        raise fail(page.file or f"page {page.number}", cause, "read it again")
