"""Generated letters, emoji and stand-in are read by the loaders of the real ones."""

import csv

import numpy as np
import pytest

from handwriting import paths
from handwriting.datasets.characters import load_characters
from handwriting.datasets.emnist import load_emnist
from handwriting.datasets.generated_characters import FONTS, write_generated_characters
from handwriting.datasets.kaggle import STANDIN, load_kaggle


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "fonts").mkdir()
    (folder / "fonts" / "fonts.csv").write_text("file,family,style\nother.ttf,Other,cursive\n")
    write_generated_characters(folder, train=4, test=2)
    return folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "cache_dir", lambda: tmp_path / "cache")


@pytest.mark.parametrize("split", ["balanced", "bymerge"])
def test_letters_are_upright_and_complete(folder, split):
    train, test, classes = load_emnist(split, folder)
    assert np.bincount(train.labels).tolist() == [4] * 47
    assert np.bincount(test.labels).tolist() == [2] * 47
    # The stem of an L is left and its foot below; lying, it would be the other way round.
    letter = train.images[train.labels == classes.index("L")].mean(axis=0)
    assert letter[:14, :14].sum() > 3 * letter[:14, 14:].sum()
    assert letter[20:].sum() > letter[:8].sum()


def test_the_standin_is_marked_as_one(folder):
    data = load_kaggle(folder / STANDIN)
    assert data.name == "kaggle_characters_standin" and len(data.classes) == 39
    assert set(data.test.labels) == set(range(39))


def test_letters_symbols_and_emoji_together(folder):
    data = load_characters(per_class=3, root=folder)
    assert len(data.classes) == 71
    assert np.bincount(data.train.labels).tolist() == [3] * 71


def test_fonts_are_added_to_those_of_the_table(folder):
    with (folder / "fonts" / "fonts.csv").open(encoding="utf-8") as lines:
        names = [row["file"] for row in csv.DictReader(lines)]
    assert names == ["other.ttf", *FONTS]
