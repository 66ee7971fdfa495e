"""Unpacking: all or nothing, and nothing outside the folder, whoever packed the archive."""

import io
import os
import stat
import tarfile
import zipfile

import pytest

from handwriting.download.archives import MANIFEST, unpack
from handwriting.download.catalogue import Archive
from handwriting.errors import UserError

GOOD = {"gzip/a.gz": b"first", "gzip/deep/b.gz": b"second"}


def rules(**values) -> Archive:
    return Archive(None, "target", **values)


def make_zip(path, members: dict, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def make_tar(path, *infos, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for info, content in infos:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def tar_info(name, kind=tarfile.REGTYPE, link="") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def tree(folder) -> dict:
    files = (each for each in folder.rglob("*") if each.is_file() and each.name != MANIFEST)
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in files}


@pytest.fixture
def target(tmp_path):
    return tmp_path / "data" / "target"


def refused(path, target, limits, words):
    """The archive is refused in one line, and nothing at all was written for it."""
    beside = {each.name for each in path.parent.iterdir()} - {"data"}
    with pytest.raises(UserError, match=words) as caught:
        unpack(path, target, limits)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)
    assert not target.exists() and not list(target.parent.glob(".*"))
    assert {each.name for each in path.parent.iterdir()} - {"data"} == beside


def test_a_zip_is_unpacked(tmp_path, target):
    assert unpack(make_zip(tmp_path / "a.zip", GOOD), target, rules()) is None
    assert tree(target) == GOOD


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_is_unpacked(mode, tmp_path, target):
    members = [(tar_info(name), content) for name, content in GOOD.items()]
    unpack(make_tar(tmp_path / "a.tar", *members, mode=mode), target, rules())
    assert tree(target) == GOOD


def test_only_what_is_wanted_is_unpacked(tmp_path, target):
    path = make_zip(tmp_path / "a.zip", GOOD | {"__MACOSX/x": b"", "other/y": b""})
    unpack(path, target, rules(inside="gzip", keep=("deep",)))
    assert tree(target) == {"deep/b.gz": b"second"}


def test_an_archive_of_something_else_is_named(tmp_path, target):
    path = make_zip(tmp_path / "a.zip", {"holiday.jpg": b"x"})
    refused(path, target, rules(keep=("Train",)), "does not hold Train")


def test_what_was_there_is_kept_aside(tmp_path, target):
    target.mkdir(parents=True)
    (target / "mine").write_bytes(b"work")
    old = unpack(make_zip(tmp_path / "a.zip", GOOD), target, rules())
    assert tree(target) == GOOD and tree(old) == {"mine": b"work"}


UNSAFE = ["../x", "a/../../x", "/etc/x", "C:/x", "..\\x", "a\\..\\..\\x", "//host/x", "a\nb"]


@pytest.mark.parametrize("name", UNSAFE)
def test_a_zip_cannot_write_outside(name, tmp_path, target):
    path = make_zip(tmp_path / "a.zip", {"good": b"x", name: b"evil"})
    refused(path, target, rules(), "would leave the folder")


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x"])
def test_a_tar_cannot_write_outside(name, tmp_path, target):
    path = make_tar(tmp_path / "a.tgz", (tar_info("good"), b"x"), (tar_info(name), b"evil"))
    refused(path, target, rules(), "would leave the folder")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_links_in_a_tar_are_refused(kind, tmp_path, target):
    link = tar_info("link", kind, "/etc")
    path = make_tar(tmp_path / "a.tgz", (link, b""), (tar_info("link/x"), b"evil"))
    refused(path, target, rules(), "is a link")


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_devices_in_a_tar_are_refused(kind, tmp_path, target):
    refused(make_tar(tmp_path / "a.tgz", (tar_info("x", kind), b"")), target, rules(), "a device")


def test_links_in_a_zip_are_refused(tmp_path, target):
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    refused(tmp_path / "a.zip", target, rules(), "is a link")


def test_a_zip_bomb_is_refused_by_its_ratio(tmp_path, target):
    path = make_zip(tmp_path / "a.zip", {"zeros": bytes(20_000_000)})
    refused(path, target, rules(), "100 times its size; it may be a zip bomb")


def test_a_tar_bomb_is_refused_by_its_ratio(tmp_path, target):
    path = make_tar(tmp_path / "a.tgz", (tar_info("zeros"), bytes(5_000_000)))
    refused(path, target, rules(), "zip bomb")


def test_limits_on_size_and_count(tmp_path, target):
    path = make_zip(tmp_path / "a.zip", {str(n): os.urandom(1000) for n in range(20)})
    refused(path, target, rules(max_members=19), "more than 19 files")
    refused(path, target, rules(max_bytes=19_999), "unpacks to more than")
    unpack(path, target, rules(max_members=20, max_bytes=20_000))


def test_a_zip_that_understates_its_size_is_refused(tmp_path, target):
    path = make_zip(tmp_path / "a.zip", {"x": b"a" * 5000})
    raw = path.read_bytes()
    path.write_bytes(raw.replace((5000).to_bytes(4, "little"), (50).to_bytes(4, "little")))
    with pytest.raises(UserError):
        unpack(path, target, rules())
    assert not target.exists()


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["zip", "tgz", "tar"])
def test_a_truncated_archive_leaves_nothing(kind, cut, tmp_path, target):
    members = {str(n): os.urandom(20_000) for n in range(5)}
    path = tmp_path / f"a.{kind}"
    if kind == "zip":
        make_zip(path, members)
    else:
        infos = [(tar_info(name), content) for name, content in members.items()]
        make_tar(path, *infos, mode="w:gz" if kind == "tgz" else "w")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * cut)])
    refused(path, target, rules(), "damaged archive")


def test_a_flipped_byte_leaves_nothing(tmp_path, target):
    content = os.urandom(50_000)
    path = make_zip(tmp_path / "a.zip", {"a": b"fine", "b": content})
    raw = bytearray(path.read_bytes())
    raw[25_000] ^= 255
    path.write_bytes(raw)
    refused(path, target, rules(), "damaged archive")


@pytest.mark.parametrize("content", [b"", b"<html>sign in</html>", os.urandom(5000)])
def test_a_file_that_is_no_archive(content, tmp_path, target):
    (tmp_path / "a.zip").write_bytes(content)
    refused(tmp_path / "a.zip", target, rules(), "neither a whole zip nor a whole tar")


def test_the_same_name_twice_is_refused(tmp_path, target):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", "1")
        archive.writestr("./x", "2")
    refused(path, target, rules(), "in the archive twice")


def test_an_interrupted_unpack_never_looks_complete(tmp_path, target, monkeypatch):
    path = make_zip(tmp_path / "a.zip", GOOD)

    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("handwriting.download.archives.read_chunks", stop)
    with pytest.raises(KeyboardInterrupt):
        unpack(path, target, rules())
    assert list(target.parent.iterdir()) == []


def test_a_killed_unpack_is_begun_anew(tmp_path, target):
    left = target.parent / ".target.unpacking"
    left.mkdir(parents=True)
    (left / "gzip").write_bytes(b"half")
    unpack(make_zip(tmp_path / "a.zip", GOOD), target, rules())
    assert tree(target) == GOOD and not left.exists()
