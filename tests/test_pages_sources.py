"""From files to pictures of pages: TIFF, PDF, one at a time, and what is wrong said in a line."""

import io

import numpy as np
import pikepdf
import pytest
from fake_reader import drawn_page, empty_pdf, save_pdf, save_tiff
from PIL import Image

from handwriting.errors import UserError
from handwriting.images import load
from handwriting.pages import count_pages, open_pages, open_picture, parse_pages


def pages_of(count: int) -> list[np.ndarray]:
    """Pages that differ in height."""
    return [drawn_page(number + 1) for number in range(count)]


def heights(file, **options) -> list[int]:
    return [source.image.shape[0] for source in open_pages(str(file), **options)]


def test_a_tiff_gives_every_page(tmp_path):
    pictures = pages_of(3)
    sources = list(open_pages(str(save_tiff(tmp_path / "a.tif", pictures))))
    assert [source.number for source in sources] == [1, 2, 3]
    assert [source.dpi for source in sources] == [150, 150, 150]
    for source, picture in zip(sources, pictures, strict=True):
        np.testing.assert_array_equal(source.image, picture)


def test_small_copies_in_a_tiff_are_no_pages(tmp_path):
    pages = [Image.fromarray(picture) for picture in pages_of(3)]
    pages[1].encoderinfo = {"tiffinfo": {254: 1}}
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    sources = list(open_pages(str(tmp_path / "a.tif")))
    assert [source.image.shape[0] for source in sources] == [140, 280]
    assert [(source.number, source.frame) for source in sources] == [(1, 0), (2, 2)]


def test_a_pdf_gives_every_page_at_the_pixels_of_its_scan(tmp_path):
    pictures = pages_of(3)
    sources = list(open_pages(str(save_pdf(tmp_path / "a.pdf", pictures, dpi=100))))
    for source, picture in zip(sources, pictures, strict=True):
        assert source.image.shape == picture.shape
        assert source.dpi == pytest.approx(100, rel=0.01)
        assert np.abs(source.image.astype(int) - picture).mean() < 8


def test_a_pdf_that_is_no_scan_is_drawn_at_200_dpi_and_huge_ones_smaller(tmp_path):
    pdf = pikepdf.new()
    for size in ((360, 144), (14_400, 7_200)):
        pdf.add_blank_page(page_size=size)
    pdf.save(tmp_path / "a.pdf")
    sources = list(open_pages(str(tmp_path / "a.pdf")))
    assert [source.image.shape for source in sources] == [(400, 1000), (1200, 2400)]


def test_pages_are_loaded_one_by_one(tmp_path, monkeypatch):
    loaded = []
    monkeypatch.setattr(
        "handwriting.pages.frames.load", lambda image, **_: loaded.append(1) or load(image)
    )
    sources = open_pages(str(save_tiff(tmp_path / "a.tif", pages_of(3))))
    assert not loaded
    next(sources)
    assert len(loaded) == 1


@pytest.mark.parametrize("save", [save_tiff, save_pdf])
def test_only_the_pages_asked_for(tmp_path, save):
    file = save(tmp_path / ("a.tif" if save is save_tiff else "a.pdf"), pages_of(4))
    assert heights(file, pages=parse_pages("4,2-2")) == [210, 350]
    assert count_pages(str(file), parse_pages("3-")) == [3, 4]


@pytest.mark.parametrize("text", ["", "0", "3-1", "a", "1,,2", "-3", "1-2-3"])
def test_odd_page_lists_are_refused(text):
    with pytest.raises(UserError, match="not a list of pages"):
        parse_pages(text)


def test_stdin_may_be_a_pdf(tmp_path, monkeypatch):
    data = save_pdf(tmp_path / "a.pdf", pages_of(2)).read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert [(s.file, s.number) for s in open_pages("-")] == [("-", 1), ("-", 2)]


def encrypted(path):
    with pikepdf.open(save_pdf(path, pages_of(1)), allow_overwriting_input=True) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(user="secret", owner="secret"))


def write(data):
    return lambda path: path.write_bytes(data)


BAD = {
    "locked.pdf": (encrypted, "the PDF is encrypted"),
    "broken.pdf": (write(b"%PDF-1.7\nnothing of the kind"), "the PDF is damaged"),
    "none.pdf": (empty_pdf, "the PDF is damaged or empty"),
    "wide.png": (lambda path: Image.new("1", (40_000, 200), 1).save(path), "are too many"),
    "bomb.png": (lambda path: Image.new("1", (20_000, 9_000), 1).save(path), "too many pixels"),
    "cut.tif": (lambda path: path.write_bytes(b"II*\0\x08\0\0\0"), "the TIFF is"),
    "absent.pdf": (lambda path: None, "no such file"),
    "folder.tif": (lambda path: path.mkdir(), "is a folder"),
    "text.pdf": (write(b"Dear reader"), "is not an image"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_one_line_that_names_it(tmp_path, name):
    make, cause = BAD[name]
    make(tmp_path / name)
    (source,) = open_pages(str(tmp_path / name))
    assert source.image is None
    assert source.error.startswith(f"{tmp_path / name}: ") and cause in source.error
    assert source.error.count("\n") == 0 and source.error.count(str(tmp_path / name)) == 1


def test_a_page_that_cannot_be_read_does_not_stop_the_others(tmp_path):
    file = save_tiff(tmp_path / "a.tif", [*pages_of(1), np.full((200, 40_000), 255, np.uint8)])
    bad, good = [], []
    for source in open_pages(str(file)):
        (bad if source.error else good).append(source)
    assert len(good) == 1 and bad[0].number == 2
    assert bad[0].error.startswith(f"{file}: page 2: ")


def test_pages_that_a_file_lacks_are_an_error(tmp_path):
    file = str(save_tiff(tmp_path / "a.tif", pages_of(2)))
    with pytest.raises(UserError, match="has 2 pages, none of those"):
        count_pages(file, parse_pages("7-9"))
    assert "has 2 pages" in next(open_pages(file, parse_pages("7"))).error


def test_a_jpeg_in_a_pdf_comes_out_as_it_went_in(tmp_path):
    buffer = io.BytesIO()
    Image.fromarray(drawn_page()).save(buffer, "JPEG", dpi=(100, 100))
    Image.open(buffer).save(tmp_path / "a.pdf", resolution=100)
    found = open_picture(tmp_path / "a.pdf")
    assert isinstance(found, bytes) and found.startswith(b"\xff\xd8\xff")
    assert Image.open(io.BytesIO(found)).size == drawn_page().shape[::-1]


def test_a_drawn_pdf_page_comes_out_as_a_picture(tmp_path):
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(360, 144))
    pdf.pages[0].Contents = pdf.make_stream(b"1 0 0 rg 0 0 180 144 re f")
    pdf.save(tmp_path / "a.pdf")
    picture = open_picture(tmp_path / "a.pdf")
    assert picture.size == (1000, 400) and picture.mode == "RGB"
    assert picture.getpixel((100, 200)) == (255, 0, 0)
    assert open_picture(tmp_path / "a.png") == tmp_path / "a.png"
