"""EMNIST: all six splits and the MATLAB archive, upright, labels from zero."""

import io
import os
import zipfile

import numpy as np
import pytest
from glyphs import glyphs, write_pair
from real_data import real_data

from handwriting.datasets.emnist import SPLITS, load_emnist, load_emnist_data
from handwriting.errors import UserError

SIZES = {"balanced": 47, "bymerge": 47, "byclass": 62, "letters": 26, "digits": 10, "mnist": 10}


def write_emnist(root, split: str, first_label: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Every class twice in train and once in test, transposed as NIST does; upright back."""
    labels = np.arange(SIZES[split]) + first_label
    train, test = glyphs(2 * len(labels)), glyphs(len(labels), seed=1)
    for part, images, repeat in (("train", train, 2), ("test", test, 1)):
        stem = f"emnist-{split}-{part}"
        raw = images.transpose(0, 2, 1)
        write_pair(root / "emnist" / "gzip", stem, raw, np.tile(labels, repeat))
    return train, test


@pytest.mark.parametrize("split", SIZES)
def test_emnist_split_is_upright_and_counts_from_zero(tmp_path, split):
    train, test = write_emnist(tmp_path, split, first_label=int(split == "letters"))
    found_train, found_test, classes = load_emnist(split, tmp_path)
    assert len(set(classes)) == len(classes) == SIZES[split]
    assert np.array_equal(found_train.images, train), "transposed as NIST ships it"
    assert np.array_equal(found_test.images, test)
    assert found_test.labels.tolist() == [*range(SIZES[split])]
    assert found_train.labels.tolist() == [*range(SIZES[split])] * 2
    assert set(SPLITS) == set(SIZES)


def test_emnist_classes_are_those_of_the_published_mapping():
    path = "emnist/gzip/emnist-balanced-mapping.txt"
    lines = (real_data(path) / path).read_text().split("\n")
    rows = [list(map(int, line.split())) for line in lines if line]
    assert tuple(chr(code) for _, code in rows) == SPLITS["balanced"] == SPLITS["bymerge"]
    assert "".join(SPLITS["letters"]) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert SPLITS["byclass"][36:] == tuple("abcdefghijklmnopqrstuvwxyz")


def test_emnist_data_says_that_it_is_not_the_official_file(tmp_path):
    write_emnist(tmp_path, "balanced")
    data = load_emnist_data("balanced", root=tmp_path)
    assert data.name == "emnist_balanced" and len(data.test) == 47
    assert len(data.train) + len(data.validation) == 94
    assert data.notes[0].startswith("Balanced (redrawn): 94 training images")
    assert "112,800" in data.notes[0]


def test_emnist_labels_outside_the_classes_are_refused(tmp_path):
    write_emnist(tmp_path, "letters", first_label=0)  # it counts from 1
    with pytest.raises(UserError, match="letters: labels outside the 26 classes"):
        load_emnist("letters", tmp_path)


def test_missing_emnist_says_how_to_get_it(tmp_path):
    with pytest.raises(UserError, match=r"emnist-digits-train.*python src/download\.py emnist"):
        load_emnist("digits", tmp_path)
    with pytest.raises(UserError, match=r"no EMNIST split 'letter'; there are balanced, "):
        load_emnist("letter", tmp_path)


def test_real_emnist_stands_upright():
    needed = "emnist/gzip/emnist-balanced-train-images-idx3-ubyte.gz"
    _, test, classes = load_emnist("balanced", real_data(needed))
    means = {c: test.images[test.labels == i].mean(axis=0) for i, c in enumerate(classes)}
    sides = {
        "top": (slice(3, 8), slice(8, 20)),
        "bottom": (slice(20, 25), slice(8, 20)),
        "left": (slice(8, 20), slice(3, 8)),
        "right": (slice(8, 20), slice(20, 25)),
    }

    def ink(text: str, side: str) -> float:
        return means[text][sides[side]].mean()

    assert ink("7", "top") > 2 * max(ink("7", side) for side in ("left", "right", "bottom"))
    assert ink("T", "top") > 2 * max(ink("T", side) for side in ("left", "right", "bottom"))
    assert ink("L", "bottom") > 1.4 * max(ink("L", side) for side in ("left", "right", "top"))
    lower_right, upper_right = means["h"][14:24, 14:24], means["h"][4:14, 14:24]
    assert lower_right.mean() > 1.5 * upper_right.mean(), "h has nothing beside its ascender"
    assert means["1"][:, 11:17].sum() > 2 * means["1"][11:17].sum(), "1 is no dash"


# --- NIST's MATLAB archive: these import TensorFlow through extra-keras-datasets --------------


@pytest.fixture
def matlab(tmp_path, monkeypatch):
    """An EMNIST folder with a small `matlab.zip` (digits), and an empty working folder."""
    from scipy.io import savemat

    parts = {}
    for number, (name, count) in enumerate({"train": 20, "test": 10}.items()):
        upright = glyphs(count, seed=number)
        rows = upright.transpose(0, 2, 1).reshape(count, 784)  # column by column
        labels = np.arange(count, dtype=np.uint8)[:, None] % 10
        parts[name] = {"images": rows, "labels": labels}
    buffer = io.BytesIO()
    savemat(buffer, {"dataset": {**parts, "mapping": np.zeros((10, 2))}}, do_compression=True)
    folder = tmp_path / "emnist"
    folder.mkdir()
    with zipfile.ZipFile(folder / "matlab.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("matlab/emnist-digits.mat", buffer.getvalue())
        archive.writestr("matlab/emnist-mnist.mat", buffer.getvalue()[:-300])
        archive.writestr("matlab/emnist-letters.mat", b"no MATLAB file at all" * 20)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def test_matlab_archive_gives_the_same_as_the_gzip_files(matlab):
    train, test, classes = load_emnist("digits", matlab)
    assert np.array_equal(train.images, glyphs(20)), "transposed"
    assert np.array_equal(test.images, glyphs(10, seed=1))
    assert train.labels.tolist() == [*range(10)] * 2 and train.labels.dtype == np.int64
    assert len(classes) == 10
    assert os.listdir() == [], "nothing was left in the working folder"


def test_gzip_files_are_preferred_to_the_archive(matlab):
    (matlab / "emnist" / "matlab.zip").write_bytes(b"broken")
    train, _ = write_emnist(matlab, "digits")
    assert np.array_equal(load_emnist("digits", matlab)[0].images, train)


@pytest.mark.parametrize("split", ["balanced", "letters", "mnist"])
def test_archive_without_a_readable_split_is_a_user_error(matlab, split):
    load_emnist("digits", matlab)  # the archive itself is in order
    with pytest.raises(UserError, match=rf"matlab\.zip: cannot read EMNIST {split}") as caught:
        load_emnist(split, matlab)
    assert "\n" not in str(caught.value)
    assert os.listdir() == [] and os.getcwd() == str(matlab / "work")


@pytest.mark.parametrize("kind", ["cut", "not a zip", "empty", "damaged inside"])
def test_broken_archive_is_a_user_error(matlab, kind):
    path = matlab / "emnist" / "matlab.zip"
    content = path.read_bytes()
    load_emnist("digits", matlab)
    damaged = content[:100] + bytes(60) + content[160:]
    broken = {"cut": content[:-40], "not a zip": b"<html>404</html>", "empty": b""}
    path.write_bytes(broken.get(kind, damaged))
    with pytest.raises(UserError, match=r"matlab\.zip: cannot read EMNIST digits"):
        load_emnist("digits", matlab)
    assert os.listdir() == []
