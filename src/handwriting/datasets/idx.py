"""The idx format that MNIST and EMNIST are published in.

A big-endian header (two zero bytes, a type code, the number of dimensions, each
dimension as 32 bits), then the values; see http://yann.lecun.com/exdb/mnist/.
"""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from handwriting.errors import UserError

_UINT8 = 0x08
_MAX_VALUES = 2_000_000_000  # byclass, the largest set published so, has 547 million


def read_idx(path: Path) -> np.ndarray:
    """Read an idx file, gzip-compressed or not, as a uint8 array of its own shape.

    Raises:
        UserError: the file is missing, no idx file of bytes, truncated or too long.
    """
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except FileNotFoundError:
        raise UserError(f"{path}: not found") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: cannot be read ({error}); download it again") from None
    return _parse(content, path)


def _parse(content: bytes, path: Path) -> np.ndarray:
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _UINT8:
        raise UserError(f"{path}: not an idx file of bytes; download it again")
    header_length = 4 + 4 * content[3]
    if len(content) < header_length:
        raise UserError(f"{path}: cut within its header; download it again")
    shape = tuple(np.frombuffer(content[4:header_length], ">u4").tolist())
    expected = math.prod(shape)
    found = len(content) - header_length
    if expected > _MAX_VALUES or found != expected:
        raise UserError(f"{path}: {found} values where the header says {shape}; download it again")
    return np.frombuffer(content, np.uint8, offset=header_length).reshape(shape)


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write a uint8 array as an idx file, compressed when the name ends in `.gz`."""
    header = bytes([0, 0, _UINT8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    content = header + np.ascontiguousarray(array, np.uint8).tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def find_idx(folder: Path, name: str) -> Path:
    """`folder/name.gz` or, when only that is there, the unpacked `folder/name`."""
    packed, unpacked = folder / f"{name}.gz", folder / name
    return unpacked if unpacked.is_file() and not packed.is_file() else packed
