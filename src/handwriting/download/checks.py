"""Is a file what was published? Hash first; else gzip checksum, idx header and item count."""

import gzip
import hashlib
import math
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from handwriting.download.catalogue import FileEntry
from handwriting.download.disk import hash_file, megabytes, read_chunks, recorded_hash

COMPLETE = "complete"
MISSING = "missing"
# Sound, but fewer items than were published, or as many that are not the published bytes.
PARTIAL = "partial"
DIFFERENT = "different"
BROKEN = "broken"

# Types of idx files: the third byte of the magic number; these sets have unsigned bytes only.
UNSIGNED_BYTE = 0x08


@dataclass(frozen=True)
class FileState:
    """What was found at one place: its path under the data folder, the state, the reason."""

    path: str
    state: str
    reason: str


@dataclass(frozen=True)
class IdxContent:
    """An unpacked idx file: items by its header, SHA-256 of all bytes, what is wrong with it."""

    items: int = 0
    sha256: str = ""
    problem: str = ""


def check_file(path: Path, entry: FileEntry) -> FileState:
    """Compare a file with its catalogue entry; never raises for what the file holds."""
    if not path.is_file():
        return FileState(entry.path, MISSING, _missing_reason(path))
    if path.stat().st_size == 0:
        return FileState(entry.path, BROKEN, "empty file")
    expected, found, origin = _compare_hash(path, entry)
    if expected and found == expected:
        return FileState(entry.path, COMPLETE, f"{origin} matches")
    wrong = f"wrong hash: {origin} is {found}, expected {expected}" if expected else ""
    if path.name.endswith("-ubyte.gz") or path.name.endswith("-ubyte.gz.part"):
        return FileState(entry.path, *_check_idx(path, entry, wrong))
    if wrong:
        return FileState(entry.path, BROKEN, wrong)
    if _is_zip(entry) and not zipfile.is_zipfile(path):
        return FileState(entry.path, BROKEN, "not a zip archive, or cut off")
    return FileState(entry.path, COMPLETE, "no checksum known")


def problem_of(path: Path, entry: FileEntry) -> str:
    """What speaks against taking `path` as the published file; empty if nothing does."""
    state = check_file(path, entry)
    return "" if state.state == COMPLETE else state.reason


def read_idx(path: Path) -> IdxContent:
    """Read a gzipped idx file to its end, in pieces: the gzip checksum stands at the end."""
    digest, head, length = hashlib.sha256(), b"", 0
    try:
        with gzip.open(path, "rb") as stream:
            for chunk in read_chunks(stream):
                digest.update(chunk)
                head = (head + chunk)[:16] if len(head) < 16 else head
                length += len(chunk)
    except EOFError:
        return IdxContent(problem="truncated gzip: the file ends too early")
    except (OSError, zlib.error) as error:
        return IdxContent(problem=f"damaged gzip: {error}")
    items, problem = _read_header(head, length)
    return IdxContent(items, digest.hexdigest(), problem)


def _read_header(head: bytes, length: int) -> tuple[int, str]:
    """Items and what is wrong, from the first bytes and the length of the unpacked file."""
    if len(head) < 8 or head[:2] != b"\0\0" or head[2] != UNSIGNED_BYTE or head[3] not in (1, 3):
        return 0, "wrong idx header: not an idx file of unsigned bytes"
    dimensions = head[3]
    start = 4 + 4 * dimensions
    if len(head) < start:
        return 0, "wrong idx header: cut off"
    shape = struct.unpack(f">{dimensions}I", head[4:start])
    expected = start + math.prod(shape)
    if length != expected:
        return shape[0], f"wrong idx header: it announces {expected:,} bytes, {length:,} are there"
    return shape[0], ""


def _check_idx(path: Path, entry: FileEntry, wrong: str) -> tuple[str, str]:
    content = read_idx(path)
    if content.problem:
        return BROKEN, content.problem
    if entry.content_sha256 and content.sha256 == entry.content_sha256:
        return COMPLETE, "content matches, packed anew"
    if entry.items and content.items < entry.items:
        return PARTIAL, f"{content.items:,} of {entry.items:,} items"
    if entry.content_sha256:
        return BROKEN, wrong or f"wrong content: SHA-256 is {content.sha256}"
    if wrong:
        return DIFFERENT, f"{content.items:,} items, but packed anew or redrawn: {wrong}"
    return COMPLETE, f"{content.items:,} items, no checksum known"


def _compare_hash(path: Path, entry: FileEntry) -> tuple[str, str, str]:
    """Expected and found digest, and what kind they are; all empty without anything to expect."""
    recorded = recorded_hash(path)
    if entry.sha256:
        return entry.sha256, hash_file(path, "sha256"), "SHA-256"
    if entry.md5:
        return entry.md5, hash_file(path, "md5"), "MD5"
    if recorded:
        return recorded, hash_file(path, "sha256"), "SHA-256 of the first download"
    return "", "", ""


def _missing_reason(path: Path) -> str:
    part = path.with_name(path.name + ".part")
    if part.is_file():
        return f"download unfinished, {megabytes(part.stat().st_size)} so far"
    return "not here"


def _is_zip(entry: FileEntry) -> bool:
    return entry.path.endswith(".zip")
