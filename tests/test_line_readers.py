"""Formats as they come, whole and broken: what can be read is read, the rest is counted."""

import codecs
import os

import cv2
import numpy as np
import pytest
from drawn_lines import draw_line, draw_page
from real_data import real_data

from handwriting import paths
from handwriting.errors import UserError
from handwriting.lines.readers import (
    detect_format,
    read_folder,
    read_iam,
    read_lines,
    read_pages,
    read_table,
)
from handwriting.lines.readers import cache as line_cache
from handwriting.lines.readers.collect import assign_splits
from handwriting.lines.readers.iam import detokenise
from handwriting.lines.readers.layout import parse_points

ALTO = """<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v{version}#">
<Description><MeasurementUnit>{unit}</MeasurementUnit><sourceImageInformation>
<fileName>{picture}</fileName></sourceImageInformation></Description>
<Layout><Page WIDTH="{width}" HEIGHT="{height}"><PrintSpace><TextBlock>{lines}</TextBlock>
</PrintSpace></Page></Layout></alto>"""
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/{version}">
<Metadata/><Page imageFilename="{picture}" imageWidth="{width}" imageHeight="{height}">
<TextRegion id="r"><Coords points="0,0 9,0 9,9"/>{lines}</TextRegion></Page></PcGts>"""
TEXTS = ("low tide by eight", "bring a folded map", "the ferry is late")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setattr(paths, "cache_dir", lambda: folder)
    return folder


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def page():
    return draw_page(TEXTS, width=420)


def save(file, picture=None):
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), draw_line("salt") if picture is None else picture)


def write(file, text, encoding="utf-8"):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))


def texts(data) -> list[str]:
    return sorted(text for split in data.splits().values() for text in split.texts)


def pages(data) -> dict[str, set[str]]:
    return {name: {line.page for line in split} for name, split in data.splits().items()}


def joined(points, between=",", pairs=" ") -> str:
    return pairs.join(between.join(f"{v:g}" for v in point) for point in points)


def alto(page, picture="page.jpg", scale=1.0, unit="pixel", version=4, between=" ", **extra):
    lines = ""
    for text, polygon, baseline in zip(TEXTS, page[1], page[2], strict=True):
        words = "<SP/>".join(f'<String CONTENT="{word}"/>' for word in text.split())
        lines += (
            f'<TextLine BASELINE="{joined(baseline * scale, between)}"><Shape>'
            f'<Polygon POINTS="{joined(polygon * scale, between)}"/></Shape>{words}</TextLine>'
        )
    height, width = (round(side * scale) for side in page[0].shape)
    values = {"width": width, "height": height, "lines": lines, **extra}
    return ALTO.format(picture=picture, unit=unit, version=version, **values)


def page_xml(page, picture="page.jpg", version="2019-07-15", **extra):
    lines = ""
    for text, polygon, baseline in zip(TEXTS, page[1], page[2], strict=True):
        lines += (
            f'<TextLine id="l"><Coords points="{joined(polygon)}"/>'
            f'<Baseline points="{joined(baseline)}"/>'
            f'<TextEquiv index="1"><Unicode>other</Unicode></TextEquiv>'
            f'<TextEquiv index="0"><Unicode>{text}</Unicode></TextEquiv></TextLine>'
        )
    height, width = page[0].shape
    values = {"width": width, "height": height, "lines": lines, **extra}
    return PAGE.format(picture=picture, version=version, **values)


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
    assert texts(found) == sorted(TEXTS)
    assert all(line.image.shape[0] == 64 and line.page == "page" for line in found.train)


@pytest.mark.parametrize("version", ["2013-07-15", "2019-07-15"])
def test_page_xml_takes_the_first_reading(data, page, version):
    save(data / "page.jpg", page[0])
    write(data / "page.xml", page_xml(page, version=version))
    assert texts(read_pages(data)) == sorted(TEXTS)


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
    assert texts(read_pages(data)) == sorted(TEXTS)


def test_folder_of_layouts_alone_looks_above(data, page):
    save(data / "scan.png", page[0])
    write(data / "page" / "scan.xml", page_xml(page, "scan.png"))
    assert texts(read_pages(data / "page")) == sorted(TEXTS)


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
    write(data / "bomb.xml", declaration + "?>" + bomb + rest.replace(TEXTS[0][:3], "&l11;"))
    write(data / "bomb16.xml", (bomb + "<alto>&l11;</alto>"), "utf-16")


def test_broken_pages_do_not_stop_the_others(data, page):
    broken_pages(data, page)
    found = read_pages(data)
    assert texts(found) == sorted(TEXTS)
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
    assert texts(found) == sorted(TEXTS)
    note = found.notes[-1]
    assert "6 left out" in note
    for fact in (
        "no writing in the outline 3",
        "no polygon and no baseline 2",
        "no text 1 (first: page.xml silent)",
    ):
        assert fact in note


LINES_TXT = """#--- lines.txt ---
# iam database line information
a01-000-00 ok 154 3 408 746 1661 89 A|boat|,|two|oars|.
a01-000-01 err 156 2 395 932 1850 105 "|Row|!|"|she|said|.
a01-000u-00 ok 154 3 408 746 1661 89 A|boat|,|two|oars|.
b02-003-00 ok 154 3 408 746 1661 89 (|no|#|word|)
b02-003-01 ok 154 3 408 746 1661 89 it|was|late
b02-003-02 ok 154 3
c03-007-00 ok 154 3 408 746 1661 89 never|drawn
"""


def make_iam(folder, flat=False):
    write(folder / "ascii" / "lines.txt", LINES_TXT)
    write(folder / "ascii" / "forms.txt", "# forms\na01-000 101 2 prt 7 5 52 36\n")
    for name in ("a01-000-00", "a01-000-01", "a01-000u-00", "b02-003-00", "b02-003-01"):
        form = name.rsplit("-", 1)[0]
        place = folder / "png" if flat else folder / "lines" / form[:3] / form
        save(place / f"{name}.png")


@pytest.mark.parametrize("flat", [False, True])
def test_iam_without_lists_keeps_a_text_together(data, flat):
    make_iam(data, flat)
    found = read_iam(data)
    assert texts(found) == [
        '"Row!" she said.',
        "A boat, two oars.",
        "A boat, two oars.",
        "it was late",
    ]
    lines = [line for split in found.splits().values() for line in split]
    assert {line.writer for line in lines if line.page == "a01-000"} == {"101"}
    assert {line.language for line in lines} == {"en"}
    for fact in (
        "word struck out 1 (first: b02-003-00)",
        "picture missing 1",
        "row without text 1",
    ):
        assert fact in found.notes[-1]


@pytest.mark.parametrize(
    "lists",
    [
        {"splits/train.uttlist": "a01-000", "splits/validation.uttlist": "a01-000u",
         "splits/test.uttlist": "b02-003"},
        {"task/trainset.txt": "a01-000-00\na01-000-01", "task/validationset1.txt": "",
         "task/validationset2.txt": "a01-000u-00", "task/testset.txt": "b02-003-01"},
    ],
)  # fmt: skip
def test_iam_with_lists(data, lists):
    make_iam(data)
    for name, names in lists.items():
        write(data / name, names + "\n")
    found = read_iam(data)
    assert found.train.texts == ["A boat, two oars.", '"Row!" she said.']
    assert found.validation.texts == ["A boat, two oars."]
    assert found.test.texts == ["it was late"]
    assert "in no list of the split" in found.notes[-1]


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        ("( a ; b )", "(a; b)"),
        ('" Go ! " , he said : " Now " .', '"Go!", he said: "Now".'),
        ("it cost £ 5 , or 3 %", "it cost £5, or 3%"),
        ("a dash - stays", "a dash - stays"),
        ("so ... on", "so... on"),
        ("we ' ll", "we 'll"),
        ("", ""),
    ],
)
def test_detokenise(tokens, sentence):
    assert detokenise(tokens.split()) == sentence


def test_folder_of_pictures_with_texts(data):
    kinds = {
        "a.png": "a.gt.txt",
        "b.jpg": "b.txt",
        "c.bin.png": "c.gt.txt",
        "sub/d.webp": "sub/d.txt",
    }
    for number, (picture, label) in enumerate(kinds.items()):
        save(data / picture)
        write(data / label, f"text  {number}\n")
    save(data / "e.tif")
    for name, content in (
        ("mark", codecs.BOM_UTF8 + "é mark".encode()),
        ("wide", "é wide".encode("utf-16")),
        ("latin", "é latin’s".encode("cp1252")),
        ("empty", b" \n"),
        ("zero", b"a\0b"),
    ):
        save(data / f"{name}.png")
        write(data / f"{name}.gt.txt", content)
    write(data / "broken.png", b"\x89PNG\r\n\x1a\n nothing")
    write(data / "broken.txt", "lost")
    save(data / "blank.png", np.full((50, 300), 230, np.uint8))
    write(data / "blank.txt", "lost")
    found = read_folder(data)
    assert texts(found) == sorted(
        [*(f"text {i}" for i in range(4)), "é mark", "é wide", "é latin's"]
    )
    for fact in (
        "no text file beside the picture 1 (first: e.tif)",
        "no text 1 (first: empty.png)",
        "text cannot be read 1 (first: zero.gt.txt",
        "picture cannot be read 1",
        "blank picture 1 (first: blank.png)",
    ):
        assert fact in found.notes[-1]


def test_folders_called_like_splits_are_the_splits(data):
    for name in ("train/a", "train/b", "val/c", "test/d"):
        save(data / f"{name}.png")
        write(data / f"{name}.txt", name)
    found = read_folder(data)
    assert found.train.texts == ["train/a", "train/b"]
    assert (found.validation.texts, found.test.texts) == (["val/c"], ["test/d"])


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("t.csv", "image,text\na.png,\"one, two\"\nb.png,three\nc.png,four\n"),
        ("t.csv", "\ufeffText;Filename\r\none, two;a.png\r\nthree;b.png\r\nfour;c.png\r\n"),
        ("t.tsv", "file_name\ttranscription\na.png\tone, two\nb.png\tthree\n\nc.png\tfour"),
        ("t.csv", "label|path|other\none, two|./a.png|1\nthree|b.png|2\nfour|c.png|3\n"),
    ],
)  # fmt: skip
def test_tables(data, name, table):
    for picture in ("a", "images/b", "c"):
        save(data / f"{picture}.png")
    write(data / name, table)
    for path in (data / name, data):
        assert texts(read_table(path)) == ["four", "one, two", "three"]


def test_quotation_marks_in_a_tab_table(data):
    rows = ['"Stop', '"No," he said', '"a ""b"" c"']
    for number, text in enumerate(rows):
        save(data / f"{number}.png")
        rows[number] = f"{number}.png\t{text}"
    write(data / "t.tsv", "image\ttext\n" + "\n".join(rows))
    assert texts(read_table(data)) == ['"No," he said', '"Stop', 'a "b" c']


def test_columns_of_a_table_and_its_gaps(data):
    for picture in "abcd":
        save(data / f"{picture}.png")
    write(
        data / "t.csv",
        "image,text,writer,page,lang,split\n"
        "a.png,one,w1,p1,de,train\nb.png,two,w2,p2,,dev\nc.png,three,w3,p3,fr,TEST\n"
        "d.png,,w1,p1,de,train\nz.png,lost,w1,p1,de,train\nshort\n",
    )
    found = read_table(data / "t.csv")
    line = found.train[0]
    assert (line.text, line.writer, line.page, line.language) == ("one", "w1", "p1", "de")
    assert (found.validation.texts, found.test.texts) == (["two"], ["three"])
    for fact in ("no text 1", "picture missing 1 (first: t.csv row 6)", "row without picture"):
        assert fact in found.notes[-1]


def test_a_table_needs_its_header(data):
    write(data / "t.csv", "a.png,one\n")
    with pytest.raises(UserError, match="name the columns image and text"):
        read_table(data / "t.csv")


def test_whole_pages_are_drawn_and_always_the_same_way():
    groups = [f"page {number // 5}" for number in range(1000)]
    splits, _ = assign_splits(groups, [""] * 1000)
    again, _ = assign_splits(groups[::-1], [""] * 1000)
    assert splits == again[::-1]
    by_page = {
        group: {s for g, s in zip(groups, splits, strict=True) if g == group} for group in groups
    }
    assert all(len(found) == 1 for found in by_page.values())
    assert 0.8 < splits.count("train") / 1000 < 0.97
    longer, _ = assign_splits([*groups, "another page"], [""] * 1001)
    assert longer[:1000] == splits, "a new page moves no other"


@pytest.mark.parametrize(("groups", "least"), [(["a"] * 9, 1), (["a", "b", "c"], 1), (["a"], 0)])
def test_small_sets_are_divided_as_far_as_they_go(groups, least):
    splits, _ = assign_splits(groups, [""] * len(groups))
    assert splits.count("train") >= 1
    assert splits.count("validation") >= least and splits.count("test") >= least


def test_validation_is_cut_from_train_where_it_is_missing():
    given = ["train"] * 40 + ["test"] * 5
    splits, notes = assign_splits([str(i) for i in range(45)], given)
    assert splits[40:] == ["test"] * 5 and 0 < splits.count("validation") < 10
    assert "validation cut from train" in notes[1]


def test_format_is_found_out(data, page):
    make_iam(data / "iam")
    save(data / "xml" / "page.jpg", page[0])
    write(data / "xml" / "page.xml", page_xml(page))
    save(data / "table" / "a.png")
    write(data / "table" / "labels.csv", "image,text\na.png,one\n")
    save(data / "folder" / "in" / "a.png")
    write(data / "folder" / "in" / "a.gt.txt", "one")
    kinds = {
        "iam": "iam",
        "xml": "pages",
        "table": "table",
        "table/labels.csv": "table",
        "folder": "folder",
    }
    assert {name: detect_format(data / name) for name in kinds} == kinds
    assert {len(texts(read_lines(data / name))) for name in kinds} == {4, 3, 1}


@pytest.mark.parametrize("kind", ["absent", "empty", "text", "picture"])
def test_what_is_no_line_data_gives_one_clear_line(data, kind):
    path = data / kind
    if kind == "empty":
        path.mkdir()
    elif kind != "absent":
        write(path.with_suffix(".txt"), "words")
        path = path.with_suffix(".txt")
    with pytest.raises(UserError) as error:
        read_lines(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_lines_are_cut_once_and_again_after_a_change(data, page, cache, monkeypatch):
    save(data / "page.jpg", page[0])
    write(data / "page.xml", page_xml(page))
    first = read_lines(data)
    (stored,) = cache.glob("*.npz")

    def refuse(*_):
        raise AssertionError("cut again")

    with monkeypatch.context() as patch:
        patch.setattr("handwriting.lines.readers.pages.cut_page", refuse)
        second = read_lines(data)
        assert second.fingerprint() == first.fingerprint() and second.notes == first.notes
        assert second.train[0].page == "page"
    stored.write_bytes(stored.read_bytes()[:200])
    assert read_lines(data).fingerprint() == first.fingerprint(), "a broken cache is made anew"
    write(data / "page.xml", page_xml(page).replace(TEXTS[0], "another text"))
    assert "another text" in texts(read_lines(data))
    monkeypatch.setattr(line_cache, "VERSION", -1)
    read_lines(data)
    assert len(list(cache.glob("*.npz"))) == 3


def test_real_pages_are_read_in_full(tmp_path):
    folder = real_data("pages/peraire/B.30.tdm_0014.xml") / "pages"
    # One page of each source: all 66 take half a minute.
    names = ["copiste/wikitexte_0041", "hooker/JDH_2_16_147_001", "mss19/manuscrit-verne-20000_f172",
             "peraire/B.3.pologne-urss1_0026", "poilus/TestamentsDePoilus_will_AN_0026-0"]  # fmt: skip
    for name in names:
        for ending in (".jpg", ".xml"):
            target = tmp_path / "real" / (name + ending)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(folder / (name + ending))
    found = read_pages(tmp_path / "real")
    assert (
        len(texts(found))
        == sum((folder / f"{name}.xml").read_text().count("<TextLine") for name in names) - 1
    ), "one line of hooker has no text"
    assert pages(found)["train"].isdisjoint(pages(found)["test"] | pages(found)["validation"])
