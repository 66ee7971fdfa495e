"""A damaged, foreign or missing database: said in one line, and nothing is overwritten."""

import sqlite3

import pytest
from feedback_rows import quick_disk, reading  # noqa: F401

from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore, pictures, store

pytestmark = pytest.mark.usefixtures("quick_disk")


@pytest.mark.parametrize("damage", ["text", "start", "middle", "empty", "gone", "foreign"])
def test_a_damaged_database_is_named_and_left_alone(tmp_path, damage):
    with FeedbackStore(tmp_path) as opened:
        opened.add_many([reading(n, prediction=f"A{n}", correction="B" * 99) for n in range(60)])
    file = tmp_path / "feedback.sqlite"
    data = file.read_bytes()
    file.unlink()
    if damage == "foreign":
        with sqlite3.connect(file) as other:
            other.execute("CREATE TABLE accounts (name)")
        other.close()
    elif damage != "gone":
        middle = data[:8192] + b"\xaa" * 32_000 + data[40_192:]
        broken = {"text": b"my diary", "start": b"\0" * 100 + data[100:], "empty": b""}
        file.write_bytes(broken.get(damage, middle))
    before = file.read_bytes() if file.exists() else None
    with pytest.raises(UserError) as caught, FeedbackStore(tmp_path) as opened:
        assert opened.check()
        list(opened.items())
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)
    assert len(list(tmp_path.rglob("*.png"))) == 60
    assert (file.read_bytes() if file.exists() else None) == before


def test_pictures_are_not_swept_by_a_damaged_database(tmp_path):
    with FeedbackStore(tmp_path) as opened:
        opened.add_many([reading(n, prediction=f"A{n}" * 20) for n in range(60)])
        opened._database._connection.execute("PRAGMA foreign_keys = OFF")
        opened._database._connection.execute("DELETE FROM images")
    with pytest.raises(UserError, match="damaged"):
        FeedbackStore(tmp_path)
    assert len(list(tmp_path.rglob("*.png"))) == 60


def test_a_store_that_is_not_there(tmp_path):
    file = tmp_path / "file"
    file.write_text("no folder")
    with pytest.raises(UserError, match="cannot be written"):
        FeedbackStore(file)
    for options in ({"create": False}, {"read_only": True}):
        with pytest.raises(UserError, match="no feedback store"):
            FeedbackStore(tmp_path / "new", **options)
    assert not (tmp_path / "new").exists()


def test_reading_only_changes_nothing(tmp_path):
    with FeedbackStore(tmp_path) as opened:
        opened.add(**reading(0))
        part = opened.item(opened.add(**reading(1))).image_path.with_suffix(pictures.PART)
    part.write_bytes(b"half")
    with FeedbackStore(tmp_path, read_only=True) as opened:
        assert len(list(opened.items())) == 2
        with pytest.raises(UserError, match="cannot be written"):
            opened.add(**reading(2))
    assert part.exists()
    with FeedbackStore(tmp_path):
        assert not part.exists() and (tmp_path / store.DATABASE).exists()
