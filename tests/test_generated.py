"""Generated digits look like MNIST to the loader, and disputed labels are told from them."""

import numpy as np
from real_data import real_data

from handwriting.datasets.disputed import DISPUTED, TEST_SIZE, disputed_labels
from handwriting.datasets.generated import generated_digits, write_generated_mnist
from handwriting.datasets.mnist import load_mnist


def test_digits_are_balanced_and_repeatable():
    digits, again = generated_digits(40, seed=3), generated_digits(40, seed=3)
    assert np.bincount(digits.labels).tolist() == [4] * 10
    np.testing.assert_array_equal(digits.images, again.images)
    assert not np.array_equal(digits.images, generated_digits(40, seed=4).images)


def test_digits_have_the_form_of_mnist():
    ink = generated_digits(20).images > 0
    height, width = ink.any(axis=2).sum(axis=1), ink.any(axis=1).sum(axis=1)
    assert (abs(np.maximum(height, width) - 20) <= 2).all()


def test_the_loader_reads_generated_files(tmp_path):
    write_generated_mnist(tmp_path, train=50, test=20)
    data = load_mnist(root=tmp_path)
    assert len(data.train) + len(data.validation) == 50 and len(data.test) == 20
    assert disputed_labels(data.test).empty


def test_disputed_labels_belong_to_the_published_test_set():
    test = load_mnist(root=real_data("mnist/t10k-images-idx3-ubyte.gz")).test
    assert len(test) == TEST_SIZE
    found = disputed_labels(test)
    assert len(found) == len(DISPUTED) == 15
    assert (found[["for label", "for other", "for neither"]].sum(axis=1) == 5).all()
    assert (found["for label"] < 3).all()
    assert disputed_labels(test.take(np.arange(TEST_SIZE)[::-1])).empty
