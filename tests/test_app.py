"""The web application without a browser: sessions, corrections, limits, settings."""

import json
import zipfile
from pathlib import Path

import pikepdf
import pytest
from app_fakes import MODELS, TEXTS, FakeService, png
from documents import make_document, make_line

from handwriting.app.desk import Desk
from handwriting.app.limits import Limits, read_upload
from handwriting.app.readings import corrected_document, corrected_line
from handwriting.app.server import sweep
from handwriting.app.settings import Settings, from_environment
from handwriting.document import words_of
from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore
from handwriting.feedback.metrics import ServingMetrics


@pytest.fixture
def desk(tmp_path) -> Desk:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    settings = Settings(store=tmp_path / "store")
    store = FeedbackStore(settings.store)
    return Desk(settings, FakeService(), store, ServingMetrics(), uploads, MODELS)


def upload(desk: Desk, name: str = "note.png", data: bytes | None = None) -> str:
    path = desk.uploads / name
    path.write_bytes(png() if data is None else data)
    return str(path)


def session_of(desk: Desk, pages: int = 1):
    desk.service.pages = pages
    *_, session = desk.read_files([upload(desk)])
    return session


def edits(page: int, *texts: str) -> str:
    return json.dumps({"page": page, "texts": list(texts)})


def test_a_corrected_line_keeps_its_place_and_the_places_of_its_words():
    line = make_line("the tide turns")
    corrected = corrected_line(line, "the tides turns")
    assert corrected.text == "the tides turns" and corrected.box == line.box
    assert corrected.confidence is None
    assert [word.box for word in corrected.words] == [word.box for word in line.words]
    assert [word.confidence for word in corrected.words] == [0.9, None, 0.9]


def test_other_words_are_spread_over_the_line():
    line = make_line("the tide turns")
    words = words_of(corrected_line(line, "thetide"))
    assert [word.text for word in words] == ["thetide"]
    assert words[0].box == line.box


def test_uncorrected_documents_stay_as_they_are():
    document = make_document()
    texts = [[line.text for line in page.lines] for page in document.pages]
    assert corrected_document(document, texts) == document


def test_pages_are_read_one_by_one_and_said_to_be(desk):
    desk.service.pages, seen = 3, []
    sessions = list(desk.read_files([upload(desk)], progress=lambda *now: seen.append(now)))
    assert [len(session.readings) for session in sessions] == [1, 2, 3]
    assert seen == [(0, 3), (1, 3), (2, 3)]
    assert sessions[-1].texts == [list(TEXTS)] * 3


@pytest.mark.parametrize("format, mark", [("text", b"high water"), ("json", b"high water")])
def test_downloads_have_the_corrected_text(desk, format, mark):
    session = session_of(desk)
    session.edit(edits(0, "high water", TEXTS[1]))
    data = session.write(format).read_bytes()
    assert mark in data and b"the tide turns" not in data


def test_the_pdf_and_the_alto_have_the_corrected_words(desk):
    session = session_of(desk)
    session.edit(edits(0, "the tides turns", TEXTS[1]))
    with pikepdf.open(session.write("pdf")) as pdf:
        assert len(pdf.pages) == 1
    alto = session.write("alto").read_text()
    assert 'CONTENT="tides"' in alto and 'CONTENT="tide"' not in alto
    assert session.write("docx").read_bytes().startswith(b"PK")


def test_alto_of_several_pages_is_a_zip(desk):
    path = session_of(desk, pages=2).write("alto")
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["handwriting-1.alto.xml", "handwriting-2.alto.xml"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "[" * 9999,
        edits(0, "one"),
        edits(5, "a", "b"),
        edits(-1, "a", "b"),
        '{"page": 0, "texts": [1, 2]}',
        '{"page": "0", "texts": ["a", "b"]}',
    ],
)
def test_edits_that_do_not_fit_change_nothing(desk, text):
    session = session_of(desk)
    session.edit(text)
    assert session.texts == [list(TEXTS)]


def test_a_view_has_texts_as_data_and_marks_doubtful_words(desk):
    session = session_of(desk)
    session.edit(edits(0, "<img src=x onerror=alert(1)>", TEXTS[1]))
    view = session.view(0)
    assert view["lines"][0]["text"] == "<img src=x onerror=alert(1)>"
    assert view["lines"][0]["read"] == TEXTS[0]
    assert view["picture"].startswith("data:image/jpeg;base64,")
    assert not any(line["doubtful"] for line in view["lines"])
    json.dumps(view, allow_nan=False)


def test_only_corrected_lines_are_saved_and_their_source_can_be_deleted(desk):
    session = session_of(desk)
    assert desk.save_lines(session, "web:1") == 0 and "cut" not in desk.service.calls
    session.edit(edits(0, TEXTS[0], "at six"))
    assert desk.save_lines(session, "web:1") == 1
    (item,) = desk.store.items()
    assert (item.prediction, item.correction, item.kind) == (TEXTS[1], "at six", "line")
    assert desk.store.image(item).shape == (64, 80)
    assert desk.store.delete(source="web:1") == 1


def test_nothing_is_stored_unless_saved(desk):
    session_of(desk)
    reading = desk.read_character(png(), "mnist")
    assert not list(desk.store.items())
    desk.save_character(reading, " 7 ", "web:2")
    (item,) = desk.store.items()
    assert (item.prediction, item.correction, item.model) == ("1", "7", "mnist")
    with pytest.raises(UserError, match="write what it is"):
        desk.save_character(reading, "  ", "web:2")


def test_without_a_store_saving_says_so(desk):
    desk.store = None
    with pytest.raises(UserError, match="keeps no corrections"):
        desk.save_character(desk.read_character(png(), "mnist"), "7", "")


def test_requests_errors_and_corrections_are_counted(desk):
    reading = desk.read_character(png(), "mnist")
    with pytest.raises(UserError):
        desk.read_character(b"no picture", "mnist")
    desk.save_character(reading, "7", "")
    text = desk.metrics.text().decode()
    assert 'handwriting_requests_total{kind="character"} 2.0' in text
    assert 'handwriting_errors_total{error="refused",kind="character"} 1.0' in text
    assert 'handwriting_corrections_total{changed="yes"} 1.0' in text


def test_too_many_files_and_pages_are_refused_before_any_is_read(desk):
    limits = Limits(files=1, pages=2)
    desk.settings = Settings(store=Path(), limits=limits)
    with pytest.raises(UserError, match="2 files are too many"):
        list(desk.read_files([upload(desk), upload(desk, "b.png")]))
    desk.service.pages = 3
    with pytest.raises(UserError, match="3 pages are too many"):
        list(desk.read_files([upload(desk)]))
    assert "page" not in desk.service.calls


def test_limits_name_the_file_and_what_is_allowed():
    limits = Limits(megabytes=1, megapixels=1)
    with pytest.raises(UserError, match=r"a\.png: 2\.0 MB are too many; at most 1 MB"):
        limits.check_bytes(2_000_000, "a.png")
    with pytest.raises(UserError, match="the file is empty"):
        limits.check_bytes(0, "a.png")
    with pytest.raises(UserError, match="2,000 × 1,000 pixels are too many; at most 1 million"):
        limits.check_picture(png(2000, 1000), "a.png")
    limits.check_picture(b"no picture", "a.png")


def test_only_uploads_are_opened(tmp_path):
    folder = tmp_path / "uploads"
    folder.mkdir()
    outside = tmp_path / "secret.png"
    outside.write_bytes(png())
    (folder / "link.png").symlink_to(outside)
    (folder / "own.png").write_bytes(png())
    (folder / "inner.png").symlink_to(folder / "own.png")
    assert read_upload(folder / "own.png", folder, Limits(), "x") == png()
    places = (outside, folder / "link.png", folder / "inner.png", folder / ".." / "secret.png")
    for place in (*places, "/etc/passwd", "http://127.0.0.1/a.png", "file:///etc/passwd"):
        with pytest.raises(UserError, match="was not uploaded here"):
            read_upload(place, folder, Limits(), "x")


def test_settings_come_from_the_environment_and_the_command_line():
    environment = {
        "HANDWRITING_PORT": "9000",
        "HANDWRITING_ROOT_PATH": "/writing/",
        "HANDWRITING_SAVE": "off",
        "HANDWRITING_MAX_MEGABYTES": "3",
        "HANDWRITING_STORE": "/srv/kept",
    }
    settings = from_environment(environment, host="0.0.0.0", port=8080)
    assert (settings.host, settings.port, settings.root_path) == ("0.0.0.0", 8080, "/writing")
    assert settings.limits.bytes == 3_000_000 and settings.store == Path("/srv/kept")
    assert not settings.save and not settings.operator
    assert from_environment({}).host == "127.0.0.1" and from_environment({}).operator


@pytest.mark.parametrize(
    "environment, message",
    [
        ({"HANDWRITING_PORT": "many"}, "HANDWRITING_PORT=many: write a number"),
        ({"HANDWRITING_SAVE": "perhaps"}, "HANDWRITING_SAVE=perhaps: write 1 or 0"),
        ({"HANDWRITING_MAX_PAGES": "0"}, "write a number above 0"),
        ({"HANDWRITING_USER": "me"}, "set both, or neither"),
        ({"HANDWRITING_ROOT_PATH": "writing"}, "begin it with /"),
    ],
)
def test_settings_that_cannot_be_are_refused(environment, message):
    with pytest.raises(UserError, match=message):
        from_environment(environment)


def test_the_password_is_not_in_the_settings_text():
    assert "geheim" not in repr(Settings(store=Path(), user="me", password="geheim"))


def test_old_uploads_are_swept_and_new_ones_stay(tmp_path):
    import os

    for name, age in (("old", 7200), ("new", 0)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.png").write_bytes(b"x")
        moment = folder.stat().st_mtime - age
        os.utime(folder, (moment, moment))
    assert sweep(tmp_path, hours=1) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
