"""The tables over data sets, against counts made by hand."""

import numpy as np
import pytest

from handwriting import paths
from handwriting.datasets.base import CharacterData, Split, empty_split
from handwriting.datasets.summary import overview, summarise


def make_split(labels, value: int = 51) -> Split:
    return Split(np.full((len(labels), 28, 28), value, np.uint8), np.array(labels, np.int64))


@pytest.fixture
def data():
    return CharacterData(
        "toy",
        ("a", "b", "c"),
        make_split([0] * 6 + [1] * 3 + [2]),
        make_split([0, 0, 1]),
        empty_split(),
        ("redrawn", "stand-in"),
    )


def test_counts_shares_and_imbalance(data):
    table = summarise(data)
    assert table.index.tolist() == ["a", "b", "c"]
    assert table["train"].tolist() == [6, 3, 1]
    assert table["validation"].tolist() == [2, 1, 0]
    assert table["test"].tolist() == [0, 0, 0]
    assert table["share"].tolist() == [0.6, 0.3, 0.1]
    assert table["imbalance"].tolist() == [1.0, 2.0, 6.0]


def test_class_without_images_has_infinite_imbalance():
    empty = CharacterData("x", ("a", "b"), make_split([0]), empty_split(), empty_split())
    assert summarise(empty)["imbalance"].tolist() == [1.0, np.inf]
    assert overview([empty])["imbalance"].tolist() == [np.inf]


def test_overview_has_one_row_for_each_data_set(data, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "datasets.toml").write_text('[toy]\nlicence = "CC0"\n')
    row = overview([data]).loc["toy"]
    assert (row["classes"], row["train"], row["validation"], row["test"]) == (3, 10, 3, 0)
    assert row["imbalance"] == 6.0
    assert row["mean"] == pytest.approx(0.2)
    assert row["licence"] == "CC0"
    assert row["notes"] == "redrawn; stand-in"


def test_overview_without_licences_or_data_sets(data, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    assert overview([data]).loc["toy", "licence"] == ""
    assert overview([]).empty
