"""Exports are read by the project's own readers, and say what they left out."""

import numpy as np
import pytest
from drawn_lines import draw_line
from feedback_rows import picture, quick_disk, reading  # noqa: F401

from handwriting import paths
from handwriting.datasets import kaggle
from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore
from handwriting.feedback.export import class_folder, export_characters, export_lines
from handwriting.feedback.labels import assign_splits
from handwriting.lines.collections import find_lines, read_parquet
from handwriting.lines.normalise import normalise_line

pytestmark = pytest.mark.usefixtures("quick_disk")
TEXTS = ["the fen at dusk", "salt, rope", 'a "loud" gull', "l’été — œuvre", "tea; oil", "nine eels"]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "cache_dir", lambda: tmp_path / "cache")


@pytest.fixture
def store(tmp_path):
    with FeedbackStore(tmp_path / "store") as store:
        yield store


@pytest.fixture
def lines(store):
    """Six corrected lines, as cut from a page and as models read them, and one more."""
    for number, text in enumerate(TEXTS):
        crop = draw_line(text, scale=1.2)
        image = crop if number % 2 else normalise_line(crop)
        about = {"language": "en", "page": f"p{number % 2}"}
        row = reading(kind="line", image=image, prediction="?", source="ann", about=about)
        store.add(**row, correction=text)
    store.add(**reading(kind="line", image=draw_line("never corrected")))
    return store


def expected_texts():
    return sorted(text.replace("’", "'").replace("—", "-") for text in TEXTS)


@pytest.mark.parametrize("name", ["lines.parquet", "lines"])
def test_lines_are_read_back(lines, tmp_path, name):
    target = tmp_path / "made" / name
    report = export_lines(lines, target)
    data = read_parquet(target) if name.endswith("parquet") else find_lines(str(target))
    assert sorted(data.train.texts + data.validation.texts + data.test.texts) == expected_texts()
    assert report.splits == {"train": len(data.train), "validation": len(data.validation)}
    assert len(data.validation) >= 1 and report.written == 6 and not report.skipped
    for line in (*data.train, *data.validation):
        assert line.image.shape[0] == 64 and line.image.min() < 100
        assert (line.language, line.writer) == ("en", "ann") and line.page in ("p0", "p1")


def test_lines_in_parquet_have_the_columns_of_the_published_ones(lines, tmp_path):
    from pyarrow import parquet

    export_lines(lines, tmp_path / "a.parquet")
    schema = parquet.read_schema(tmp_path / "a.parquet")
    assert schema.names == ["image", "text", "language", "writer", "page", "split"]
    assert str(schema.field("image").type) == "binary"


def test_a_line_as_models_read_it_is_exported_pixel_by_pixel(store, tmp_path):
    image = normalise_line(draw_line("fog"))
    for text in ("fog", "dog"):
        store.add(**reading(kind="line", image=image, source=text, correction=text))
    store.add(**reading(1, kind="line", image=draw_line("bog"), correction="bog"))
    export_lines(store, tmp_path / "a.parquet")
    data = read_parquet(tmp_path / "a.parquet")
    dog = next(line for line in (*data.train, *data.validation) if line.text == "dog")
    np.testing.assert_array_equal(dog.image, image)


def test_the_newest_of_contradictory_corrections_counts(store, tmp_path):
    image = draw_line("seal")
    first = store.add(**reading(kind="line", image=image, prediction="sea", correction="seal"))
    store.add(**reading(kind="line", image=image, prediction="sell", correction="Seal"))
    again = store.add(**reading(1, kind="line", image=draw_line("tar"), correction="tor"))
    store.correct(again, "tar")  # the same person mends the same reading: no contradiction
    report = export_lines(store, tmp_path / "a.parquet")
    assert report.contradictory == 1 and "1 with contradictory" in str(report)
    data = read_parquet(tmp_path / "a.parquet")
    assert sorted(data.train.texts + data.validation.texts) == ["Seal", "tar"]
    store.correct(first, "zeal")
    report = export_lines(store, tmp_path / "b.parquet")
    data = read_parquet(tmp_path / "b.parquet")
    assert sorted(data.train.texts + data.validation.texts) == ["tar", "zeal"]


def test_what_cannot_be_exported_is_counted(lines, tmp_path):
    lines.add(**reading(9, kind="line", correction="  "))
    damaged = lines.item(lines.add(**reading(10, kind="line", correction="cut")))
    damaged.image_path.write_bytes(b"no picture")
    report = export_lines(lines, tmp_path / "a.parquet")
    assert report.skipped == {"nothing written": 1, "picture missing or damaged": 1}
    assert report.written == 6


def test_characters_are_read_by_the_kaggle_loader(store, tmp_path):
    labels = ["A", "A", "B", "7", "#", "$", "&", "@", "Z", "a", "/", ".", "🚗", " C "]
    store.add_many(reading(n, correction=label) for n, label in enumerate(labels))
    report = export_characters(store, tmp_path / "tree")
    assert report.written == 14 and report.splits["validation"] >= 1
    train, test, loaded = kaggle.read_kaggle(tmp_path / "tree")
    read = [kaggle.CLASSES[label] for label in (*train.labels, *test.labels)]
    assert sorted(read) == sorted("AAB7#$&@ZC")
    assert loaded.ignored.total() == 4 and loaded.table()["light_on_dark"].sum() == 0


def test_class_folders_are_safe_and_tell_small_letters_from_capitals(store, tmp_path):
    safe = ["a", "A", "/", ".", "\\", ":", "🚗", "é", "%", "👩‍🔬"]
    labels = [*safe, "ab", " ", ".."]
    store.add_many(reading(n, correction=label) for n, label in enumerate(labels))
    report = export_characters(store, tmp_path / "tree")
    folders = {file.parent.name for file in (tmp_path / "tree").rglob("*.png")}
    assert folders == set(
        map(class_folder, ["a", "A", "/", ".", "\\", ":", "🚗", "é", "%", "👩‍🔬"])
    )
    assert len({folder.lower() for folder in folders}) == 10
    assert all(folder.isascii() and folder.strip("%0123456789ABCDEF") == "" for folder in folders)
    assert report.skipped == {"not one character": 3}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["store", "tree"]


def test_splits_hang_on_the_picture_alone(store, tmp_path):
    store.add_many(reading(n, correction="A") for n in range(60))

    def validation(name):
        export_characters(store, tmp_path / name)
        return {file.name for file in (tmp_path / name / "Validation").rglob("*.png")}

    before = validation("before")
    store.add_many(reading(n, correction="B") for n in range(60, 120))
    assert before <= validation("after")
    assert 1 <= len(before) <= 15


@pytest.mark.parametrize("count, expected", [(0, 0), (1, 0), (2, 1)])
def test_one_of_a_few_is_for_validation(count, expected):
    hashes = dict.fromkeys(("f" * 64, "e" * 64)[:count])
    assert list(assign_splits(hashes, 0.1).values()).count("validation") == expected


def test_nothing_to_export_and_nothing_overwritten(lines, tmp_path):
    taken = tmp_path / "taken.parquet"
    taken.write_text("precious")
    with pytest.raises(UserError, match="is there already"):
        export_lines(lines, taken)
    assert taken.read_text() == "precious"
    with pytest.raises(UserError, match="no corrected characters"):
        export_characters(lines, tmp_path / "tree")
    lines.add(**reading(correction="ab"))
    with pytest.raises(UserError, match="1 left out: not one character"):
        export_characters(lines, tmp_path / "tree")
    with pytest.raises(UserError, match="cannot be written"):
        export_lines(lines, taken / "below" / "a.parquet")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["store", "taken.parquet"]


def test_pictures_of_any_polarity_and_size_come_back(store, tmp_path):
    store.add(**reading(image=255 - picture(), correction="A"))
    store.add(**reading(image=picture(1, 90, 40), correction="B"))
    export_characters(store, tmp_path / "tree")
    train, test, _ = kaggle.read_kaggle(tmp_path / "tree")
    assert len(train) == len(test) == 1
