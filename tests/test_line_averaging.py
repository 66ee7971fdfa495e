"""The model between two line models: its weights, its card, and what is refused."""

from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from lines_toy import CHARSET, make_data

from handwriting.cards import read_card, write_card
from handwriting.errors import UserError
from handwriting.lines.averaging import average_models
from handwriting.lines.experiments import LineExperiment
from handwriting.lines.models import build_line_model
from handwriting.lines.options import LineOptions
from handwriting.lines.recognizer import LineRecognizer
from handwriting.lines.saving import save_line_model
from handwriting.saving import load_keras


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Two models of random weights, `new` and `old`, and the data on their cards."""
    monkeypatch.setenv("HANDWRITING_MODELS", str(tmp_path))
    data = make_data(4, 8)
    for seed, name in enumerate(("new", "old")):
        keras.utils.set_random_seed(seed)
        experiment = LineExperiment(name, architecture="tiny", epochs=3)
        model = build_line_model("tiny", experiment.height, len(CHARSET))
        result = SimpleNamespace(model=model, best_epoch=1, minutes=1.0)
        save_line_model(experiment, data, result, CHARSET)
    return data


def weights(name: str) -> list[np.ndarray]:
    return load_keras(name)[0].get_weights()


def test_every_weight_lies_between(data, tmp_path):
    card = average_models("new", tmp_path / "old.h5", 0.75, data.validation, name="between")
    for a, b, mean in zip(weights("new"), weights("old"), weights("between"), strict=True):
        # Large tensors are rounded to 16 bits.
        np.testing.assert_allclose(mean, 0.75 * a + 0.25 * b, rtol=1e-3, atol=1e-6)
    assert card == read_card("between") and card.validation["n"] == 8
    assert card.averaging["with"] == read_card("old").files["old.h5"]
    assert card.averaging["share_of_new"] == 0.75
    assert (card.epochs, card.command) == (3, read_card("new").command)
    assert len(LineRecognizer.load("between").logits([np.zeros((40, 64), np.uint8)])) == 1


def test_a_smaller_older_model_is_grown_first(data, tmp_path):
    small = LineOptions(4, 0, 16, 1, 8, 1, 0.0)
    large = replace(small, blocks=1, recurrent=12)
    images = np.random.default_rng(2).random((2, 40, 64, 1), np.float32)
    for seed, (name, options) in enumerate((("less", small), ("more", large))):
        keras.utils.set_random_seed(seed)
        experiment = LineExperiment(name, architecture="crnn", options=options, epochs=1)
        model = build_line_model("crnn", experiment.height, len(CHARSET), options)
        model.set_weights([w + 0.05 for w in model.get_weights()])  # no zeros and ones
        save_line_model(
            experiment, data, SimpleNamespace(model=model, best_epoch=1, minutes=1.0), CHARSET
        )
    average_models("more", "less", 0.0, data.validation, name="grown")
    average_models("more", "less", 0.5, data.validation, name="half")
    outputs = {name: load_keras(name)[0](images) for name in ("less", "more", "grown", "half")}
    np.testing.assert_allclose(outputs["grown"], outputs["less"], atol=1e-4)
    assert np.abs(outputs["half"] - outputs["less"]).max() > 1e-3
    assert np.abs(outputs["half"] - outputs["more"]).max() > 1e-3
    with pytest.raises(UserError, match="other sizes"):
        average_models("less", "more", 0.5, data.validation)


def test_by_default_it_takes_the_place_of_the_new_one(data):
    before = weights("new")
    average_models("new", "old", 1.0, data.validation)
    for a, b in zip(before, weights("new"), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert read_card("new").averaging["share_of_new"] == 1.0


def test_what_does_not_match_is_refused_and_nothing_is_lost(data, tmp_path):
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(UserError, match="between 0 and 1"):
        average_models("new", "old", 1.5, data.validation)
    with pytest.raises(UserError, match="none"):
        average_models("new", "none", 0.5, data.validation)
    card = read_card("old")
    write_card(replace(card, classes=(*card.classes[:-1], "x")), tmp_path)
    with pytest.raises(UserError, match="another classes"):
        average_models("new", "old", 0.5, data.validation)
    (tmp_path / "old.json").write_bytes(before["old.json"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
