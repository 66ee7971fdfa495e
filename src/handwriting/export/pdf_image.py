"""The picture of a page as a PDF object: a JPEG as it is, anything else encoded anew."""

import importlib
import io
import os
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from handwriting.errors import UserError
from handwriting.images.loading import ORIENTATION_TAG, PLUGINS
from handwriting.images.pixels import WIDE_MODES, gray_from_image
from handwriting.images.sources import check_size, fail, identify, read_source

if TYPE_CHECKING:
    from pikepdf import Pdf, Stream

Picture = str | os.PathLike | bytes | Image.Image | np.ndarray

QUALITY = 90
SPACES = {"1": "/DeviceGray", "L": "/DeviceGray", "RGB": "/DeviceRGB"}


def add_picture(pdf: "Pdf", source: Picture, frame: int = 0) -> "Stream":
    """An image object, upright and over white.

    Args:
        frame: which picture of a file that holds several, from 0.

    Raises:
        UserError: one line that names the file, the cause and the remedy.
    """
    if isinstance(source, np.ndarray):
        source = Image.fromarray(source)
    if isinstance(source, Image.Image):
        return _encode(pdf, _plain(source))
    data, name = read_source(source)
    kind = identify(data, name)
    importlib.import_module(f"PIL.{PLUGINS[kind]}")
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            check_size(image.size, name)
            if _passes(image):
                return _stream(pdf, data, image.size, image.mode, "/DCTDecode")
            image.seek(frame)
            return _encode(pdf, _plain(image))
    except UserError:
        raise
    except Exception as error:
        # Pillow's plugins raise nearly anything on malformed data.
        raise fail(name, f"the {kind} is damaged ({error})", "copy or save it again") from None


def _passes(image: Image.Image) -> bool:
    """Whether a PDF may hold the file's own bytes: a JPEG in grey or RGB that stands upright."""
    upright = image.getexif().get(ORIENTATION_TAG, 1) == 1
    return image.format == "JPEG" and image.mode in ("L", "RGB") and upright


def _plain(image: Image.Image) -> Image.Image:
    """Upright, in one of the modes of `SPACES`."""
    image = ImageOps.exif_transpose(image)
    if image.mode in SPACES:
        return image
    if image.mode in WIDE_MODES:
        return Image.fromarray(gray_from_image(image))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(paper, image).convert("RGB")
    return image.convert("L" if image.mode == "LA" else "RGB")


def _encode(pdf: "Pdf", image: Image.Image) -> "Stream":
    if image.mode == "1":
        return _stream(pdf, image.tobytes(), image.size, "1")
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=QUALITY)
    return _stream(pdf, buffer.getvalue(), image.size, image.mode, "/DCTDecode")


def _stream(
    pdf: "Pdf", data: bytes, size: tuple[int, int], mode: str, coding: str | None = None
) -> "Stream":
    from pikepdf import Name

    facts = {
        "Type": Name.XObject,
        "Subtype": Name.Image,
        "Width": size[0],
        "Height": size[1],
        "ColorSpace": Name(SPACES[mode]),
        "BitsPerComponent": 1 if mode == "1" else 8,
    }
    if coding:
        facts["Filter"] = Name(coding)
    return pdf.make_stream(data, **facts)
