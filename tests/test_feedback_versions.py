"""Faults are named, and stores of other versions are refused or brought up to date."""

import sqlite3

import pytest
from feedback_rows import quick_disk, reading  # noqa: F401

from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore, schema

pytestmark = pytest.mark.usefixtures("quick_disk")


@pytest.fixture
def store(tmp_path):
    with FeedbackStore(tmp_path / "store") as store:
        yield store


def test_check_names_each_fault(store):
    for number in range(3):
        store.add(**reading(number))
    missing, changed, cut = (item.image_path for item in store.items())
    missing.unlink()
    changed.write_bytes(cut.read_bytes())
    cut.write_bytes(cut.read_bytes()[:60])
    foreign = store.folder / "images" / "holiday.jpg"
    foreign.write_bytes(b"sun")
    faults = store.check()
    assert len(faults) == 4
    for path, cause in ((missing, "missing"), (changed, "other pixels"), (cut, "damaged")):
        assert any(str(path) in fault and cause in fault for fault in faults)
    with pytest.raises(UserError, match="missing"):
        store.image(next(store.items()))
    store.close()
    with FeedbackStore(store.folder):
        assert foreign.exists(), "what is not the store's own is left alone"


def test_a_newer_store_is_refused_and_left_as_it_is(store):
    store.close()
    file = store.folder / "feedback.sqlite"
    with sqlite3.connect(file) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    before = file.read_bytes()
    with pytest.raises(UserError, match="newer version"):
        FeedbackStore(store.folder)
    assert file.read_bytes() == before


def test_an_older_store_is_brought_up_to_date_and_keeps_its_rows(store, monkeypatch):
    id = store.add(**reading(correction="B"))
    store.close()
    step = ("CREATE TABLE notes (reading TEXT)", "INSERT INTO notes SELECT id FROM readings")
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))
    with pytest.raises(UserError, match="older version"):
        FeedbackStore(store.folder, read_only=True)
    for _ in range(2):  # the second time there is nothing left to do
        with FeedbackStore(store.folder) as newer:
            assert newer.item(id).correction == "B"
            assert newer._database.query("SELECT reading FROM notes") == [(id,)]


def test_a_step_that_fails_leaves_the_old_version(store, monkeypatch):
    id = store.add(**reading())
    store.close()
    step = ("CREATE TABLE notes (reading TEXT)", "INSERT INTO nowhere VALUES (1)")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))
        with pytest.raises(sqlite3.OperationalError):
            FeedbackStore(store.folder)
    with FeedbackStore(store.folder) as same:
        assert same.item(id).prediction == "A"
        assert same._database.query("SELECT * FROM sqlite_master WHERE name = 'notes'") == []
