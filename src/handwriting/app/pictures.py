"""Uploaded files as sheets: one picture, the frames of a TIFF, the pages of a PDF."""

import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from handwriting.app.limits import Limits
from handwriting.errors import UserError
from handwriting.pages.sources import count_pages, open_pages, open_picture

# Modes that a JPEG can hold as they are, or after a plain conversion.
GRAY_MODES, COLOUR_MODES = ("1", "L", "LA"), ("RGB", "RGBA", "P", "CMYK", "YCbCr")


@dataclass(frozen=True)
class Sheet:
    """One page to read.

    Attributes:
        image: (H, W) uint8, 0 = ink, upright.
        picture: the same as a person wants to see it, in its own colours.
        dpi: pixels to the inch, None where unknown.
    """

    image: np.ndarray
    picture: Image.Image
    dpi: float | None = None


def count_sheets(path: Path, name: str) -> int:
    """How many pages a file holds.

    Raises:
        UserError: it cannot be read.
    """
    return len(count_pages(name, path=path))


def open_sheet(path: Path, index: int, name: str, limits: Limits) -> Sheet:
    """One page of a file, from 0.

    Raises:
        UserError: it cannot be read, or has too many pixels.
    """
    _check_header(path, name, limits)
    number = index + 1
    (source,) = open_pages(name, ((number, number),), path=path)
    if source.error is not None:
        raise UserError(source.error)
    height, width = source.image.shape
    limits.check_size(width, height, name)
    return Sheet(source.image, _coloured(path, source.frame, source.image), source.dpi)


def _check_header(path: Path, name: str, limits: Limits) -> None:
    """Too many pixels are refused before they are decoded; PDFs have a limit of their own."""
    try:
        with Image.open(path) as image:
            size = image.size
    except Exception:  # Pillow raises nearly anything; reading the page says what is wrong
        return
    limits.check_size(*size, name)


def _coloured(path: Path, frame: int, image: np.ndarray) -> Image.Image:
    """The page in its own colours; in grey where they cannot be had."""
    try:
        picture = _picture(open_picture(path, frame), frame)
        if picture.size == image.shape[::-1]:
            return picture
    except Exception:  # the grey picture was read all the same
        pass
    return Image.fromarray(image)


def _picture(found: str | os.PathLike | bytes | Image.Image, frame: int) -> Image.Image:
    if isinstance(found, Image.Image):
        return found
    with Image.open(io.BytesIO(found) if isinstance(found, bytes) else found) as image:
        if not isinstance(found, bytes):
            image.seek(frame)
        picture = ImageOps.exif_transpose(image)
    if picture.mode in GRAY_MODES:
        return picture.convert("L")
    if picture.mode not in COLOUR_MODES:
        raise ValueError(picture.mode)
    if picture.has_transparency_data:
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture.convert("RGBA"))
    return picture.convert("RGB")
