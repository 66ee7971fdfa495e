"""Fetching: what is there at the end is the published file, whatever the network does."""

import gzip
import hashlib
import struct

import pytest
from local_server import Site, serve

from handwriting.download import disk
from handwriting.download.catalogue import FileEntry, load_catalogue
from handwriting.download.checks import check_file, problem_of
from handwriting.download.fetch import Patience, fetch
from handwriting.download.obtain import obtain_all
from handwriting.download.status import check_set, describe
from handwriting.errors import UserError

BODY = bytes(range(256)) * 2000
QUICK = Patience(timeout=5, tries=3, pause=0.01)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def idx(items: int, value: int = 7) -> bytes:
    """An idx file of labels, unpacked."""
    return b"\0\0\x08\x01" + struct.pack(">I", items) + bytes([value]) * items


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def site():
    with serve(Site(content={"file.bin": BODY})) as running:
        yield running


def get(site, target, name="file.bin", **expected):
    entry = FileEntry(target.name, **({"sha256": sha256(BODY)} | expected))
    fetch(site.address + name, target, lambda part: problem_of(part, entry), patience=QUICK)


def names(folder) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_download_is_complete_and_leaves_nothing_else(site, tmp_path):
    get(site, tmp_path / "new" / "file.bin")
    assert (tmp_path / "new" / "file.bin").read_bytes() == BODY
    assert names(tmp_path / "new") == ["file.bin"]


def test_a_dropped_connection_goes_on_where_it_stopped(site, tmp_path):
    site.drop_after, site.drops = 100_000, 2
    get(site, tmp_path / "file.bin")
    assert (tmp_path / "file.bin").read_bytes() == BODY
    assert [asked for _, asked in site.requests] == [None, "bytes=100000-", "bytes=200000-"]


def test_a_second_run_resumes_the_first(site, tmp_path):
    site.drop_after, site.drops = 300_000, 1
    entry = FileEntry("file.bin", sha256=sha256(BODY))
    url = site.address + "file.bin"
    with pytest.raises(UserError, match="run the command again to go on"):
        fetch(url, tmp_path / "file.bin", lambda part: problem_of(part, entry), 0, Patience(5, 1))
    assert check_file(tmp_path / "file.bin", entry).reason == "download unfinished, 0.3 MB so far"
    get(site, tmp_path / "file.bin")
    assert site.requests[-1] == ("file.bin", "bytes=300000-")
    assert (tmp_path / "file.bin").read_bytes() == BODY


def test_a_server_that_ignores_range_starts_over(site, tmp_path):
    site.drop_after, site.drops, site.ranges = 100_000, 1, False
    get(site, tmp_path / "file.bin")
    assert (tmp_path / "file.bin").read_bytes() == BODY


def test_a_file_that_changed_in_between_starts_over(site, tmp_path):
    site.drop_after, site.drops = 100_000, 1
    with pytest.raises(UserError):
        fetch(site.address + "file.bin", tmp_path / "file.bin", lambda _: "", 0, Patience(5, 1))
    site.content["file.bin"], site.etag = BODY[::-1], '"two"'
    get(site, tmp_path / "file.bin", sha256=sha256(BODY[::-1]))
    assert (tmp_path / "file.bin").read_bytes() == BODY[::-1]


def test_without_an_etag_old_bytes_are_not_trusted(site, tmp_path):
    site.drop_after, site.drops, site.etag = 100_000, 1, ""
    get(site, tmp_path / "file.bin")
    assert [asked for _, asked in site.requests] == [None, None]
    assert (tmp_path / "file.bin").read_bytes() == BODY


def test_killed_after_the_last_byte_asks_for_nothing_more(site, tmp_path):
    site.content["file.bin"] += b"!"
    site.drop_after, site.drops = len(BODY), 1
    with pytest.raises(UserError):
        fetch(site.address + "file.bin", tmp_path / "file.bin", lambda _: "", 0, Patience(5, 1))
    site.content["file.bin"] = BODY
    get(site, tmp_path / "file.bin")
    assert (tmp_path / "file.bin").read_bytes() == BODY
    assert len(site.requests) == 2


def test_a_busy_server_is_asked_again(site, tmp_path):
    site.busy = 2
    get(site, tmp_path / "file.bin")
    assert len(site.requests) == 3


def test_not_found_is_said_at_once(site, tmp_path):
    with pytest.raises(UserError, match="404"):
        get(site, tmp_path / "file.bin", name="gone.bin")
    assert len(site.requests) == 1 and names(tmp_path) == []


def test_nobody_there_is_one_line(tmp_path):
    with serve(Site()) as closed:
        pass
    with pytest.raises(UserError, match="connection failed") as caught:
        get(closed, tmp_path / "file.bin")
    assert "\n" not in str(caught.value)


def test_wrong_content_is_kept_aside_and_the_good_file_stays(site, tmp_path):
    (tmp_path / "file.bin").write_bytes(b"good old")
    with pytest.raises(UserError) as caught:
        get(site, tmp_path / "file.bin", sha256="0" * 64)
    message = str(caught.value)
    assert sha256(BODY) in message and "0" * 64 in message and "file.bin.broken" in message
    assert (tmp_path / "file.bin").read_bytes() == b"good old"
    assert names(tmp_path) == ["file.bin", "file.bin.broken"]


def test_wrong_bytes_from_before_cost_a_second_download_only(site, tmp_path):
    site.drop_after, site.drops = 100_000, 1
    with pytest.raises(UserError):
        fetch(site.address + "file.bin", tmp_path / "file.bin", lambda _: "", 0, Patience(5, 1))
    (tmp_path / "file.bin.part").write_bytes(b"x" * 100_000)
    get(site, tmp_path / "file.bin")
    assert (tmp_path / "file.bin").read_bytes() == BODY


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://127.0.0.1/x", "data:,x", "http:"])
def test_only_the_web_is_fetched(url, tmp_path):
    with pytest.raises(UserError, match="only http and https"):
        fetch(url, tmp_path / "x", lambda _: "")


def test_a_redirect_to_a_local_file_is_refused(site, tmp_path):
    site.redirect["file.bin"] = "file:///etc/hostname"
    with pytest.raises(UserError):
        get(site, tmp_path / "file.bin")
    assert not (tmp_path / "file.bin").exists()


def test_a_full_disk_is_said_before_the_download(site, tmp_path):
    with pytest.raises(UserError, match="the disk is too full"):
        fetch(site.address + "file.bin", tmp_path / "file.bin", lambda _: "", size=1 << 60)
    assert not site.requests


@pytest.mark.parametrize("number, words", [(28, "the disk is full"), (13, "no permission")])
def test_disk_errors_have_a_remedy(number, words, tmp_path):
    with pytest.raises(UserError, match=f"{words}.*--data"), disk.disk_errors(tmp_path):
        raise OSError(number, "cause")


def state(path, **entry) -> str:
    found = check_file(path, FileEntry("x-labels-idx1-ubyte.gz", **entry))
    return f"{found.state}: {found.reason}"


def test_states_of_an_idx_file(tmp_path):
    path = tmp_path / "x-labels-idx1-ubyte.gz"
    assert state(path) == "missing: not here"
    path.write_bytes(b"")
    assert state(path) == "broken: empty file"
    whole = gzip.compress(idx(100))
    path.write_bytes(whole)
    assert state(path, sha256=sha256(whole)) == "complete: SHA-256 matches"
    assert state(path, md5=hashlib.md5(whole).hexdigest()) == "complete: MD5 matches"
    assert state(path, items=100) == "complete: 100 items, no checksum known"
    assert state(path, items=250) == "partial: 100 of 250 items"
    assert state(path, items=100, md5="0" * 32).startswith("different: 100 items")
    assert state(path, items=100, content_sha256="0" * 64).startswith("broken: wrong content")
    both = {"sha256": "0" * 64, "content_sha256": sha256(idx(100))}
    assert state(path, **both) == "complete: content matches, packed anew"


def test_a_damaged_idx_file_says_how(tmp_path):
    path = tmp_path / "x-labels-idx1-ubyte.gz"
    whole = gzip.compress(idx(5000, 3) + b"")
    path.write_bytes(whole[:-6])
    assert state(path).startswith("broken: truncated gzip")
    path.write_bytes(b"<html>not found</html>")
    assert state(path).startswith("broken: damaged gzip")
    path.write_bytes(gzip.compress(b"PNG" * 20))
    assert state(path).startswith("broken: wrong idx header")
    path.write_bytes(gzip.compress(idx(100)[:-1]))
    assert state(path) == "broken: wrong idx header: it announces 108 bytes, 107 are there"


def catalogue(tmp_path, site, **entry) -> dict:
    """A catalogue of one set, `small`, whose only file the local site serves."""
    lines = [f"{key} = {value!r}" for key, value in entry.items()]
    head = [f"{key} = ''" for key in ("title", "licence", "size", "source", "citation", "by_hand")]
    file = ["[[small.files]]", "path = 'small/a.bin'", f"url = '{site.address}file.bin'"]
    path = tmp_path / "sets.toml"
    path.write_text("\n".join(["[small]", *head, *file, *lines]))
    return load_catalogue(path)


def test_an_unknown_hash_is_noted_once_and_held_to_later(site, tmp_path, capsys):
    small = catalogue(tmp_path, site, sha256="")["small"]
    assert obtain_all([small], tmp_path) == 0
    assert "no checksum known" in capsys.readouterr().out
    assert (tmp_path / "small/a.bin.sha256").read_text() == f"{sha256(BODY)}  a.bin\n"
    assert describe(check_set(small, tmp_path)) == "complete"
    (tmp_path / "small/a.bin").write_bytes(BODY[:-1] + b"?")
    assert check_set(small, tmp_path)[0].state == "broken"


def test_a_complete_set_is_not_fetched_again(site, tmp_path):
    small = catalogue(tmp_path, site, sha256=sha256(BODY))["small"]
    obtain_all([small], tmp_path)
    obtain_all([small], tmp_path)
    assert len(site.requests) == 1


def test_the_own_catalogue_is_whole():
    sets = load_catalogue()
    assert {"mnist", "emnist", "emnist-matlab", "kaggle-characters"} <= set(sets)
    for each in sets.values():
        assert each.licence and each.size and each.by_hand and each.source and each.citation
        sources = [entry for entry in each.files if entry.url]
        assert sources or each.archive
    assert all(len(entry.sha256) == 64 and entry.size for entry in sets["mnist"].files)
    assert len(sets["emnist"].files) == 6 * 5


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", ""])
def test_a_catalogue_cannot_name_a_path_outside(path, tmp_path, site):
    text = (tmp_path / "sets.toml", catalogue(tmp_path, site))[0].read_text()
    (tmp_path / "sets.toml").write_text(text.replace("small/a.bin", path))
    with pytest.raises(UserError, match="leaves the data folder"):
        load_catalogue(tmp_path / "sets.toml")


@pytest.mark.parametrize("text", ["[small", "[small]\nbogus = 1", "small = 3"])
def test_a_catalogue_that_is_none_is_one_line(text, tmp_path):
    (tmp_path / "sets.toml").write_text(text)
    with pytest.raises(UserError, match="not a valid catalogue"):
        load_catalogue(tmp_path / "sets.toml")
