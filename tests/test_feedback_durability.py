"""Killed in the middle, a full disk, several processes: nothing acknowledged is lost."""

import errno
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from feedback_rows import quick_disk, reading  # noqa: F401

from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore, checking, pictures

pytestmark = pytest.mark.usefixtures("quick_disk")

# Each child adds readings and prints the id of every one that was acknowledged.
HEAD = """
import os, resource, signal, sys
sys.path.insert(0, {tests!r})
from feedback_rows import reading
from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore, database, pictures, writing

# A killed process loses nothing that the system has: only a power failure needs the waiting.
os.fsync = lambda descriptor: None
database.SETTINGS["synchronous"] = "OFF"

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
"""
WRITE = """
store = FeedbackStore(sys.argv[1])
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    print(store.add(**reading(number, correction="B")), flush=True)
"""
# Where a process dies, as a change to the code that it runs from the fourth reading on.
DEATHS = {
    "half a picture written": """
def half(path, data):
    with open(path, "wb") as file:
        file.write(data[: len(data) // 2])
        file.flush()
        die()
pictures.write_durably = half
""",
    "picture complete, not renamed": "pictures.os.replace = die",
    "picture there, no row": """
writing._INSERT = "INSERT INTO readings (number) SELECT die(?,?,?,?,?,?,?,?,?,?,?)"
""",
    "row written, not committed": "writing._append = die",
}


def child(code: str, *arguments) -> subprocess.Popen:
    tests = str(Path(__file__).parent)
    call = [sys.executable, "-c", HEAD.format(tests=tests) + code, *map(str, arguments)]
    return subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ids_in(folder) -> list[str]:
    with FeedbackStore(folder, create=False) as opened:
        assert opened.check() == []
        assert all(item.correction == "B" for item in opened.items())
        return [item.id for item in opened.items()]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("death", DEATHS)
def test_killed_at_the_worst_moment(tmp_path, death):
    code = f"""
store = FeedbackStore(sys.argv[1])
store._database._connection.create_function("die", 11, die)
for number in range(3):
    print(store.add(**reading(number, correction="B")), flush=True)
{DEATHS[death]}
store.add(**reading(3, correction="B"))
"""
    process = child(code, tmp_path)
    acknowledged = process.communicate()[0].split()
    assert process.returncode == -9 and len(acknowledged) == 3
    assert ids_in(tmp_path) == acknowledged
    assert list(tmp_path.rglob("*.part")) == [] and len(list(tmp_path.rglob("*.png"))) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_killed_at_any_moment(tmp_path):
    kept = []
    for start in (0, 1000):
        process = child(WRITE, tmp_path, start, start + 999)
        for _ in range(12):
            kept.append(process.stdout.readline().strip())
        process.kill()
        kept += process.stdout.read().split()
        process.communicate()
    found = ids_in(tmp_path)
    assert set(found) >= set(kept) and len(found) <= len(kept) + 2


def test_processes_at_once_lose_nothing(tmp_path):
    # The same readings from all, from the moment at which none has made the store yet.
    processes = [child(WRITE, tmp_path / "new", 0, 8) for _ in range(3)]
    outputs = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * 3, outputs
    first, *others = (sorted(out.split()) for out, _ in outputs)
    assert others == [first] * 2
    assert sorted(ids_in(tmp_path / "new")) == first and len(first) == 8


def test_one_opens_and_deletes_while_another_writes(tmp_path):
    process = child(WRITE, tmp_path, 0, 25)
    deleted = set()
    for line in process.stdout:
        with FeedbackStore(tmp_path) as opened:  # sweeps, but nothing that is under way
            if len(deleted) < 5:
                deleted.add(line.strip())
                opened.delete(ids=[line.strip()])
    assert process.wait() == 0, process.stderr.read()
    process.communicate()
    assert len(ids_in(tmp_path)) == 25 - len(deleted) == 20


def test_nobody_sweeps_between_a_picture_and_its_row(tmp_path, monkeypatch):
    writing, refused = pictures.write_durably, []

    def write(path, data):
        with closing(sqlite3.connect(tmp_path / "feedback.sqlite", timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            refused.append(path)
        writing(path, data)

    monkeypatch.setattr(pictures, "write_durably", write)
    with FeedbackStore(tmp_path) as opened:
        id = opened.add(**reading())
        assert len(refused) == 1
        # What looked like a picture without a row has one by the time it would be removed.
        names = {opened.item(id).image_hash}
        monkeypatch.setattr(checking, "unlisted", lambda *_: names)
        with FeedbackStore(tmp_path):
            assert opened.item(id).image_path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits")
def test_a_disk_that_fills_up(tmp_path):
    code = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = FeedbackStore(sys.argv[1])
store.add(**reading(0, correction="B"))
resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, resource.RLIM_INFINITY))
try:
    for number in range(1, 200):
        print(store.add(**reading(number, correction="B")), flush=True)
except UserError as error:
    print(error, file=sys.stderr)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    print(store.add(**reading(999, correction="B")), flush=True)
"""
    out, error = child(code, tmp_path).communicate()
    assert "full" in error and error.count("\n") == 1
    acknowledged = out.split()
    assert 2 <= len(acknowledged) < 199, "the last one came after room was made"
    assert ids_in(tmp_path)[1:] == acknowledged
    assert len(list(tmp_path.rglob("*.png"))) == len(acknowledged) + 1


def test_no_room_for_a_picture(tmp_path, monkeypatch):
    def write(path, data):
        path.write_bytes(data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    with FeedbackStore(tmp_path) as opened:
        opened.add(**reading(0, correction="B"))
        with monkeypatch.context() as patch:
            patch.setattr(pictures, "write_durably", write)
            with pytest.raises(UserError, match="No space left") as caught:
                opened.add_many([reading(n, correction="B") for n in (1, 2)])
        assert "\n" not in str(caught.value)
        assert opened.check() == [] and opened.counts()["readings"] == 1
        opened.add(**reading(1, correction="B"))
    assert len(ids_in(tmp_path)) == 2


def test_a_locked_store_says_so(tmp_path, monkeypatch):
    with FeedbackStore(tmp_path) as opened:
        opened._database._connection.execute("PRAGMA busy_timeout = 1")
        other = sqlite3.connect(tmp_path / "feedback.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UserError, match="another process keeps it locked"):
            opened.add(**reading())
        assert list(opened.items()) == [], "reading goes on"
        other.close()
        opened.add(**reading())


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="needs POSIX users")
def test_a_folder_that_cannot_be_written():
    code = """
if os.getuid() == 0:
    os.setuid(65534)
try:
    FeedbackStore(sys.argv[1] + "/store")
except UserError as error:
    print(error)
try:
    FeedbackStore(sys.argv[1] + "/new")
except UserError as error:
    print(error)
with FeedbackStore(sys.argv[1] + "/store", read_only=True) as store:
    print(len(list(store.items())), store.check())
    try:
        store.add(**reading(1))
    except UserError as error:
        print(error)
"""
    with tempfile.TemporaryDirectory() as folder:
        with FeedbackStore(f"{folder}/store") as opened:
            opened.add(**reading())
        for path in [Path(folder), *Path(folder).rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        out, error = child(code, folder).communicate()
        for path in [Path(folder), *Path(folder).rglob("*")]:
            path.chmod(0o755)
    lines = out.splitlines()
    assert len(lines) == 4, error
    assert "cannot be" in lines[0] and "permission" in lines[1].lower()
    assert lines[2] == "1 []"
    assert "cannot be written" in lines[3]
