"""ALTO and PAGE XML, whole and broken: what can be read is read, the rest is counted."""

import os

import numpy as np
import pytest
from drawn_lines import draw_page, save, texts, write
from layouts import ALTO, PAGE_TEXTS, alto, joined, page_xml
from real_data import real_data

from handwriting.errors import UserError
from handwriting.lines.readers import read_pages
from handwriting.lines.readers.layout import parse_points


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def page():
    return draw_page(PAGE_TEXTS, width=420)


def test_points_in_both_forms():
    expected = [[1, 2], [3.5, -4]]
    for text in ("1,2 3.5,-4", "1 2 3.5 -4", " 1,2\n3.5,-4 "):
        assert parse_points(text).tolist() == expected
    for text in ("", None, "1,2 3", "1,2 x,3", "a b"):
        assert parse_points(text) is None


@pytest.mark.parametrize("between", [" ", ","])
@pytest.mark.parametrize("version", [2, 3, 4])
def test_alto(data, page, version, between):
    save(data / "page.jpg", page[0])
    write(data / "page.xml", alto(page, version=version, between=between))
    found = read_pages(data)
    assert texts(found) == sorted(PAGE_TEXTS)
    assert all(line.image.shape[0] == 64 and line.page == "page" for line in found.train)


@pytest.mark.parametrize("version", ["2013-07-15", "2019-07-15"])
def test_page_xml_takes_the_first_reading(data, page, version):
    save(data / "page.jpg", page[0])
    write(data / "page.xml", page_xml(page, version=version))
    assert texts(read_pages(data)) == sorted(PAGE_TEXTS)


def test_units_of_length_and_scaled_pictures_give_the_same_lines(data, page):
    for name, scale, unit in (("a", 1, "pixel"), ("b", 2.54, "mm10"), ("c", 0.5, "pixel")):
        save(data / name / "page.png", page[0])
        write(data / name / "page.xml", alto(page, scale=scale, unit=unit))
    images = [
        np.concatenate([line.image for line in split], axis=1)
        for name in "abc"
        for split in [read_pages(data / name)]
        for split in [[line for part in split.splits().values() for line in part]]
    ]
    assert abs(images[1].shape[1] / images[0].shape[1] - 1) < 0.02
    assert abs(images[2].shape[1] / images[0].shape[1] - 1) < 0.02


def test_level_baseline_boxes_hyphens_and_words(data, page):
    save(data / "a.png", page[0])
    box = 'HPOS="34" VPOS="42" WIDTH="270" HEIGHT="42"'
    line = f'<TextLine {box} BASELINE="70"><String CONTENT="low"/><String CONTENT="ti"/><HYP/>'
    height, width = page[0].shape
    values = {"unit": "pixel", "version": 4, "width": width, "height": height}
    write(data / "a.xml", ALTO.format(picture="", lines=line + "</TextLine>", **values))
    save(data / "b.png", page[0])
    points = joined(page[1][0])
    words = "".join(
        f"<Word><TextEquiv><Unicode>{word}</Unicode></TextEquiv></Word>" for word in ("low", "tide")
    )
    line = f'<TextLine id="x"><Coords points="{points}"/>{words}</TextLine>'
    write(data / "b.xml", page_xml(page, "b.png", lines=line))
    assert texts(read_pages(data)) == ["low ti-", "low tide"]


@pytest.mark.parametrize(
    ("layout", "picture", "named"),
    [
        ("page/scan.xml", "Scan.JPG", "scan.jpg"),
        ("alto/scan.xml", "images/scan.png", "C:\\work\\scan.png"),
        ("scan.xml", "scan.png", "../../etc/other.tif"),
        ("deep/er/scan.xml", "scan.png", ""),
    ],
)
def test_picture_is_found_where_exports_put_it(data, page, layout, picture, named):
    save(data / picture, page[0])
    write(data / layout, alto(page, picture=named))
    assert texts(read_pages(data)) == sorted(PAGE_TEXTS)


def test_folder_of_layouts_alone_looks_above(data, page):
    save(data / "scan.png", page[0])
    write(data / "page" / "scan.xml", page_xml(page, "scan.png"))
    assert texts(read_pages(data / "page")) == sorted(PAGE_TEXTS)


def test_names_in_xml_never_lead_out_of_the_folder(data, page, tmp_path):
    save(tmp_path / "secret.png", page[0])
    write(data / "page.xml", alto(page, picture="../secret.png"))
    with pytest.raises(UserError, match=r"no line could be read.*secret.png is missing"):
        read_pages(data)


def test_of_two_pictures_of_one_name_the_nearer_is_taken(data, page):
    save(data / "one" / "page.png", page[0])
    save(data / "two" / "page.png", np.full_like(page[0], 230))
    write(data / "one" / "page.xml", alto(page, "page.png"))
    assert len(texts(read_pages(data))) == 3


def broken_pages(data, page):
    good = alto(page, "good.png")
    save(data / "good.png", page[0])
    write(data / "good.xml", good)
    write(data / "cut.xml", good[: len(good) // 2])
    write(data / "empty.xml", "")
    write(data / "other.xml", "<html><body/></html>")
    write(data / "binary.xml", bytes(range(256)))
    write(data / "lost.xml", alto(page, "lost.png"))
    write(data / "code.xml", good.replace("UTF-8", "no-such-code"))
    write(data / "shape.xml", alto(page, "good.png", width=100, height=4000))
    write(data / "half.xml", alto(page, "half.png"))
    save(data / "half.png", page[0])
    os.truncate(data / "half.png", 900)
    bomb = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    bomb = f'<!DOCTYPE alto [<!ENTITY l0 "ha">{bomb}]>'
    declaration, rest = good.split("?>", 1)
    write(data / "bomb.xml", declaration + "?>" + bomb + rest.replace(PAGE_TEXTS[0][:3], "&l11;"))
    write(data / "bomb16.xml", (bomb + "<alto>&l11;</alto>"), "utf-16")


def test_broken_pages_do_not_stop_the_others(data, page):
    broken_pages(data, page)
    found = read_pages(data)
    assert texts(found) == sorted(PAGE_TEXTS)
    note = found.notes[-1]
    for fact in (
        "page unusable 8 (first: binary.xml",
        "XML of another kind 1 (first: other.xml)",
        "picture cannot be read 1",
    ):
        assert fact in note
    with pytest.raises(UserError) as error:
        for name in ("good.xml", "good.png"):
            (data / name).unlink()
        read_pages(data)
    assert "\n" not in str(error.value)


def test_a_doctype_is_refused(data, page):
    broken_pages(data, page)
    for file in data.glob("*.xml"):
        if "bomb" not in file.name:
            file.unlink()
    with pytest.raises(UserError, match=r"page unusable 2 .*DOCTYPE"):
        read_pages(data)


def test_broken_lines_do_not_stop_the_others(data, page):
    places = [
        '<Coords points="5,5 60,5"/>',
        '<Coords points="9000,9000 9900,9000 9900,9100"/>',
        '<Coords points="five,six"/>',
        "",
        '<Coords points=""/><Baseline points="1,1"/>',
    ]
    text = "<TextEquiv><Unicode>word</Unicode></TextEquiv>"
    lines = "".join(f'<TextLine id="x">{place}{text}</TextLine>' for place in places)
    lines += '<TextLine id="silent"><Coords points="34,42 300,42 300,84"/></TextLine>'
    good = page_xml(page, "page.png")
    save(data / "page.png", page[0])
    write(data / "page.xml", good.replace("</TextRegion>", lines + "</TextRegion>"))
    found = read_pages(data)
    assert texts(found) == sorted(PAGE_TEXTS)
    note = found.notes[-1]
    assert "6 left out" in note
    for fact in (
        "no writing in the outline 3",
        "no polygon and no baseline 2",
        "no text 1 (first: page.xml silent)",
    ):
        assert fact in note


def test_real_pages_are_read_in_full(tmp_path):
    folder = real_data("pages/peraire/B.30.tdm_0014.xml") / "pages"
    # Three pages: all 66 take a while.
    names = (
        "hooker/JDH_2_16_147_001",
        "peraire/B.3.pologne-urss1_0026",
        "poilus/TestamentsDePoilus_will_AN_0026-0",
    )
    for name in names:
        for ending in (".jpg", ".xml"):
            target = tmp_path / "real" / (name + ending)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(folder / (name + ending))
    found = read_pages(tmp_path / "real")
    sources = [(folder / f"{name}.xml").read_text(encoding="utf-8") for name in names]
    without_text = 3  # in hooker
    assert len(texts(found)) == "".join(sources).count("<TextLine") - without_text
    in_split = [{line.page for line in split} for split in found.splits().values()]
    assert sorted(len(part) for part in in_split) == [1, 1, 1] and len(set.union(*in_split)) == 3
