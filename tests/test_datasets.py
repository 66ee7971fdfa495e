"""idx files and MNIST: read as published, or refused with the reason."""

import gzip
import re
from itertools import combinations

import numpy as np
import pytest
from glyphs import glyphs, write_pair
from real_data import real_data

from handwriting.datasets import load_dataset
from handwriting.datasets.idx import read_idx, write_idx
from handwriting.datasets.mnist import load_mnist
from handwriting.datasets.splits import image_hashes
from handwriting.errors import UserError


@pytest.mark.parametrize("shape", [(3, 28, 28), (5,), (0,), (2, 3)])
@pytest.mark.parametrize("name", ["file", "file.gz"])
def test_idx_is_read_back_as_written(tmp_path, name, shape):
    array = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    write_idx(tmp_path / "new" / name, array)
    found = read_idx(tmp_path / "new" / name)
    assert found.dtype == np.uint8
    assert found.shape == shape and np.array_equal(found, array)


def test_idx_bytes_are_those_of_the_format(tmp_path):
    (tmp_path / "file").write_bytes(b"\0\0\x08\x02" + b"\0\0\0\x02" + b"\0\0\0\x03" + b"abcdef")
    assert read_idx(tmp_path / "file").tolist() == [[97, 98, 99], [100, 101, 102]]


HEADER = b"\0\0\x08\x01\0\0\0\x04"
BROKEN = {
    "empty": b"",
    "magic": b"\1\0\x08\x01\0\0\0\x04abcd",
    "signed values": b"\0\0\x0d\x01\0\0\0\x04" + bytes(16),
    "web page": b"<!DOCTYPE html><title>404</title>",
    "too few values": HEADER + b"abc",
    "too many values": HEADER + b"abcde",
    "header cut": b"\0\0\x08\x03\0\0\0\x04\0\0",
    "absurd size": b"\0\0\x08\x03" + b"\xff" * 12 + b"abcd",
    "gzip cut": gzip.compress(HEADER + bytes(range(4)))[:-12],
    "gzip without end": gzip.compress(HEADER + b"abcd")[:-8],
    "gzip checksum": gzip.compress(HEADER + b"abcd")[:-8] + bytes(8),
    "gzip damaged": b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\xff" * 40,
    "gzip of something else": gzip.compress(b"hello, world"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_idx_is_one_line_that_names_the_file(tmp_path, kind):
    path = tmp_path / "train-images.gz"
    path.write_bytes(BROKEN[kind])
    with pytest.raises(UserError, match="download it again") as caught:
        read_idx(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


def test_missing_idx_and_folder_are_user_errors(tmp_path):
    with pytest.raises(UserError, match=r"absent\.gz: not found"):
        read_idx(tmp_path / "absent.gz")
    with pytest.raises(UserError, match="cannot be read"):
        read_idx(tmp_path)


def write_mnist(root) -> tuple[np.ndarray, np.ndarray]:
    train, test = glyphs(40), glyphs(10, seed=1)
    write_pair(root / "mnist", "train", train, list(range(10)) * 4)
    write_pair(root / "mnist", "t10k", test, range(10))
    return train, test


def test_mnist_files_become_three_splits(tmp_path):
    train, test = write_mnist(tmp_path)
    data = load_mnist(root=tmp_path)
    assert data.name == "mnist" and data.classes == tuple("0123456789")
    assert [len(split) for split in data.splits().values()] == [30, 10, 10]
    assert np.array_equal(data.test.images, test) and data.test.labels.tolist() == [*range(10)]
    number = {image.tobytes(): i for i, image in enumerate(train)}
    for split in (data.train, data.validation):
        assert split.images.dtype == np.uint8 and split.labels.dtype == np.int64
        assert [number[image.tobytes()] % 10 for image in split.images] == split.labels.tolist()


def test_unpacked_mnist_files_are_read_too(tmp_path):
    write_mnist(tmp_path)
    expected = load_mnist(root=tmp_path).fingerprint()
    for path in (tmp_path / "mnist").iterdir():
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert load_mnist(root=tmp_path).fingerprint() == expected


@pytest.mark.parametrize("missing", ["train-labels-idx1", "t10k-images-idx3"])
def test_missing_mnist_file_says_how_to_get_it(tmp_path, missing):
    write_mnist(tmp_path)
    (tmp_path / "mnist" / f"{missing}-ubyte.gz").unlink()
    with pytest.raises(UserError, match=rf"{missing}.*python src/download\.py mnist"):
        load_mnist(root=tmp_path)


def test_images_and_labels_must_belong_together(tmp_path):
    write_mnist(tmp_path)
    write_pair(tmp_path / "mnist", "train", glyphs(40), range(39))
    with pytest.raises(UserError, match=r"train-images.*\(40, 28, 28\).*\(39,\)"):
        load_mnist(root=tmp_path)


def test_data_set_is_found_by_name_in_the_data_folder(tmp_path, monkeypatch):
    write_mnist(tmp_path)
    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path))
    assert load_dataset("mnist").fingerprint() == load_mnist(root=tmp_path).fingerprint()
    other = load_dataset("mnist", seed=1)
    assert other.fingerprint() != load_mnist(root=tmp_path).fingerprint()
    with pytest.raises(UserError, match="no data set 'mnsit'; there are mnist, "):
        load_dataset("mnsit")


def test_real_mnist_is_complete_and_disjoint():
    data = load_mnist(root=real_data("mnist/train-images-idx3-ubyte.gz"))
    removed = sum(map(int, re.findall(r"(\d+) also in", " ".join(data.notes))))
    assert len(data.train) + len(data.validation) + removed == 60_000
    assert len(data.test) == 10_000
    assert len(data.validation) == pytest.approx(6_000, abs=10)
    hashes = [set(image_hashes(split.images).tolist()) for split in data.splits().values()]
    for one, other in combinations(hashes, 2):
        assert not one & other
