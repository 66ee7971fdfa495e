"""The server over HTTP: what programs get, and what nobody gets."""

import base64
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from app_fakes import MODELS, FakeService, png

pytest.importorskip("gradio", reason="gradio serves the application")
from starlette.testclient import TestClient

from handwriting.app.characters_page import SEEN_SCALE, CharactersPage, seen_picture
from handwriting.app.corrections_page import CorrectionsPage
from handwriting.app.desk import Desk
from handwriting.app.limits import Limits
from handwriting.app.pages_page import PagesPage
from handwriting.app.parts import source_of
from handwriting.app.server import build_app, upload_folder
from handwriting.app.settings import Settings
from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore
from handwriting.feedback.metrics import ServingMetrics

API = "/gradio_api"
FILE = {"_type": "gradio.FileData"}


def make_desk(folder: Path, uploads: Path, **facts) -> Desk:
    settings = Settings(store=folder / "store", limits=Limits(megabytes=1), **facts)
    store = FeedbackStore(settings.store)
    return Desk(settings, FakeService(), store, ServingMetrics(), uploads, MODELS)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with upload_folder() as uploads:
        yield make_desk(tmp_path_factory.mktemp("app"), uploads)
    assert not uploads.exists()


@pytest.fixture(scope="module")
def client(desk):
    with TestClient(build_app(desk)) as client:
        yield client


def upload(client, data: bytes | None = None, name: str = "note.png") -> str:
    files = {"files": (name, png() if data is None else data)}
    return client.post(f"{API}/upload", files=files).raise_for_status().json()[0]


def read_character(client, path, **file):
    data = [{"path": path, "meta": FILE, **file}, "mnist", 2]
    return client.post(f"{API}/run/character", json={"data": data})


def call(client, name: str, *data):
    """An endpoint of the queue: the last message of its stream."""
    start = client.post(f"{API}/call/{name}", json={"data": list(data)}).raise_for_status()
    stream = client.get(f"{API}/call/{name}/{start.json()['event_id']}").text
    event, _, values = stream.strip().rpartition("\n\n")[2].partition("\n")
    return event.removeprefix("event: "), json.loads(values.removeprefix("data: "))


def test_a_program_reads_a_character(client):
    answer = read_character(client, upload(client)).json()["data"][0]
    assert (answer["text"], answer["confidence"], answer["model"]) == ("1", 0.9, "mnist")
    assert [other["text"] for other in answer["top"]] == ["1", "<b>7</b>"]


def test_a_program_reads_lines_pages_and_documents(client, desk):
    file = {"path": upload(client), "meta": FILE}
    event, (line,) = call(client, "line", file)
    assert event == "complete" and line["text"] == "the tide turns" and len(line["words"]) == 3
    _, (page,) = call(client, "page", file)
    assert page["pages"][0]["lines"][1]["text"] == "at five & a bit"
    _, (document,) = call(client, "document", file, "text")
    assert client.get(f"{API}/file={document['path']}").text.startswith("the tide turns")
    assert document["path"].startswith(str(desk.uploads))


def test_every_endpoint_and_only_those_are_documented(client):
    named = client.get(f"{API}/info").json()["named_endpoints"]
    assert sorted(named) == ["/character", "/document", "/line", "/page"]


def test_errors_are_one_line_for_programs(client):
    answer = read_character(client, upload(client, b"no picture"))
    assert answer.status_code == 500
    assert answer.json()["error"] == "the picture: is not an image; save it as PNG"


@pytest.mark.parametrize(
    "place",
    [
        "/etc/passwd",
        "../../../../etc/passwd",
        "{upload}/../../../../../etc/passwd",
        "{link}",
        "file:///etc/passwd",
        "http://127.0.0.1:7860/health",
        "https://example.org/a.png",
        "ftp://example.org/a.png",
        " http://127.0.0.1/",
        "{root}/README.md",
        "",
        "\0",
        None,
        7,
    ],
)
def test_nothing_but_uploads_can_be_named(client, desk, tmp_path, place):
    """Neither as an input of an endpoint nor as a file to fetch."""
    link = desk.uploads / "link.png"
    link.unlink(missing_ok=True)
    link.symlink_to("/etc/passwd")
    if isinstance(place, str):
        root = Path(__file__).parents[1]
        place = place.format(upload=upload(client), link=link, root=root)
    for body in ({"meta": FILE}, {}, {"url": "http://127.0.0.1:7860/health", "meta": FILE}):
        before = list(desk.service.calls)
        answer = client.post(
            f"{API}/run/character", json={"data": [{"path": place, **body}, "mnist", 2]}
        )
        assert answer.status_code == 400 and "uploaded here" in answer.text
        assert desk.service.calls == before
    joined = client.post(f"{API}/call/page", json={"data": [{"path": place, "meta": FILE}]})
    assert joined.status_code == 400
    if isinstance(place, str) and "\0" not in place:
        fetched = client.get(f"{API}/file={place}")
        assert fetched.status_code in (403, 404) and "root:" not in fetched.text


def test_an_address_beside_an_upload_is_not_fetched(client, desk):
    answer = read_character(client, upload(client), url="http://127.0.0.1:9/none.png")
    assert answer.json()["data"][0]["text"] == "1"


def test_gradio_itself_refuses_what_is_no_upload(client):
    """The guard is the first line; mounted, Gradio's own check has to be switched on."""
    gradio_app = client.app.app if hasattr(client.app, "app") else client.app
    (mount,) = [route for route in gradio_app.routes if type(route).__name__ == "Mount"]
    assert mount.app.get_blocks().has_launched


@pytest.mark.parametrize("path", ["/proxy=http://127.0.0.1/", "/deep_link", "/runs"])
def test_what_would_fetch_or_publish_is_closed(client, path):
    assert client.get(f"{API}{path}").status_code == 404


def test_names_of_uploads_are_no_paths(client, desk):
    path = Path(upload(client, name="../../evil.png"))
    assert path.resolve().is_relative_to(desk.uploads)
    assert not list(desk.uploads.parent.glob("evil.png"))


def test_files_and_requests_that_are_too_big_are_refused(client):
    big = client.post(f"{API}/upload", files={"files": ("a.png", b"x" * 1_100_000)})
    assert big.status_code == 413
    long = client.post(f"{API}/run/character", content=b'{"data": ["' + b"x" * 5_000_000 + b'"]}')
    assert long.status_code == 413 and "larger than 4 MB" in long.text
    deep = client.post(f"{API}/run/character", content=b"[" * 100_000)
    assert deep.status_code == 400


def test_health_and_metrics(client):
    health = client.get("/health").json()
    assert health["status"] == "ok" and health["models"] == list(MODELS)
    text = client.get("/metrics").text
    assert "handwriting_requests_total" in text and "handwriting_confidence_bucket" in text


def test_the_page_names_nothing_on_the_internet(client):
    page = client.get("/").text
    assert "fonts.googleapis" not in page and "cdn" not in page.lower()
    manifest = client.get("/app.webmanifest").json()
    icon = client.get(f"/{manifest['icons'][0]['src']}")
    assert icon.headers["content-type"] == "image/png"
    assert client.get("/worker.js").headers["content-type"].startswith("text/javascript")


def test_a_password_closes_everything_but_health(tmp_path):
    with upload_folder() as uploads:
        desk = make_desk(tmp_path, uploads, user="me", password="geheim")
        with TestClient(build_app(desk)) as client:
            assert client.get("/health").status_code == 200
            assert client.get("/metrics").status_code == 401
            basic = base64.b64encode(b"me:geheim").decode()
            seen = client.get("/metrics", headers={"Authorization": f"Basic {basic}"})
            assert seen.status_code == 200
            files = {"files": ("a.png", png())}
            assert client.post(f"{API}/upload", files=files).status_code == 401
            refused = client.post("/login", data={"username": "me", "password": "wrong"})
            assert refused.status_code == 400
            client.post("/login", data={"username": "me", "password": "geheim"})
            assert read_character(client, upload(client)).status_code == 200


def test_behind_a_proxy_addresses_begin_with_its_path(tmp_path):
    with upload_folder() as uploads:
        desk = make_desk(tmp_path, uploads, root_path="/writing")
        with TestClient(build_app(desk)) as client:
            assert client.get("/config").json()["root"].endswith("/writing")


def test_the_seen_picture_is_the_input_enlarged(desk):
    reading = desk.read_character(png(), "mnist")
    picture = np.asarray(seen_picture(reading))
    assert picture.shape == (28 * SEEN_SCALE,) * 2
    assert (picture[::SEEN_SCALE, ::SEEN_SCALE] == 255 - reading.seen).all()


def test_a_drawing_is_read_and_an_empty_pad_clears_the_answer(desk):
    page = CharactersPage(desk)
    drawing = "data:image/png;base64," + base64.b64encode(png()).decode()
    top, _, reading = page.drawn(drawing, "mnist")
    assert top["1"] == 0.9 and reading.text == "1"
    assert page.drawn("", "mnist") == (None, None, None)
    for broken in ("http://127.0.0.1/", "data:image/png;base64,!!", "data:text/html,x"):
        with pytest.raises(UserError, match="draw it again"):
            page.drawn(broken, "mnist")


def test_a_page_is_read_corrected_turned_and_saved(desk):
    page, desk.service.pages = PagesPage(desk), 2
    path = desk.uploads / "<b>.png"
    path.write_bytes(png())
    *_, (session, view, chooser, status) = page.read([str(path)], None, "Find out", None)
    desk.service.pages = 1
    assert len(chooser["choices"]) == 2 and "4 lines on 2 pages" in status and not view["busy"]
    edits = json.dumps({"page": 0, "texts": ["high water", "at five & a bit"]})
    assert page.turn(edits, session, chooser["choices"][1])["page"] == 1
    assert "high water" in Path(page.download("", session, "text")).read_text()
    assert page.save("", session, "ab" * 16) == "1 corrected line saved. Thank you."
    (item,) = desk.store.items(source=source_of("ab" * 16))
    assert item.correction == "high water"


def test_a_visitor_has_the_name_that_the_browser_made_or_none():
    assert source_of("ab" * 16) == "web:" + "ab" * 16
    assert source_of("everything") == source_of("") == "web"


def test_a_visitor_sees_and_deletes_only_what_was_saved_in_the_same_browser(tmp_path):
    names = ("ab" * 16, "cd" * 16)
    desk = make_desk(tmp_path, tmp_path, operator=False)
    for name, text in zip(names, ("7", "i"), strict=True):
        desk.save_character(desk.read_character(png(), "mnist"), text, source_of(name))
    page = CorrectionsPage(desk)
    assert [row[3] for row in page.table(names[0])] == ["7"]
    assert page.counts(names[0]).startswith("From this browser: **1** readings")
    with pytest.raises(UserError, match="only the operator"):
        page.export()
    with pytest.raises(UserError, match="tick the box"):
        page.delete(False, names[0])
    with pytest.raises(UserError, match="no name"):
        page.delete(True, "")
    assert page.delete(True, names[0]) == ("1 readings deleted.", False)
    assert page.table(names[0]) == [] and len(page.table(names[1])) == 1


def test_the_operator_sees_all_and_exports_training_data(tmp_path):
    desk = make_desk(tmp_path, tmp_path)
    page = CorrectionsPage(desk)
    with pytest.raises(UserError, match="nothing was corrected"):
        page.export()
    desk.save_character(desk.read_character(png(), "mnist"), "7", source_of("ab" * 16))
    assert [row[3] for row in page.table("")] == ["7"]
    with zipfile.ZipFile(page.export()) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".png")]
    assert name.startswith("characters/") and "/7/" in name
