"""Splits: stratified or by content, repeatable, disjoint; the fingerprint sees any change."""

from dataclasses import replace

import numpy as np
import pytest

from handwriting.datasets import CharacterData, Split
from handwriting.datasets.base import empty_split
from handwriting.datasets.splits import (
    image_hashes,
    make_data,
    remove_duplicates,
    split_by_content,
    stratified_split,
)


def random_split(count: int, classes: int = 2, seed: int = 0) -> Split:
    images = np.random.default_rng(seed).integers(0, 256, (count, 28, 28), np.uint8)
    return Split(images, np.arange(count) % classes)


def hashes(split: Split) -> set:
    return set(image_hashes(split.images).tolist())


def test_every_class_gives_up_the_same_fraction():
    labels = np.repeat([0, 1, 2, 3, 4], [100, 40, 10, 2, 1])
    train, validation = stratified_split(labels, 0.1, seed=0)
    assert np.bincount(labels[validation], minlength=5).tolist() == [10, 4, 1, 1, 0]
    assert sorted([*train, *validation]) == [*range(len(labels))], "disjoint and complete"


def test_stratified_split_is_repeatable_and_differs_by_seed():
    labels = np.arange(200) % 2
    first, again, other = (stratified_split(labels, 0.1, seed)[1] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_same_image_falls_on_the_same_side_in_every_data_set():
    images = random_split(500).images
    train, validation = split_by_content(images, 0.1, seed=0)
    assert sorted([*train, *validation]) == [*range(500)]
    assert 25 < len(validation) < 80, "about a tenth"
    side = dict.fromkeys(train, "train") | dict.fromkeys(validation, "validation")
    order = np.random.default_rng(1).permutation(500)[:300]
    _, chosen = split_by_content(
        np.concatenate([random_split(50, seed=9).images, images[order]]), 0.1, 0
    )
    for place in range(300):
        expected = side[order[place]]
        assert (place + 50 in chosen) == (expected == "validation")
    assert not np.array_equal(validation, split_by_content(images, 0.1, seed=1)[1])


def test_split_by_content_takes_all_or_nothing_at_the_ends():
    images = random_split(20).images
    assert len(split_by_content(images, 0.0, 0)[1]) == 0
    assert len(split_by_content(images, 1.0, 0)[1]) == 20


def test_duplicates_are_dropped_from_train_and_counted():
    train, test = random_split(6), random_split(4, seed=1)
    doubled = Split(
        np.concatenate([train.images, test.images[:3]]), np.concatenate([train.labels, [0, 1, 0]])
    )
    kept, count = remove_duplicates(doubled, test, empty_split())
    assert count == 3
    assert np.array_equal(kept.images, train.images)
    assert kept.labels.tolist() == train.labels.tolist()


@pytest.mark.parametrize("by_content", [False, True])
def test_splits_share_no_image_and_the_note_counts_what_was_dropped(by_content):
    pool, test = random_split(100), random_split(20, seed=1)
    twice = np.concatenate([pool.images, pool.images, test.images[:5]])
    labels = np.concatenate([pool.labels, pool.labels, test.labels[:5]])
    data = make_data("x", ("a", "b"), Split(twice, labels), test, by_content=by_content)
    assert len(data.test) == 20 and len(data.validation) > 0
    parts = [hashes(split) for split in data.splits().values()]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
    dropped = 205 - 5 - len(data.train) - len(data.validation)
    assert data.notes == (
        f"duplicates removed from train: 5 also in test, {dropped} also in validation",
    )
    if by_content:
        assert dropped == 0, "copies fall on the same side"


def test_data_without_duplicates_or_test_carries_no_note():
    data = make_data("x", ("a", "b"), random_split(40), None, notes=("kept",))
    assert data.notes == ("kept",) and len(data.test) == 0
    assert len(data.train) == 36 and len(data.validation) == 4


def test_same_seed_same_data_other_seed_other_validation():
    build = [make_data("x", ("a", "b"), random_split(80), None, seed=s) for s in (0, 0, 1)]
    first, again, other = (data.fingerprint() for data in build)
    assert first == again != other


def example() -> CharacterData:
    return CharacterData("x", ("a", "b"), *(random_split(4, seed=s) for s in range(3)))


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_fingerprint_changes_with_one_pixel_or_one_label(part):
    data = example()
    split = data.splits()[part]
    images, labels = split.images.copy(), split.labels.copy()
    images[3, 27, 27] ^= 1
    labels[3] ^= 1
    prints = {
        data.fingerprint(),
        replace(data, **{part: Split(images, split.labels)}).fingerprint(),
        replace(data, **{part: Split(split.images, labels)}).fingerprint(),
    }
    assert len(prints) == 3
    assert example().fingerprint() == data.fingerprint()


def test_fingerprint_sees_classes_but_not_names_notes_or_memory_layout():
    data = example()
    assert replace(data, classes=("b", "a")).fingerprint() != data.fingerprint()
    assert replace(data, classes=("a", "b", "c")).fingerprint() != data.fingerprint()
    assert replace(data, name="y").with_notes("n").fingerprint() == data.fingerprint()
    fortran = Split(np.asfortranarray(data.train.images), data.train.labels.astype(np.int32))
    assert replace(data, train=fortran).fingerprint() == data.fingerprint()


def test_images_and_labels_of_a_split_have_one_length():
    with pytest.raises(ValueError, match="3 images but 2 labels"):
        Split(np.zeros((3, 28, 28), np.uint8), np.zeros(2, np.int64))
