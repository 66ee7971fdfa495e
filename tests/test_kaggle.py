"""The Kaggle tree: polarity, broken files, the second tree, disjoint splits."""

import gzip
import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageDraw

from handwriting import paths
from handwriting.datasets.geometry import fit_box, to_ink
from handwriting.datasets.kaggle import is_standin, load_kaggle, read_kaggle
from handwriting.datasets.kaggle_tree import CLASSES
from handwriting.datasets.standin import StandinSettings, encode, make_standin
from handwriting.errors import UserError


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "cache_dir", lambda: tmp_path / "cache")


def draw_glyph(number: int, size: int = 32, light_paper: bool = True) -> np.ndarray:
    """An L of varying proportions, (size, size) uint8."""
    image = Image.new("L", (size, size), 255)
    corner = 6 + number % 5
    ImageDraw.Draw(image).line(
        [(corner, 3 + number // 5 % 4), (corner, size - 6), (size - 5, size - 6)], fill=0, width=3
    )
    grey = np.asarray(image)
    return grey if light_paper else 255 - grey


def write_tree(tree, train: int = 10, validation: int = 2) -> None:
    number = 0
    for part, count in (("Train", train), ("Validation", validation)):
        for name in CLASSES:
            folder = tree / part / name
            folder.mkdir(parents=True)
            for i in range(count):
                size, suffix = (28, ".png") if i % 3 == 0 else (32, ".jpg")
                grey = draw_glyph(number, size, light_paper=i % 2 == 0)
                (folder / f"{i}{suffix}").write_bytes(encode(grey, suffix))
                number += 1


def test_every_kind_becomes_the_same_ink(tmp_path):
    write_tree(tmp_path)
    train, test, report = read_kaggle(tmp_path)
    assert len(train) == 390 and len(test) == 78
    table = report.table()
    assert table["dark_on_light"].sum() == table["light_on_dark"].sum() == 234
    assert report.sizes == {"28x28": 39 * 5, "32x32": 39 * 7}
    for images in (train.images, test.images):
        # Ink is the smaller part whatever the polarity, and the margin is paper.
        assert images.mean(axis=(1, 2)).max() < 110
        border = np.concatenate([images[:, :2].ravel(), images[:, -2:].ravel()])
        assert border.max() == 0
        assert images.max(axis=(1, 2)).min() > 200
        heights = (images > 60).any(axis=2).sum(axis=1)
        widths = (images > 60).any(axis=1).sum(axis=1)
        assert (np.maximum(heights, widths) >= 23).all()


def test_polarity_of_one_glyph_makes_no_difference():
    dark, light = draw_glyph(7), draw_glyph(7, light_paper=False)
    (ink, on_light), (same, on_dark) = to_ink(dark), to_ink(light)
    assert on_light and not on_dark
    assert np.array_equal(fit_box(ink), fit_box(same))


def test_glyph_that_touches_the_border_keeps_its_polarity():
    cross = np.full((28, 28), 255, np.uint8)
    cross[10:18, :] = 0
    cross[:, 10:18] = 0
    assert to_ink(cross)[1]
    assert not to_ink(255 - cross)[1]


def test_broken_files_are_counted_and_left_out(tmp_path):
    write_tree(tmp_path, train=3)
    folder = tmp_path / "Train" / "#"
    whole = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (32, 32), np.uint8)
    Image.fromarray(noise).save(whole, "PNG")
    (folder / "cut.png").write_bytes(whole.getvalue()[:400])
    (folder / "none.jpg").write_bytes(b"")
    (folder / "page.png").write_text("<html>")
    (folder / "white.png").write_bytes(encode(np.full((32, 32), 255, np.uint8), ".png"))
    (folder / "notes.txt").write_text("not counted as an image")
    train, _, report = read_kaggle(tmp_path)
    assert len(train) == 39 * 3
    assert dict(report.broken) == {
        "Train/#/cut.png": "truncated",
        "Train/#/none.jpg": "empty",
        "Train/#/page.png": "not an image",
        "Train/#/white.png": "blank",
    }
    row = report.table().query("part == 'Train' and `class` == '#'").iloc[0]
    assert (row["files"], row["used"], row["broken"]) == (7, 3, 4)
    assert report.ignored["not images"] == 1
    assert "broken: 4" in report.summary()


def test_second_tree_is_ignored_and_counted(tmp_path):
    write_tree(tmp_path, train=2, validation=1)
    write_tree(tmp_path / "dataset", train=2, validation=1)
    train, test, report = read_kaggle(tmp_path)
    assert (len(train), len(test)) == (78, 39)
    assert report.ignored["in a duplicate tree"] == 39 * 3


def test_only_tree_may_be_nested(tmp_path):
    write_tree(tmp_path / "dataset", train=2, validation=1)
    train, _, report = read_kaggle(tmp_path)
    assert len(train) == 78
    assert report.ignored["in a duplicate tree"] == 0


def test_escaped_and_unknown_folders(tmp_path):
    write_tree(tmp_path, train=2, validation=1)
    (tmp_path / "Train" / "#").rename(tmp_path / "Train" / "%23")
    (tmp_path / "Train" / "extra").mkdir()
    (tmp_path / "Train" / "extra" / "1.png").write_bytes(encode(draw_glyph(1), ".png"))
    train, _, report = read_kaggle(tmp_path)
    assert (train.labels == CLASSES.index("#")).sum() == 2
    assert report.ignored["in unknown folder 'extra'"] == 1


def test_splits_are_disjoint_and_repeatable(tmp_path):
    rng = np.random.default_rng(0)
    for part, count in (("Train", 12), ("Validation", 3)):
        for name in CLASSES:
            folder = tmp_path / part / name
            folder.mkdir(parents=True)
            for i in range(count):
                grey = np.full((28, 28), 255, np.uint8)
                grey[4:24, 4:24] = rng.integers(0, 200, (20, 20))
                (folder / f"{i}.png").write_bytes(encode(grey, ".png"))
    # The same picture under another name, in Train too.
    copied = (tmp_path / "Validation" / "A" / "0.png").read_bytes()
    (tmp_path / "Train" / "A" / "copy.png").write_bytes(copied)
    data, again = load_kaggle(tmp_path, seed=3), load_kaggle(tmp_path, seed=3)
    assert data.fingerprint() == again.fingerprint()
    assert data.fingerprint() != load_kaggle(tmp_path, seed=4).fingerprint()
    keys = [{image.tobytes() for image in split.images} for split in data.splits().values()]
    assert not (keys[0] & keys[1] or keys[0] & keys[2] or keys[1] & keys[2])
    assert any("duplicates removed from train: 1 also in test" in note for note in data.notes)
    assert data.classes == CLASSES and len(CLASSES) == 39 and "O" not in CLASSES


def test_changed_file_is_read_again(tmp_path):
    write_tree(tmp_path, train=2, validation=1)
    read_kaggle(tmp_path)
    (tmp_path / "Train" / "A" / "new.png").write_bytes(encode(draw_glyph(3), ".png"))
    assert len(read_kaggle(tmp_path)[0]) == 79


def test_standin_says_so(tmp_path):
    write_tree(tmp_path, train=2, validation=1)
    (tmp_path / "STAND-IN.txt").write_text("made")
    data = load_kaggle(tmp_path)
    assert data.name == "kaggle_characters_standin" and "stand-in" in data.notes[0]


def write_idx(file, array: np.ndarray) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    file.write_bytes(gzip.compress(head + array.astype(np.uint8).tobytes()))


def test_standin_is_repeatable_and_readable(tmp_path):
    upright = 255 - np.stack([draw_glyph(i, 28) for i in range(40)])
    for part in ("train", "test"):
        stem = f"emnist-bymerge-{part}"
        images = upright.transpose(0, 2, 1)  # as NIST ships them
        write_idx(tmp_path / "emnist" / "gzip" / f"{stem}-images-idx3-ubyte.gz", images)
        labels = np.arange(40) % 2 * 9 + 1  # "1" and "A"
        write_idx(tmp_path / "emnist" / "gzip" / f"{stem}-labels-idx1-ubyte.gz", labels)
    for i in range(3):
        (tmp_path / "fonts").mkdir(exist_ok=True)
        (tmp_path / "fonts" / f"{i}.ttf").touch()
    settings = StandinSettings(train=15, validation=5, classes=("1", "A"))
    first, again = (make_standin(tmp_path / name, settings, tmp_path) for name in "xy")
    files = [
        {str(p.relative_to(tree)): p.read_bytes() for p in tree.rglob("*") if p.is_file()}
        for tree in (first, again)
    ]
    assert files[0] == files[1]
    train, test, report = read_kaggle(first)
    assert (len(train), len(test)) == (30, 10)
    assert sorted(report.broken_table()["reason"]) == [
        *("blank", "empty", "not an image"),
        *("truncated", "truncated"),
    ]
    assert report.ignored["in a duplicate tree"] == 20
    assert set(report.sizes) == {"28x28", "32x32"} and is_standin(first)
    # A smaller one in the same place leaves nothing of the larger one behind.
    make_standin(first, StandinSettings(train=10, validation=5, classes=("1",)), tmp_path)
    assert len(list((first / "Train").rglob("*.*"))) == 10 + 5
    with pytest.raises(UserError, match="no stand-in"):
        make_standin(tmp_path / "emnist", settings, tmp_path)
    # Upright again: the long bar of the L at the bottom, not at the right.
    assert train.images[:, 22:26].mean() > 2 * train.images[:, :, 22:26].mean()


def test_missing_data_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path))
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    with pytest.raises(UserError, match=r"download\.py kaggle-characters.*make_standin"):
        load_kaggle()
    (tmp_path / "kaggle-characters").mkdir()
    with pytest.raises(UserError, match="no folders Train and Validation"):
        load_kaggle()
