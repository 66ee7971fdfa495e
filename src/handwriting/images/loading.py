"""One way from any picture file to grey pixels: 0 = ink, 255 = paper, upright."""

import contextlib
import importlib
import io
import logging
import os
import threading
import warnings

import cv2
import numpy as np
from PIL import Image

from handwriting.errors import UserError
from handwriting.images.background import is_light_on_dark
from handwriting.images.pixels import gray_from_array, gray_from_image
from handwriting.images.sources import check_size, fail, identify, read_source, too_many_pixels

# Pillow would import all its plugins on an unknown file (slow, and EPS starts Ghostscript).
PLUGINS = {
    "PNG": "PngImagePlugin",
    "JPEG": "JpegImagePlugin",
    "GIF": "GifImagePlugin",
    "BMP": "BmpImagePlugin",
    "TIFF": "TiffImagePlugin",
    "WEBP": "WebPImagePlugin",
    "PPM": "PpmImagePlugin",
}
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION_TAG = 0x0112
TILE_TAGS = (322, 323)

# `warnings.catch_warnings` changes the whole process, so only one thread may be inside.
_PILLOW = threading.Lock()
logging.getLogger("PIL").addHandler(logging.NullHandler())


def load(source, *, max_side: int | None = None) -> np.ndarray:
    """Load a picture as grey pixels, whatever its format, mode, rotation or polarity.

    Args:
        source: a path, bytes, a binary file object, a PIL image, or an array
            (H, W), (H, W, 1), (H, W, 3) RGB or (H, W, 4) RGBA of any real type.
        max_side: shrink a longer picture to this many pixels; a JPEG is then also
            decoded at reduced size, several times faster.

    Returns:
        (H, W) uint8, 0 = ink, 255 = paper, upright, dark on light.

    Raises:
        UserError: one line that names the file, the cause and the remedy.
    """
    if isinstance(source, np.ndarray):
        gray = gray_from_array(source)
    elif isinstance(source, Image.Image):
        gray = decode_safely(lambda: _decode(source, "image"), "image", source.format or "image")
    else:
        gray = _gray_from_bytes(*read_source(source), max_side)
    gray = shrink(gray, max_side)
    return cv2.bitwise_not(gray) if is_light_on_dark(gray) else gray


def shrink(gray: np.ndarray, max_side: int | None) -> np.ndarray:
    """Reduce (H, W) by area averaging until no side is longer than `max_side`; never enlarge."""
    height, width = gray.shape
    if max_side is None or max(height, width) <= max_side:
        return gray
    scale = max_side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(gray, size, interpolation=cv2.INTER_AREA)


def _gray_from_bytes(data: bytes, name: str, max_side: int | None) -> np.ndarray:
    kind = identify(data, name)
    importlib.import_module(f"PIL.{PLUGINS[kind]}")

    def decode() -> np.ndarray:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            check_size(image.size, name)
            _draft(image, max_side)
            return _decode(image, name)

    return decode_safely(decode, name, kind)


def decode_safely(decode, name: str, kind: str) -> np.ndarray:
    """Call `decode()`; whatever Pillow raises becomes a `UserError`, what it prints is dropped."""
    try:
        with _PILLOW, warnings.catch_warnings(), _quiet(kind):
            warnings.simplefilter("ignore")
            return decode()
    except UserError:
        raise
    except Image.DecompressionBombError:
        # Pillow's own check comes before ours where the picture is more than twice too large.
        raise too_many_pixels(name, "the image declares too many pixels") from None
    except MemoryError:
        raise fail(name, "not enough memory for this image", "make it smaller") from None
    except Exception as error:
        # Pillow's plugins raise nearly anything on malformed data.
        raise _damaged(name, kind, error) from None


@contextlib.contextmanager
def _quiet(kind: str):
    """Keep libtiff, which writes its complaints straight to descriptor 2, from the terminal."""
    try:
        saved = os.dup(2) if kind == "TIFF" else None
    except OSError:  # there is no standard error to keep clean
        saved = None
    if saved is None:
        yield
        return
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    os.close(silence)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _damaged(name: str, kind: str, error: Exception) -> UserError:
    detail = str(error) or type(error).__name__
    if isinstance(error, Image.UnidentifiedImageError):
        detail = "its header cannot be read"  # Pillow's own words name a buffer, not the file
    cut = isinstance(error, EOFError) or "truncated" in detail.lower()
    cause = f"the {kind} is cut short" if cut else f"the {kind} is damaged ({detail})"
    return fail(name, cause, "copy or save it again")


def _draft(image: Image.Image, max_side: int | None) -> None:
    """Let the JPEG decoder give grey directly, and an eighth of the size where that is enough."""
    if image.format in ("JPEG", "MPO"):
        side = max_side or max(image.size)
        image.draft("L", (min(side, image.width), min(side, image.height)))


def _decode(image: Image.Image, name: str) -> np.ndarray:
    check_size(image.size, name)
    # A TIFF tile may be declared far larger than the picture, and is allocated whole.
    tile = [getattr(image, "tag_v2", {}).get(tag, 1) for tag in TILE_TAGS]
    if all(isinstance(side, int) and side > 0 for side in tile):
        check_size(tile, name)
    image.load()
    check_size(image.size, name)
    gray = gray_from_image(image)
    return _turn_upright(gray, image)


def _turn_upright(gray: np.ndarray, image: Image.Image) -> np.ndarray:
    try:
        orientation = image.getexif().get(ORIENTATION_TAG)
    except Exception:
        # Damaged metadata is no reason to refuse good pixels.
        return gray
    if orientation not in TURNS:
        return gray
    return np.asarray(Image.fromarray(gray).transpose(TURNS[orientation]))
