"""`images.load`: every format, mode, rotation and polarity becomes the same grey picture."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from handwriting.errors import UserError
from handwriting.images import load, sources


@pytest.fixture
def letter() -> np.ndarray:
    """An L, (48, 40) uint8, 0 = ink: no turn or mirroring maps it to itself."""
    picture = np.full((48, 40), 255, np.uint8)
    picture[8:40, 8:12] = 0
    picture[36:40, 8:24] = 0
    return picture


def encode(image, kind: str, **options) -> bytes:
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def assert_same(result: np.ndarray, expected: np.ndarray, tolerance: int = 1) -> None:
    assert result.dtype == np.uint8
    assert result.shape == expected.shape
    assert np.abs(result.astype(int) - expected).max() <= tolerance


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF", "PPM", "WEBP", "JPEG"])
def test_every_format_as_path_bytes_and_file(letter, kind, tmp_path):
    lossless = {"lossless": True} if kind == "WEBP" else {}
    data = encode(letter, kind, **lossless)
    path = tmp_path / "letter.any"  # the name's ending plays no part
    path.write_bytes(data)
    tolerance = 40 if kind == "JPEG" else 1
    for source in (path, str(path), data, io.BytesIO(data)):
        assert_same(load(source), letter, tolerance)


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F"]
)
def test_every_mode(letter, mode):
    assert_same(load(Image.fromarray(letter).convert(mode)), letter, 2)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits(letter, kind):
    assert_same(load(encode(letter.astype(np.uint16) * 257, kind)), letter)
    assert_same(load(encode(letter.astype(np.uint16) * 16, kind)), letter, 2)  # a 12-bit scan


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "group4", "packbits", "jpeg"])
def test_compressed_tiff(letter, compression):
    image = Image.fromarray(letter).convert("1" if compression == "group4" else "L")
    assert_same(load(encode(image, "TIFF", compression=compression)), letter, 40)


def test_cmyk_jpeg(letter):
    assert_same(
        load(encode(Image.fromarray(letter).convert("CMYK"), "JPEG", quality=95)), letter, 40
    )


def test_first_frame_of_a_gif(letter):
    frames = [Image.fromarray(letter), Image.new("L", (40, 48), 255)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert_same(load(data), letter)


def test_transparency_lies_over_white(letter):
    rgba = np.zeros((*letter.shape, 4), np.uint8)
    rgba[..., 3] = 255 - letter  # black ink, the paper transparent black
    assert_same(load(encode(rgba, "PNG")), letter)
    assert_same(load(rgba), letter)


def test_white_ink_on_transparency_is_not_lost(letter):
    rgba = np.full((*letter.shape, 4), 255, np.uint8)
    rgba[..., 3] = 255 - letter
    assert_same(load(rgba), letter)


def test_transparent_palette(letter):
    image = Image.fromarray((letter == 255).astype(np.uint8), "L").convert("P")
    image.putpalette([0, 0, 0, 0, 0, 0] + [0] * 762)  # both colours black: only alpha differs
    assert_same(load(encode(image, "PNG", transparency=b"\xff\x00")), letter)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(letter, kind, orientation):
    undo = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.T,
        6: np.rot90,
        7: lambda a: np.rot90(a, 2).T,
        8: lambda a: np.rot90(a, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(undo[orientation](letter))
    assert_same(load(encode(stored, kind, exif=exif.tobytes())), letter, 60)


@pytest.mark.parametrize(
    "convert",
    [
        lambda a: a,
        lambda a: a[..., None],
        lambda a: np.stack([a] * 3, -1),
        lambda a: a > 127,
        lambda a: a.astype(np.uint16) * 257,
        lambda a: a.astype(np.int64),
        lambda a: a / 255.0,
        lambda a: (a / 127.5 - 1).astype(np.float16),
        lambda a: a.astype(np.float32),
        lambda a: np.asfortranarray(a),
    ],
)
def test_arrays(letter, convert):
    assert_same(load(convert(letter)), letter)


def test_source_array_is_left_alone(letter):
    dark = 255 - letter
    before = dark.copy()
    load(dark)[:] = 7
    assert np.array_equal(dark, before)


def test_not_a_number_becomes_paper(letter):
    picture = letter / 255.0
    picture[0, :5] = np.nan
    assert_same(load(picture), letter)


def test_light_on_dark_is_put_right(letter):
    assert_same(load(255 - letter), letter)
    large = cv2.resize(letter, (800, 960), interpolation=cv2.INTER_NEAREST)
    assert_same(load(255 - large), large)
    assert_same(load(large), large)


def test_a_full_page_in_a_dark_frame_is_not_turned_over():
    page = np.full((1600, 1100), 40, np.uint8)
    page[60:-60, 60:-60] = 205
    waves = 8 * np.sin(np.arange(900) / 3)
    for top in range(100, 1480, 26):
        for x, y in enumerate(np.round(top + waves).astype(int)):
            page[y : y + 5, 120 + x] = 90
    assert_same(load(page), page)


def test_max_side_shrinks_and_never_enlarges(letter):
    photo = np.full((1200, 1600, 3), 230, np.uint8)
    photo[300:900, 700:760] = 20
    result = load(encode(photo, "JPEG"), max_side=400)
    assert result.shape == (300, 400)
    assert result[150, 182] < 60 < 200 < result[20, 20]
    assert load(letter, max_side=400).shape == letter.shape


@pytest.mark.parametrize(
    "source, cause",
    [
        ("missing.png", "no such file"),
        (".", "is a folder"),
        ("", "name is empty"),
        ("a\0b.png", "cannot be read"),
        ("x" * 5000, "cannot be read"),
        (b"", "empty"),
        (b"hello", "not an image"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (None, "is not an image"),
        (12, "is not an image"),
        (io.StringIO("text"), "binary mode"),
        (np.zeros((0, 5), np.uint8), "no pixels"),
        (np.zeros((2, 3, 4, 5), np.uint8), "shape"),
        (np.zeros((5, 5), complex), "complex"),
        (np.array([["a"]]), "holds"),
    ],
)
def test_errors_are_one_line(source, cause, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=cause) as caught:
        load(source)
    assert "\n" not in str(caught.value)
    assert "; " in str(caught.value), "the remedy follows the cause"


def test_declared_size_is_refused_before_decoding():
    whole = encode(Image.new("1", (100, 100)), "PNG")
    header = whole[:16] + struct.pack(">II", 30_000, 30_000) + whole[24:]
    header = header[:29] + struct.pack(">I", zlib.crc32(header[12:29])) + header[33:]
    with pytest.raises(UserError, match="too many pixels"):
        load(header)
    with pytest.raises(UserError, match="12000 × 12000 pixels are too many"):
        load(Image.new("1", (12_000, 12_000)))
    with pytest.raises(UserError, match="31000 × 1 pixels are too many"):
        load(np.zeros((1, 31_000), np.uint8))


def test_too_large_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 1000)
    path = tmp_path / "large.png"
    path.write_bytes(b"\x89PNG" + bytes(2000))
    with pytest.raises(UserError, match="larger than"):
        load(path)


def test_lazy_pil_images_keep_their_size_and_their_errors_are_plain(letter):
    photo = encode(cv2.resize(letter, (800, 960)), "JPEG")
    image = Image.open(io.BytesIO(photo))
    assert load(image, max_side=100).shape == (100, 83)
    assert image.size == (800, 960)
    with pytest.raises(UserError, match="image: the JPEG is cut short"):
        load(Image.open(io.BytesIO(photo[:-200])))
