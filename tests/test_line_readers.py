"""Line data as it comes, whole and broken: what can be read is read, the rest is counted."""

import codecs

import numpy as np
import pytest
from drawn_lines import draw_page, save, texts, write
from layouts import PAGE_TEXTS, page_xml

from handwriting import paths
from handwriting.errors import UserError
from handwriting.lines.readers import cache as line_cache
from handwriting.lines.readers import (
    detect_format,
    read_folder,
    read_iam,
    read_lines,
    read_table,
)
from handwriting.lines.readers.collect import assign_splits
from handwriting.lines.readers.iam import collect_iam, detokenise


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
    collection = collect_iam(data)
    found = collection.finish()
    groups = zip(collection.groups, collection.lines, strict=True)
    assert len({group for group, line in groups if "boat" in line.text}) == 1
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


def test_format_is_found_out(data):
    page = draw_page(PAGE_TEXTS, width=420)
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


def test_lines_are_cut_once_and_again_after_a_change(data, cache, monkeypatch):
    page = draw_page(PAGE_TEXTS, width=420)
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
    write(data / "page.xml", page_xml(page).replace(PAGE_TEXTS[0], "another text"))
    assert "another text" in texts(read_lines(data))
    monkeypatch.setattr(line_cache, "VERSION", -1)
    read_lines(data)
    assert len(list(cache.glob("*.npz"))) == 3
