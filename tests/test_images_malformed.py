"""2,000 malformed files: each gives an array or one line that names the file, nothing else."""

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handwriting.errors import UserError
from handwriting.images import load

COUNT = 2000
ADDRESS_SPACE = 1_500_000_000
MEMORY_GROWTH = 300_000_000


def valid_files() -> dict[str, bytes]:
    """A small picture in each format and in the variants that take other paths in a decoder."""
    rng = np.random.default_rng(3)
    gray = np.full((40, 60), 255, np.uint8)
    gray[10:30, 20:24] = 0
    gray[::7] -= rng.integers(0, 30, gray[::7].shape, dtype=np.uint8)
    image = Image.fromarray(gray)
    variants = {
        "png": (image, "PNG", {}),
        "rgba.png": (image.convert("RGBA"), "PNG", {}),
        "palette.png": (image.convert("P"), "PNG", {"transparency": 3}),
        "16.png": (Image.fromarray(gray.astype(np.uint16) * 257), "PNG", {}),
        "jpg": (image.convert("RGB"), "JPEG", {}),
        "progressive.jpg": (image, "JPEG", {"progressive": True}),
        "bmp": (image.convert("RGB"), "BMP", {}),
        "1.bmp": (image.convert("1"), "BMP", {}),
        "tif": (image, "TIFF", {}),
        "lzw.tif": (image.convert("RGB"), "TIFF", {"compression": "tiff_lzw"}),
        "g4.tif": (image.convert("1"), "TIFF", {"compression": "group4"}),
        "jpeg.tif": (image, "TIFF", {"compression": "jpeg"}),
        "webp": (image.convert("RGB"), "WEBP", {}),
        "lossless.webp": (image.convert("RGBA"), "WEBP", {"lossless": True}),
        "gif": (image, "GIF", {}),
        "pgm": (image, "PPM", {}),
    }
    files = {}
    for name, (picture, kind, options) in variants.items():
        buffer = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = 6
        extra = {"exif": exif.tobytes()} if kind in ("PNG", "JPEG", "WEBP", "TIFF") else {}
        picture.save(buffer, kind, **options, **extra)
        files[name] = buffer.getvalue()
    return files


def png(width: int, height: int, body: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", body), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def huge(rng: np.random.Generator, files: dict[str, bytes]) -> bytes:
    """A header that declares a picture far larger than the file."""
    width, height = (int(rng.choice([0, 1, 29_999, 30_000, 65_000, 2**31 - 1])) for _ in range(2))
    short = min(width, 65_535), min(height, 65_535)
    tiff = bytearray(files["tif"])
    first = struct.unpack_from("<I", tiff, 4)[0]
    for entry in range(struct.unpack_from("<H", tiff, first)[0]):
        at = first + 2 + 12 * entry
        tag = struct.unpack_from("<H", tiff, at)[0]
        if tag in (256, 257):
            struct.pack_into("<HII", tiff, at + 2, 4, 1, width if tag == 256 else height)
    webp = b"VP8X" + struct.pack("<II", 10, 0x10)
    webp += (width & 0xFFFFFF).to_bytes(3, "little") + (height & 0xFFFFFF).to_bytes(3, "little")
    start = files["jpg"].index(b"\xff\xc0")
    jpeg = bytearray(files["jpg"])
    struct.pack_into(">HH", jpeg, start + 5, short[1], short[0])
    choices = [
        png(width, height, zlib.compress(bytes(1_000_000))),
        files["bmp"][:18] + struct.pack("<ii", width, height) + files["bmp"][26:],
        bytes(tiff),
        b"RIFF" + struct.pack("<I", 4 + len(webp)) + b"WEBP" + webp,
        files["gif"][:6] + struct.pack("<HH", *short) + files["gif"][10:],
        bytes(jpeg),
        f"P5 {width} {height} 255\n".encode() + bytes(100),
    ]
    return choices[rng.integers(len(choices))]


def malformed(rng: np.random.Generator, files: dict[str, bytes]) -> bytes:
    """One broken file; half of them keep the header, where decoders are at work."""
    data = bytearray(files[str(rng.choice(list(files)))])
    kind = rng.integers(8)
    if kind == 0:
        return bytes(data[: rng.integers(len(data))])
    if kind == 1:
        return rng.bytes(int(rng.integers(1, 400)))
    if kind == 2:
        return bytes(int(rng.integers(0, 400)))
    if kind == 3:
        return bytes(data[: rng.integers(4, 40)]) + rng.bytes(int(rng.integers(1, 400)))
    if kind == 4:
        return b"a text, not a picture\n" * int(rng.integers(1, 20))
    if kind == 5:
        return huge(rng, files)
    if kind == 6:
        at = int(rng.integers(len(data)))
        return bytes(data[:at]) + bytes(len(data) - at)
    for _ in range(int(rng.integers(1, 12))):
        # Header bytes decide more than pixel bytes do, so half of the flips go there.
        end = len(data) if rng.random() < 0.5 else min(64, len(data))
        data[rng.integers(end)] ^= 1 << int(rng.integers(8))
    return bytes(data)


def load_them_all(folder: str) -> None:
    """Runs in a process of its own, with little memory: prints nothing if all is well."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    rng, files = np.random.default_rng(7), valid_files()
    endings = ["png", "jpg", "tif", "webp", "gif", "bmp", "txt", ""]
    arrays = 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(COUNT):
        path = Path(folder) / f"broken-{number}.{endings[rng.integers(len(endings))]}"
        path.write_bytes(malformed(rng, files))
        try:
            picture = load(path)
        except UserError as error:
            text = str(error)
            assert path.name in text, text
            assert text.isprintable() and len(text) < 700, repr(text)
        else:
            arrays += 1
            assert picture.dtype == np.uint8 and picture.ndim == 2 and picture.size
        path.unlink()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < MEMORY_GROWTH, f"memory grew by {grown:,} bytes"
    assert 0.02 * COUNT < arrays < 0.6 * COUNT, arrays


def test_two_thousand_malformed_files(tmp_path):
    pytest.importorskip("resource", reason="memory limits need a Unix system")
    code = f"import test_images_malformed as t; t.load_them_all({str(tmp_path)!r})"
    source = Path(__file__).parent
    paths = os.pathsep.join([str(source), str(source.parent / "src")])
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == "" and done.stderr == "", "decoders' own messages must not leak"


def assert_refused(source, cause: str) -> None:
    with pytest.raises(UserError, match=cause) as caught:
        load(source)
    assert Path(source).name in str(caught.value)


def test_folder_empty_and_text(tmp_path):
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("not a picture")
    assert_refused(tmp_path, "is a folder")
    assert_refused(tmp_path / "empty.png", "is empty")
    assert_refused(tmp_path / "text.png", "is not an image")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_pipes_and_devices_do_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    assert_refused(tmp_path / "pipe.png", "a device or a pipe")
    if Path("/dev/zero").exists():
        assert_refused("/dev/zero", "a device or a pipe")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_unreadable(tmp_path):
    path = tmp_path / "secret.png"
    path.write_bytes(valid_files()["png"])
    path.chmod(0)
    assert_refused(path, "no permission")


def test_name_with_a_line_break_stays_on_one_line(tmp_path):
    path = tmp_path / "two\nlines.png"
    path.write_bytes(b"no")
    with pytest.raises(UserError) as caught:
        load(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cut", [20, 200, -20])
def test_truncated_jpeg_says_so(tmp_path, cut):
    path = tmp_path / "photo.jpg"
    path.write_bytes(valid_files()["jpg"][:cut])
    assert_refused(path, "cut short|damaged")
