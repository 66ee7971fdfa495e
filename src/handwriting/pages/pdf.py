"""Pages of a PDF as pictures, by PDFium."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import numpy as np
from PIL import Image

from handwriting.images import load
from handwriting.images.sources import check_size, fail

POINTS = 72  # to the inch
DPI = 200  # enough for writing; more only costs time
LONGEST_SIDE = 2400
# Keeps rounding errors from becoming a row of pixels.
BELOW = 1 - 1e-5
# A picture over this share of the page's sides is a scan of the page.
SCAN_SHARE = 0.8
# How far a picture's frame may be from the page's for the one to stand for the other.
FULL_SHARE = 0.01
# PDFium keeps state of its own: one thread at a time.
_PDFIUM = threading.RLock()


class PdfPages:
    """An open PDF.

    Args:
        file: its bytes, or an open binary file that can be sought in.
        name: for messages.

    Raises:
        UserError: it is damaged, encrypted, or has no pages.
    """

    def __init__(self, file, name: str):
        import pypdfium2  # takes a while, and no other format needs it

        self.name = name
        try:
            with _PDFIUM:
                self._pdf = pypdfium2.PdfDocument(file)
                self.count = len(self._pdf)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                cause, remedy = "the PDF is encrypted", "save it without a password"
                raise fail(name, cause, remedy) from None
            raise self._damaged() from None
        if not self.count:
            raise self._damaged()

    def close(self) -> None:
        with _PDFIUM:
            self._pdf.close()

    def load(self, frame: int) -> tuple[np.ndarray, float]:
        """A page, from 0, as `images.load` gives it, and its pixels to the inch.

        Raises:
            UserError: the page is damaged or too large.
        """
        with self._page(frame) as page:
            scale = self._scale(page)
            gray = self._render(page, scale, grayscale=True).to_numpy()
            return load(np.array(gray)), scale * POINTS

    def picture(self, frame: int) -> bytes | Image.Image:
        """The page in colour: the JPEG file that it consists of, else drawn as `load` does.

        Raises:
            UserError: the page is damaged or too large.
        """
        with self._page(frame) as page:
            jpeg = _whole_jpeg(page)
            if jpeg:
                return jpeg
            picture = self._render(page, self._scale(page)).to_pil().convert("RGB")
        channels = np.asarray(picture)
        is_gray = (channels[..., 1:] == channels[..., :1]).all()
        return picture.convert("L") if is_gray else picture

    @contextmanager
    def _page(self, frame: int) -> Iterator:
        import pypdfium2

        with _PDFIUM:
            try:
                with closing(self._pdf[frame]) as page:
                    yield page
            except pypdfium2.PdfiumError:
                raise self._damaged() from None

    def _damaged(self):
        return fail(self.name, "the PDF is damaged or empty", "copy or save it again")

    def _scale(self, page) -> float:
        """Pixels to a point: those of a scan where it is one, within the limits."""
        width, height = page.get_size()
        if min(width, height) <= 0:
            raise fail(self.name, "the page has no size", "save it again")
        longest = LONGEST_SIDE / max(width, height)
        scale = DPI / POINTS
        images = _images(page)
        for image in images:
            check_size(image.get_px_size(), self.name)
        if len(images) == 1:
            left, bottom, right, top = images[0].get_bounds()
            across, along = _upright_size(page, right - left, top - bottom)
            if across > SCAN_SHARE * width and along > SCAN_SHARE * height:
                scale = max(images[0].get_px_size()) / max(across, along)
        return max(min(scale, longest), 1 / min(width, height))

    def _render(self, page, scale: float, **options):
        return page.render(scale=scale * BELOW, **options)  # sides are rounded up


def _images(page) -> list:
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    return list(page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _upright_size(page, width: float, height: float) -> tuple[float, float]:
    """Bounds are given before the page's own turn."""
    return (height, width) if page.get_rotation() in (90, 270) else (width, height)


def _whole_jpeg(page) -> bytes | None:
    """The JPEG that fills the page, upright and with nothing visible over it."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_TEXT

    objects = list(page.get_objects(max_depth=3))
    images = [item for item in objects if item.type == FPDF_PAGEOBJ_IMAGE]
    others = [item for item in objects if item.type not in (FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_TEXT)]
    if len(images) != 1 or others or page.get_rotation() or _has_visible_text(page, objects):
        return None
    image, (width, height) = images[0], page.get_size()
    if image.get_filters() != ["DCTDecode"] or image.container is not None:
        return None
    matrix = image.get_matrix()
    found = (matrix.a / width, matrix.d / height, matrix.b / width, matrix.c / height)
    found += (matrix.e / width, matrix.f / height)
    if np.abs(np.subtract(found, (1, 1, 0, 0, 0, 0))).max() > FULL_SHARE:
        return None
    data = bytes(image.get_data(decode_simple=False))
    return data if data.startswith(b"\xff\xd8\xff") else None


def _has_visible_text(page, objects) -> bool:
    from pypdfium2.raw import (
        FPDF_PAGEOBJ_TEXT,
        FPDF_TEXTRENDERMODE_INVISIBLE,
        FPDFTextObj_GetTextRenderMode,
    )

    texts = (item for item in objects if item.type == FPDF_PAGEOBJ_TEXT)
    return any(
        FPDFTextObj_GetTextRenderMode(item) != FPDF_TEXTRENDERMODE_INVISIBLE for item in texts
    )
