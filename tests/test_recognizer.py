"""Prediction with ONNX Runtime, on a toy model and on every committed one."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from toy import CLASSES, TEMPERATURE, draw, save, write_model

from handwriting import paths
from handwriting.cards import checked_file, list_models, read_card
from handwriting.errors import UserError
from handwriting.recognizer import CharacterRecognizer

COMMITTED = [name for name in list_models() if read_card(name).task == "characters"]


@pytest.fixture
def recognizer(toy_model) -> CharacterRecognizer:
    return CharacterRecognizer.load("toy")


def random_images(count: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (count, 28, 28), np.uint8)


def test_bytes_and_floats_give_the_same_logits(recognizer):
    images = random_images(7)
    logits = recognizer.logits(images)
    assert logits.dtype == np.float32
    floats = images[..., None].astype(np.float32) / 255
    assert np.array_equal(logits, recognizer.logits(floats))
    np.testing.assert_allclose(logits, recognizer.logits(floats.astype(float)), rtol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 130])
def test_any_number_of_images_in_order(recognizer, count):
    images = random_images(count)
    logits = recognizer.logits(images)
    assert logits.shape == (count, len(CLASSES))
    for i in range(0, count, 43):
        np.testing.assert_allclose(logits[i], recognizer.logits(images[i : i + 1])[0], rtol=1e-5)
    assert len(recognizer.predict_inputs(images)) == count


def test_probabilities_are_the_softmax_of_logits_over_temperature(recognizer):
    images = random_images(5)
    scaled = np.exp(recognizer.logits(images).astype(float) / TEMPERATURE)
    expected = scaled / scaled.sum(axis=1, keepdims=True)
    found = recognizer.probabilities(images)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)


def test_huge_logits_do_not_overflow(toy_model, toy_onnx):
    write_model(toy_model, toy_onnx, temperature=1e-4)
    found = CharacterRecognizer.load("toy").probabilities(random_images(3))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("text", CLASSES)
def test_path_bytes_picture_and_array_read_the_same(recognizer, text, tmp_path):
    picture = draw(text, size=90, thickness=9)
    path = save(picture, tmp_path / "glyph.png")
    results = [
        recognizer.predict(source)
        for source in (
            path,
            str(path),
            path.read_bytes(),
            io.BytesIO(path.read_bytes()),
            Image.fromarray(picture),
            picture,
            255 - picture,
        )
    ]
    assert results[0].text == text
    assert all(result == results[0] for result in results)


def test_top_is_sorted_capped_and_begins_with_the_answer(recognizer):
    result = recognizer.predict(draw("L"))
    texts, probabilities = zip(*result.top, strict=True)
    assert (texts[0], probabilities[0]) == (result.text, result.confidence)
    assert sorted(texts) == sorted(CLASSES), "three classes although five were asked for"
    assert list(probabilities) == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1)
    assert recognizer.predict(draw("L"), top=2).top == result.top[:2]
    assert len(recognizer.predict(draw("L"), top=0).top) == 1


def test_blank_picture_is_refused(recognizer):
    with pytest.raises(UserError, match="no writing"):
        recognizer.predict(np.full((40, 40), 255, np.uint8))


def test_model_of_another_task_is_refused(toy_model, toy_onnx):
    write_model(toy_model, toy_onnx, "page_lines", task="lines")
    with pytest.raises(UserError, match="page_lines: reads lines, not single characters"):
        CharacterRecognizer.load("page_lines")


def test_model_that_does_not_match_its_card_is_refused(toy_model):
    with open(toy_model / "toy.onnx", "ab") as file:
        file.write(b"\0")
    with pytest.raises(UserError, match="does not match"):
        CharacterRecognizer.load("toy")


@pytest.mark.parametrize("name", COMMITTED)
def test_committed_model_has_a_complete_card(name):
    card = read_card(name)
    for suffix in (".h5", ".onnx"):
        checked_file(card, paths.models_dir(), suffix)
    for file in card.files:
        assert (paths.models_dir() / file).is_file()
    assert card.name == name
    assert len(set(card.classes)) == len(card.classes) > 1
    filled = (card.architecture, card.parameters, card.dataset, card.data_hash, card.epochs)
    assert all(filled) and all((card.command, card.hardware, card.date, card.licence))
    assert card.validation["n"] > 0 and card.test["n"] > 0
    assert 0 < card.test["accuracy"] <= 1 and 0 < card.validation["accuracy"] <= 1
    assert card.temperature > 0
    assert 1 <= card.best_epoch <= card.epochs
    text = " ".join((card.command, card.dataset, card.hardware, *card.data_notes))
    assert not re.search(r"(^|[\s='\"])(/|~|[A-Za-z]:\\)", text), "a path of one machine"


@pytest.mark.parametrize("name", COMMITTED)
def test_committed_keras_and_onnx_files_are_the_same_network(name):
    from handwriting.saving import load_keras  # TensorFlow

    onnx = CharacterRecognizer.load(name)
    model, card = load_keras(name)
    images = random_images(16)
    expected = model.predict(images[..., None].astype(np.float32) / 255, verbose=0)
    assert expected.shape == (16, len(card.classes))
    np.testing.assert_allclose(onnx.logits(images), expected, atol=1e-3, rtol=1e-3)
    assert model.count_params() == card.parameters
