"""The pictures that a searchable PDF holds."""

import io
from contextlib import contextmanager

import numpy as np
import pikepdf
import pytest
from documents import make_document, make_page
from PIL import Image

from handwriting.errors import UserError
from handwriting.export import export

SHEET = np.full((200, 400), 235, np.uint8)


def written(image) -> bytes:
    stream = io.BytesIO()
    export(make_document(make_page()), "pdf", stream, images=[image])
    return stream.getvalue()


@contextmanager
def picture_of(image):
    with pikepdf.open(io.BytesIO(written(image))) as pdf:
        yield pdf.pages[0].Resources.XObject["/Picture"]


def test_a_jpeg_goes_in_as_it_is(tmp_path):
    file = tmp_path / "a.jpg"
    Image.fromarray(np.stack([SHEET] * 3, axis=-1)).save(file, quality=70)
    with picture_of(file) as picture:
        assert picture.read_raw_bytes() == file.read_bytes()
        assert (picture.Filter, picture.ColorSpace) == ("/DCTDecode", "/DeviceRGB")


def test_a_turned_jpeg_is_set_upright(tmp_path):
    sheet, exif = SHEET.copy(), Image.Exif()
    sheet[:50, :50] = 0
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    Image.fromarray(sheet).rotate(90, expand=True).save(tmp_path / "a.jpg", exif=exif)
    with picture_of(tmp_path / "a.jpg") as picture:
        seen = pikepdf.PdfImage(picture).as_pil_image()
    assert seen.size == (400, 200)
    assert seen.getpixel((20, 20)) < 20 and seen.getpixel((380, 180)) > 220


GREY = Image.fromarray(SHEET)
CLEAR = Image.new("RGBA", GREY.size, (0, 0, 0, 0))


@pytest.mark.parametrize(
    "image, space",
    [
        (CLEAR, "/DeviceRGB"),
        (np.asarray(CLEAR), "/DeviceRGB"),
        (GREY.convert("P"), "/DeviceRGB"),
        (GREY.convert("CMYK"), "/DeviceRGB"),
        (GREY.convert("1"), "/DeviceGray"),
        (Image.fromarray(SHEET.astype(np.uint16) * 257), "/DeviceGray"),
        (SHEET, "/DeviceGray"),
    ],
)
def test_pictures_of_any_mode_look_like_themselves(image, space):
    with picture_of(image) as picture:
        assert picture.ColorSpace == space
        seen = pikepdf.PdfImage(picture).as_pil_image().convert("L")
    # Clear is paper; black and white dithers what is nearly white.
    assert np.asarray(seen).mean() > 225


def test_black_and_white_takes_a_bit_a_pixel():
    with picture_of(GREY.convert("1")) as picture:
        assert picture.BitsPerComponent == 1 and len(picture.read_bytes()) == 50 * 200


def test_pages_without_images_open_their_files(tmp_path):
    frames = [Image.fromarray(SHEET), Image.new("L", (400, 200), 10)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    page = make_page(file=str(tmp_path / "a.tif"), frame=1)
    export(make_document(page), "pdf", tmp_path / "o.pdf")
    with pikepdf.open(tmp_path / "o.pdf") as pdf:
        picture = pikepdf.PdfImage(pdf.pages[0].Resources.XObject["/Picture"]).as_pil_image()
    assert picture.getpixel((9, 9)) == pytest.approx(10, abs=2)


def test_pictures_that_do_not_fit_or_open_are_one_line(tmp_path):
    with pytest.raises(UserError, match="200 × 400 pixels, not 400 × 200"):
        written(SHEET.T)
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(UserError, match=r"a\.png: the PNG is damaged"):
        written(tmp_path / "a.png")
    with pytest.raises(UserError, match="no such file"):
        export(make_document(make_page(file="gone.png")), "pdf", tmp_path / "o.pdf")
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]
