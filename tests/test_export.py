"""Writing files, and the formats of plain text, JSON and DOCX."""

import io
import json
import os
from datetime import timedelta, timezone

import docx
import pytest
from documents import (
    CREATED,
    make_block,
    make_document,
    make_line,
    make_page,
    odd_document,
)

from handwriting.errors import UserError
from handwriting.export import EXPORTERS, export
from handwriting.export.plain import escape_markdown


def written(document, format, **options) -> str:
    stream = io.BytesIO()
    assert export(document, format, stream, **options) == ()
    return stream.getvalue().decode()


def loaded(document, **options):
    stream = io.BytesIO()
    export(document, "docx", stream, **options)
    return docx.Document(io.BytesIO(stream.getvalue()))


@pytest.fixture
def three_pages():
    pages = [
        make_page(make_block(make_line("first sheet")), number=1, file="a.tif"),
        make_page(number=2, file="a.tif"),
        make_page(make_block(make_line("third sheet")), number=3, file="b_c.png"),
    ]
    return make_document(*pages)


def test_text_has_lines_blocks_and_pages(three_pages):
    assert written(make_document(), "text") == "the tide turns\nat five & a bit\n\n« très tôt »\n"
    assert written(three_pages, "text") == "first sheet\n\f\fthird sheet\n"
    assert written(three_pages, "text", page_separator="==\n").count("==\n") == 2


def test_markdown_keeps_line_breaks_and_separates_pages(three_pages):
    assert written(make_document(), "markdown") == (
        "the tide turns  \nat five &amp; a bit\n\n« très tôt »\n"
    )
    text = written(three_pages, "markdown")
    assert text.startswith("## Page 1 (a.tif)\n\nfirst sheet\n\n## Page 2 (a.tif)\n")
    assert text.endswith("## Page 3 (b\\_c.png)\n\nthird sheet\n")
    assert written(three_pages, "markdown", page_headings=False).count("\n---\n") == 2


@pytest.mark.parametrize(
    "line, expected",
    [
        ("- no list", r"\- no list"),
        ("# no heading", r"\# no heading"),
        ("12. no number", r"12\. no number"),
        ("3) nor this", r"3\) nor this"),
        ("12 apples. Ripe", "12 apples. Ripe"),
        ("> no quotation > at all", "&gt; no quotation > at all"),
        ("=====", r"\====="),
        ("a*b*c_d_ `e` [f](g) ~~h~~", r"a\*b\*c\_d\_ \`e\` \[f\](g) \~\~h\~\~"),
        ("back\\slash | $1$", r"back\\slash \| \$1\$"),
        ("&amp; <br>", "&amp;amp; &lt;br>"),
        ("", ""),
    ],
)
def test_markdown_shows_signs_as_they_are(line, expected):
    assert escape_markdown(line) == expected


def test_json_carries_places_and_alternatives():
    page = found = json.loads(written(make_document(), "json"))
    assert found["file"] == "in/ebb.png" and found["model"] == "lines"
    assert found["text"] == "the tide turns\nat five & a bit\n\n« très tôt »"
    assert 0.5 < found["confidence"] < 0.9
    assert (page["page"], page["width"], page["dpi"], page["language"]) == (1, 400, 100, "fr")
    assert [line["block"] for line in page["lines"]] == [0, 0, 1]
    line = page["lines"][0]
    assert line["text"] == "the tide turns" and line["confidence"] == 0.9
    assert line["box"] == [20, 22, 188, 46]
    assert line["baseline"] == [[20, 40], [188, 40]]
    word = line["words"][1]
    assert word["text"] == "tide" and word["box"] == [68, 22, 116, 46]
    assert word["alternatives"][0] == {"text": "tides", "probability": 0.06}


def test_json_has_one_object_a_page(three_pages):
    lines = [json.loads(line) for line in written(three_pages, "json").splitlines()]
    assert [found["file"] for found in lines] == ["a.tif", "a.tif", "b_c.png"]
    assert [found["page"] for found in lines] == [page.number for page in three_pages.pages]
    assert lines[1]["lines"] == []


def test_docx_has_a_paragraph_a_block(three_pages):
    found = loaded(make_document())
    texts = [paragraph.text for paragraph in found.paragraphs]
    assert texts == ["the tide turns\nat five & a bit", "« très tôt »"]
    facts = found.core_properties
    assert (facts.title, facts.language) == ("ebb", "fr")
    assert facts.created.year == 2024 and "python-docx" not in facts.author + facts.comments
    breaks = [p.paragraph_format.page_break_before for p in loaded(three_pages).paragraphs]
    assert breaks == [False, True, True]


def test_docx_has_the_time_in_utc():
    west = CREATED.astimezone(timezone(timedelta(hours=-8)))
    assert loaded(make_document(created=west)).core_properties.created == CREATED


def test_docx_highlights_doubtful_words_on_request():
    def marked(**options):
        runs = [run for p in loaded(make_document(), **options).paragraphs for run in p.runs]
        return [run.text for run in runs if run.font.highlight_color]

    assert marked() == []
    assert marked(highlight_below=0.6) == ["«", "très", "tôt", "»"]


@pytest.mark.parametrize("format", [name for name in EXPORTERS if name not in ("pdf", "docx")])
def test_every_text_format_bears_odd_documents(format):
    text = written(odd_document(), format)
    assert "😀]]" in text.replace("\\]", "]")
    assert not set("\x00\x01\x07\ud800\udce9") & set(text) and "nan" not in text.lower()


def test_docx_bears_odd_documents():
    found = loaded(odd_document(), highlight_below=0.5)
    assert found.paragraphs[0].text == '<a> 😀]]>\nit\'s "so"'
    assert found.core_properties.title == "a  <title>"


def test_formats_of_one_page_number_their_files(tmp_path, three_pages):
    assert export(make_document(), "alto", tmp_path / "o.xml") == (tmp_path / "o.xml",)
    paths = export(three_pages, "page", tmp_path / "my.scan.page.xml")
    assert [path.name for path in paths] == [f"my.scan-{i}.page.xml" for i in (1, 2, 3)]
    assert "third sheet" in paths[2].read_text(encoding="utf-8")
    with pytest.raises(UserError, match="one page"):
        written(three_pages, "alto")


def test_a_failed_export_leaves_the_older_file(tmp_path, monkeypatch):
    target = tmp_path / "o.json"
    target.write_text("old")

    def write(document, stream):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(EXPORTERS, "json", EXPORTERS["json"]._replace(write=write))
    with pytest.raises(UserError, match="No space left"):
        export(make_document(), "json", target)
    assert target.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_a_new_file_takes_the_place_of_an_older_one_at_once(tmp_path):
    target = tmp_path / "o.txt"
    target.write_text("old")
    with open(target) as older:
        export(make_document(), "text", target)
        assert older.read() == "old"
    assert target.read_text(encoding="utf-8").startswith("the tide")


def test_new_files_have_the_usual_permissions(tmp_path):
    (tmp_path / "plain").write_text("x")
    (path,) = export(make_document(), "text", tmp_path / "o.txt")
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("target, message", [("no/such/o.txt", "no folder"), (".", "is a folder")])
def test_places_that_cannot_be_written_are_one_line(tmp_path, target, message):
    with pytest.raises(UserError, match=message) as caught:
        export(make_document(), "text", tmp_path / target)
    assert "\n" not in str(caught.value) and list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    export(make_document(), "text", pipe)
    assert os.read(reader, 1000).decode().startswith("the tide")
    os.close(reader)
    assert pipe.is_fifo()


def test_unknown_formats_are_named():
    with pytest.raises(UserError, match=r"odt: no such format; choose one of text, .*docx"):
        written(make_document(), "odt")
