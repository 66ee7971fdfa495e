"""Bytes of an image from wherever they come, refused early when they cannot be a picture."""

import os
import stat
import struct
from pathlib import Path

from handwriting.errors import UserError

MAX_BYTES = 100_000_000
MAX_PIXELS = 100_000_000
MAX_SIDE = 30_000
# A progressive JPEG of a few kilobytes can ask for thousands of passes over all its pixels.
MAX_JPEG_SCANS = 200

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"P4", "PPM"),
    (b"P5", "PPM"),
    (b"P6", "PPM"),
)
REMEDY = "save it as PNG, JPEG, TIFF, WebP, BMP or GIF"


def one_line(text, limit: int = 300) -> str:
    """`text` on one line, control characters escaped, cut to `limit` characters."""
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(text))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def fail(name: str, cause: str, remedy: str) -> UserError:
    """The one form of every message: name, cause, remedy."""
    return UserError(f"{one_line(name)}: {one_line(cause)}; {remedy}")


def read_source(source) -> tuple[bytes, str]:
    """Read a path, bytes or a binary file object.

    Returns:
        The bytes (1 to `MAX_BYTES`) and the name that messages use.

    Raises:
        UserError: missing, a folder, a special file, unreadable, empty or too big.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        data, name = bytes(source), "image bytes"
    elif isinstance(source, (str, os.PathLike)):
        data, name = _read_path(os.fspath(source)), os.fsdecode(source)
    elif hasattr(source, "read"):
        data, name = _read_file_object(source)
    else:
        kind = type(source).__name__
        raise fail(kind, "is not an image", "give a path, bytes, a file, a PIL image or an array")
    if not data:
        raise fail(name, "the file is empty", "copy or save it again")
    if len(data) > MAX_BYTES:
        raise _too_many_bytes(name)
    return data, name


def _too_many_bytes(name: str) -> UserError:
    cause = f"the file is larger than {MAX_BYTES // 1_000_000} MB"
    return fail(name, cause, "save it smaller or as JPEG")


def _read_path(path) -> bytes:
    name = os.fsdecode(path)
    if not name:
        raise fail("''", "the file name is empty", "name an image file")
    try:
        # A look before opening: opening a FIFO waits for a writer, /dev/zero never ends.
        state = os.stat(path)
        _check_state(state, name)
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise fail(
            name, "no such file", f"check the name (folder {one_line(Path.cwd())})"
        ) from None
    except PermissionError:
        raise fail(name, "no permission to read it", "change its permissions") from None
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise fail(name, f"cannot be read ({cause})", "check the name") from None


def _check_state(state: os.stat_result, name: str) -> None:
    if stat.S_ISDIR(state.st_mode):
        raise fail(name, "is a folder", "name the image files in it")
    if not stat.S_ISREG(state.st_mode):
        raise fail(name, "is a device or a pipe, not a file", "save the image to a file")
    if state.st_size > MAX_BYTES:
        raise _too_many_bytes(name)


def _read_file_object(file) -> tuple[bytes, str]:
    name = getattr(file, "name", None)
    name = name if isinstance(name, str) else "image file"
    try:
        data = file.read(MAX_BYTES + 1)
    except Exception as error:
        # Any object may stand here, and its `read` may raise anything.
        raise fail(name, f"cannot be read ({error})", "open it again") from None
    if not isinstance(data, (bytes, bytearray)):
        raise fail(name, "does not give bytes", "open it in binary mode, 'rb'")
    return bytes(data), name


def identify(data: bytes, name: str) -> str:
    """The PIL format name that the first bytes announce, after a look at dangerous headers.

    The file extension is not asked: a JPEG called `.png` is still a picture.

    Raises:
        UserError: not one of the supported formats, or a header that asks for too much.
    """
    known = (kind for signature, kind in SIGNATURES if data.startswith(signature))
    kind = next(known, None) or _identify_container(data, name)
    if kind == "JPEG" and data.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise fail(name, "the JPEG asks for too many passes", "save it again as PNG")
    if kind == "WEBP":
        check_size(_webp_size(data), name)
    return kind


def _identify_container(data: bytes, name: str) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        raise fail(name, "HEIC and AVIF photos are not read", "save it as JPEG or PNG")
    if data.startswith(b"%PDF"):
        raise fail(name, "is a PDF, not an image", "give it as a page, or save the page as PNG")
    raise fail(name, "is not an image", REMEDY)


def _webp_size(data: bytes) -> tuple[int, int]:
    # Pillow's WebP decoder takes memory for the whole canvas on opening, before any check.
    chunk = data[12:16]
    if chunk == b"VP8X" and len(data) >= 30:
        return tuple(1 + int.from_bytes(data[i : i + 3], "little") for i in (24, 27))
    if chunk == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 " and len(data) >= 30:
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return 1, 1  # too short to hold a picture: the decoder says so


def check_size(size: tuple[int, int], name: str) -> None:
    """Refuse a (width, height) that is empty or would take too much memory."""
    width, height = size
    if width < 1 or height < 1:
        raise fail(name, f"the image has no pixels ({width} × {height})", "save it again")
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise too_many_pixels(name, f"{width} × {height} pixels are too many")


def too_many_pixels(name: str, cause: str) -> UserError:
    limit = f"at most {MAX_PIXELS // 1_000_000} million and {MAX_SIDE:,} a side"
    return fail(name, cause, f"make it smaller ({limit})")
