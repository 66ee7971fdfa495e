"""Drawn lines, texts and fonts stand in for the real ones in every loader."""

import numpy as np
import pytest

from handwriting.lines.charset import DEFAULT_CHARSET, plain_text
from handwriting.lines.collections import COLLECTIONS, load_lines
from handwriting.lines.data import LINE_HEIGHT, PAPER
from handwriting.lines.generated import SENTENCES, write_generated_lines
from handwriting.lines.language.corpus import read_corpus
from handwriting.lines.synthesis import Synthesiser

SIZES = {"train": 6, "validation": 2, "test": 3}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated")
    write_generated_lines(folder, **SIZES)
    return folder


@pytest.fixture
def data(folder, monkeypatch):
    monkeypatch.setenv("HANDWRITING_DATA", str(folder))
    return {name: load_lines(name) for name in COLLECTIONS}


def test_every_collection_is_there_in_the_form_of_stored_lines(data):
    for name, lines in data.items():
        assert {split: len(part) for split, part in lines.splits().items()} == SIZES
        for line in lines.train:
            assert line.image.shape[0] == LINE_HEIGHT and line.source == name
            assert abs(float(np.median(line.image)) - PAPER) < 3
            assert line.text == plain_text(line.text)
            assert not DEFAULT_CHARSET.missing(line.text)


def test_what_is_labelled_is_drawn(data):
    for line in data["copiste"].train:
        ink = line.image < 160
        assert not ink[[0, -1]].any() and not ink[:, :6].any() and not ink[:, -6:].any()
        # A character takes 14 pixels or so: a label of other words would not fit.
        written = np.ptp(np.flatnonzero(ink.any(axis=0)))
        assert 8 < written / len(line.text) < 25


def test_test_lines_of_some_collections_are_by_new_writers(data):
    def writers(name, split):
        return {line.writer for line in data[name].splits()[split]}

    for name in ("copiste", "dhsd", "poilus"):
        assert not writers(name, "train") & writers(name, "test")
    assert writers("hooker", "train") == writers("hooker", "test")


def test_the_same_seed_gives_the_same_files(folder, tmp_path):
    write_generated_lines(tmp_path, **SIZES)
    for name in ("hooker", "dhsd"):
        file = f"lines/{name}.parquet"
        assert (folder / file).read_bytes() == (tmp_path / file).read_bytes()
    write_generated_lines(tmp_path, **SIZES, seed=1)
    assert (folder / file).read_bytes() != (tmp_path / file).read_bytes()


def test_texts_and_fonts_serve_language_model_and_synthesis(folder):
    corpus = read_corpus(folder / "text", DEFAULT_CHARSET)
    assert set(corpus.sources) == {f"{language}.txt" for language in SENTENCES}
    line = Synthesiser(folder / "text", folder / "fonts", emnist=False).line(
        np.random.default_rng(0)
    )
    assert line.text and line.image.shape[0] == LINE_HEIGHT
