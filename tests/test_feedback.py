"""What is stored comes back, once, with its newest correction, and goes when it is told to."""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from feedback_rows import picture, quick_disk, reading  # noqa: F401

from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore
from handwriting.feedback.items import PAGE

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


pytestmark = pytest.mark.usefixtures("quick_disk")


@pytest.fixture
def store(tmp_path):
    with FeedbackStore(tmp_path / "store") as store:
        yield store


def test_a_reading_comes_back_as_it_was(store):
    alternatives = [("A", 0.75), ("4", np.float32(0.125))]
    about = {"page": "p1", "box": np.array([1, 2]), "words": [{"text": "A", "confidence": 0.5}]}
    id = store.add(**reading(alternatives=alternatives, source="ann", about=about, time=START))
    item = store.item(id)
    assert (item.prediction, item.confidence, item.model, item.model_hash) == (
        "A",
        0.75,
        "toy",
        "c0ffee",
    )
    assert item.alternatives == (("A", 0.75), ("4", 0.125))
    assert item.about == about | {"box": [1, 2]}
    assert (item.source, item.time, item.correction) == ("ann", START, None)
    assert item.image_path.suffix == ".png" and item.image_path.is_file()
    np.testing.assert_array_equal(store.image(item), picture())


def test_everything_is_there_after_opening_again(tmp_path):
    with FeedbackStore(tmp_path) as store:
        id = store.add(**reading(correction="Ω"))
    with FeedbackStore(tmp_path, create=False) as store:
        assert store.item(id).correction == "Ω" and store.check() == []


def test_the_same_reading_is_kept_once(store):
    first = store.add(**reading(source="ann"))
    assert store.add(**reading(source="ann", confidence=0.2)) == first
    others = [{"source": "bob"}, {"prediction": "B"}, {"model": "m"}, {"model_hash": "1"}]
    ids = {store.add(**reading(**{"source": "ann"} | change)) for change in others}
    assert len(ids | {first}) == 5
    assert store.counts()["readings"] == 5 and store.counts()["images"] == 1


def test_the_newest_correction_counts_and_older_ones_stay(store):
    id = store.add(**reading(correction="B"))
    for text in ("C", "A", "A"):
        store.correct(id, text, time=START)  # a clock set back must not matter
    item = store.item(id)
    assert item.correction == "A" and not item.changed and item.corrected_at == START
    assert store.counts()["corrections"] == 3
    assert store.counts()["corrected"] == 1


def test_past_rows_cannot_be_changed(store):
    store.add(**reading(correction="B"))
    with sqlite3.connect(store.folder / "feedback.sqlite") as other:
        for table in ("readings", "corrections"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                other.execute(f"UPDATE {table} SET source = 'x'")
    other.close()


def test_items_by_kind_correction_model_source_and_time(store):
    rows = [
        reading(0, source="ann", time=START),
        reading(1, source="bob", time=START + timedelta(hours=1), correction="A"),
        reading(2, kind="line", model="lines", time=START + timedelta(hours=2)),
    ]
    ids = store.add_many(rows)

    def found(**tests):
        return [ids.index(item.id) for item in store.items(**tests)]

    assert found() == [0, 1, 2]
    assert found(kind="line") == found(model="lines") == [2]
    assert found(source="ann") == [0]
    assert found(corrected=True) == [1] and found(corrected=False) == [0, 2]
    assert found(since=rows[1]["time"]) == [1, 2] and found(until=rows[1]["time"]) == [0]
    assert found(kind="character", corrected=True, since=START) == [1]
    local = START.astimezone().replace(tzinfo=None)
    assert found(until=local + timedelta(minutes=1)) == [0]


def test_a_store_longer_than_a_page_streams_while_it_changes(store):
    same = picture()
    store.add_many(reading(image=same, prediction=str(n)) for n in range(2 * PAGE + 1))
    items = store.items()
    first = next(items)
    store.delete(ids=[first.id])
    assert [item.prediction for item in items] == [str(n) for n in range(1, 2 * PAGE + 1)]


def test_corrections_that_a_model_learned_from_are_marked(store):
    one, other, plain = store.add_many([reading(n) for n in range(3)])
    store.correct(one, "B")
    store.correct(other, "C")
    store.mark_used([one, plain], "toy@ann-1")
    assert store.item(one).used and not store.item(other).used and not store.item(plain).used
    store.correct(one, "D")
    assert not store.item(one).used, "nothing has learned from the new correction yet"


def test_unknown_confidences_are_not_numbers(store):
    ids = store.add_many([reading(0, confidence=None), reading(1, confidence=float("nan"))])
    assert all(np.isnan(store.item(id).confidence) for id in ids)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "page"},
        {"image": picture().astype(float)},
        {"image": np.zeros((0, 5), np.uint8)},
        {"image": np.zeros((5, 5, 3), np.uint8)},
        {"confidence": 90},
    ],
)
def test_what_no_caller_should_give_is_refused(store, wrong):
    with pytest.raises(ValueError):
        store.add(**reading(**wrong))
    assert store.counts()["readings"] == 0


@pytest.mark.parametrize("text", ["\ud800", "x" * 20_000])
def test_texts_that_are_none_are_refused(store, text):
    id = store.add(**reading())
    for call in (
        lambda: store.correct(id, text),
        lambda: store.add(**reading(1, prediction=text)),
        lambda: store.add(**reading(1, correction=text)),
    ):
        with pytest.raises(UserError):
            call()
    assert store.counts()["readings"] == 1 and store.counts()["corrections"] == 0


@pytest.mark.parametrize("text", ["", "🚗", "'; DROP TABLE readings; --", "a\0b", "שלום", "<b>"])
def test_any_other_text_is_kept(store, text):
    id = store.add(**reading(prediction=text, source=text, correction=text))
    item = store.item(id)
    assert (item.prediction, item.source, item.correction) == (text, text, text)


def test_a_correction_of_nothing_is_refused(store):
    with pytest.raises(UserError, match="no reading 'gone'"):
        store.correct("gone", "A")
    with pytest.raises(UserError, match="no reading"):
        store.item("gone")


def test_a_full_store_takes_no_more_and_room_can_be_made(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (4, 100, 100), np.uint8)
    with FeedbackStore(tmp_path) as store:
        first, _ = store.add_many([reading(image=noise[0]), reading(image=noise[1])])
        limit = store.size() + 15_000
    with FeedbackStore(tmp_path, limit_bytes=limit) as store:
        with pytest.raises(UserError, match="full"):
            store.add_many([reading(image=noise[2]), reading(image=noise[3])])
        assert store.counts()["readings"] == 2 and store.check() == []
        store.delete(ids=[first])
        store.add(**reading(image=noise[2]))


def test_deleting_a_source_takes_its_rows_its_corrections_and_lonely_pictures(store):
    mine = store.add(**reading(0, source="ann", correction="B"))
    shared = store.add(**reading(1, source="ann"))
    yours = store.add(**reading(1, source="bob", correction="C"))
    store.correct(yours, "D", source="ann")
    lonely = store.item(mine).image_path
    assert store.delete(source="ann") == 3
    assert not lonely.exists() and store.item(yours).image_path.exists()
    assert store.item(yours).correction == "C"
    assert [item.id for item in store.items()] == [yours] and shared != yours
    assert store.check() == []


def test_deleted_text_is_nowhere_in_the_folder(store):
    words = ["quixotic-prediction", "quixotic-correction", "quixotic-source"]
    store.add(**reading(1, prediction=words[0], correction=words[1], source=words[2]))
    store.add(**reading(2, prediction="kept"))
    assert any(b"quixotic" in file.read_bytes() for file in store.folder.glob("feedback*"))
    assert store.delete(source=words[2]) == 1
    for file in store.folder.rglob("*"):
        assert file.is_dir() or b"quixotic" not in file.read_bytes()


def test_delete_everything_or_nothing(store):
    ids = store.add_many([reading(n, correction="B") for n in range(3)])
    assert store.delete(ids=[]) == store.delete(source="nobody") == 0
    assert store.delete(everything=True) == 3
    assert store.counts()["images"] == 0 and list(store.folder.rglob("*.png")) == []
    for wrong in ({}, {"ids": ids, "source": "ann"}, {"everything": False}):
        with pytest.raises(ValueError):
            store.delete(**wrong)


def test_counts(store):
    store.add_many([reading(n, correction="A" if n else None) for n in range(3)])
    store.add(**reading(kind="line", model="lines"))
    counts = store.counts()
    assert counts["kinds"] == {
        "character": {"readings": 3, "corrected": 2},
        "line": {"readings": 1, "corrected": 0},
    }
    assert counts["models"]["toy"] == {"readings": 3, "corrected": 2}
    pictures = sum(file.stat().st_size for file in store.folder.rglob("*.png"))
    assert counts["bytes"] > pictures > 0


def test_threads_lose_nothing(store):
    failures = []

    def work(thread: int):
        try:
            for n in range(8):
                store.correct(store.add(**reading(n, source=str(thread))), "B")
                assert len(list(store.items(source=str(thread)))) == n + 1
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and store.check() == []
    counts = store.counts()
    assert (counts["readings"], counts["corrected"], counts["images"]) == (32, 32, 8)
