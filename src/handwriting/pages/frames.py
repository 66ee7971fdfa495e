"""Pictures of an image file: one, or the frames of a TIFF of several pages."""

import importlib
import io
from contextlib import suppress

import numpy as np
from PIL import Image

from handwriting.errors import UserError
from handwriting.images import load
from handwriting.images.loading import PLUGINS, decode_safely
from handwriting.images.sources import identify, read_source

SUBFILE_TYPE, REDUCED = 254, 1
MOST_FRAMES = 10_000
# What cameras and screens write where they know of no resolution.
NO_DPI = (72, 96)
DPI_RANGE = (30, 2400)


class ImagePages:
    """An image file.

    Args:
        source: a path, bytes or an open binary file.

    Raises:
        UserError: it cannot be read.
    """

    def __init__(self, source):
        self._data, self.name = read_source(source)
        self._kind = identify(self._data, self.name)
        self._frames = [0]
        if self._kind == "TIFF":
            with suppress(UserError):  # `load` says what is wrong
                self._frames = decode_safely(
                    lambda: _find_frames(self._header()), self.name, self._kind
                )
        self.count = len(self._frames)

    def close(self) -> None:
        self._data = b""

    def load(self, number: int, max_side: int | None = None) -> tuple[np.ndarray, float | None]:
        """A picture, from 0, as `images.load` gives it, and its pixels to the inch if known.

        Raises:
            UserError: it is damaged or too large.
        """
        if self.count == 1:
            image = load(_Named(self._data, self.name), max_side=max_side)
            return image, _resolution(self._open())
        picture = self._open()
        decode_safely(lambda: picture.seek(self._frames[number]), self.name, self._kind)
        return load(picture, max_side=max_side), _resolution(picture)

    def frame(self, number: int) -> int:
        """Where Pillow finds a picture: small copies of others count there."""
        return self._frames[number]

    def _open(self) -> Image.Image:
        return decode_safely(self._header, self.name, self._kind)

    def _header(self) -> Image.Image:
        importlib.import_module(f"PIL.{PLUGINS[self._kind]}")
        return Image.open(io.BytesIO(self._data), formats=[self._kind])


class _Named(io.BytesIO):
    """Bytes with the name that messages are to use."""

    def __init__(self, data: bytes, name: str):
        super().__init__(data)
        self.name = name


def _find_frames(image: Image.Image) -> list[int]:
    """Those that are pages of their own; the pages before a damaged one can still be read."""
    frames = []
    with suppress(Exception):  # the last one is behind the end, and Pillow raises nearly anything
        for frame in range(MOST_FRAMES):
            image.seek(frame)
            if not (frame and image.tag_v2.get(SUBFILE_TYPE, 0) & REDUCED):
                frames.append(frame)
    return frames or [0]


def _resolution(image: Image.Image) -> float | None:
    """Pixels to the inch as the file says, where that can be true."""
    try:
        dpi = float(image.info["dpi"][0])
    except Exception:
        return None  # it says nothing, or nonsense
    low, high = DPI_RANGE
    return dpi if low <= dpi <= high and round(dpi) not in NO_DPI else None
