"""Model cards: what is written is read back, and a file that does not match is refused."""

import json
from dataclasses import fields

import pytest
from toy import CLASSES, write_model

from handwriting.cards import (
    ModelCard,
    card_path,
    checked_file,
    list_models,
    read_card,
    sha256,
    write_card,
)
from handwriting.errors import UserError


def test_card_is_read_back_as_it_was_written(tmp_path):
    card = ModelCard(
        name="every_field",
        task="characters",
        classes=("é", "★", '"', "\\"),
        input={"shape": [28, 28, 1], "range": [0, 1]},
        preprocessing={"size": 28, "box": 20, "centre": "mass"},
        architecture="tiny",
        options={"dropout": 0.3},
        parameters=1234,
        dataset="mnist",
        data_hash="ab",
        data_notes=("one", "two"),
        seed=3,
        epochs=2,
        best_epoch=1,
        minutes=0.5,
        command="python src/train.py x",
        hardware="a laptop",
        init_from="mnist",
        validation={"n": 5, "accuracy": 0.8},
        test={"n": 6, "accuracy": 0.7},
        temperature=1.25,
        decoding={"beam": {"alpha": 0.5}, "calibration": {"words": [1.0, 0.0]}},
        finetuning={"base": "mnist", "scores": {"before": 0.3, "after": 0.2}},
        averaging={"with": "00", "share_of_new": 0.8},
        second_reader={"blocks": 1},
        date="2026-01-31",
        licence="MIT",
        files={"every_field.onnx": "00"},
    )
    defaults = ModelCard("", "", (), {}, {})
    same = [f.name for f in fields(card) if getattr(card, f.name) == getattr(defaults, f.name)]
    assert same == [], "a field that has its default proves nothing"
    path = write_card(card, tmp_path)
    assert path.name == "every_field.json"
    assert "★" in path.read_text("utf-8"), "a person can read it"
    assert read_card(path) == card


def test_model_is_found_by_name_and_by_any_of_its_files(toy_model, monkeypatch):
    card = read_card("toy")
    assert (card.name, card.classes) == ("toy", CLASSES)
    for suffix in (".onnx", ".json", ".h5", ".tflite", ""):
        assert read_card(toy_model / f"toy{suffix}") == card
    assert read_card(str(toy_model / "toy.onnx")) == card
    monkeypatch.chdir(toy_model)
    monkeypatch.setenv("HANDWRITING_MODELS", "/nowhere")
    assert card_path("toy.onnx").resolve() == toy_model / "toy.json"
    assert card_path("./toy").resolve() == toy_model / "toy.json"


def test_unknown_name_lists_the_models_there(toy_model, toy_onnx):
    write_model(toy_model, toy_onnx, "another")
    assert list_models() == ["another", "toy"]
    with pytest.raises(UserError, match=r"nope\.json: no such model card; .*: another, toy$"):
        read_card("nope")


def test_versions_are_listed_and_language_models_are_not(toy_model, toy_onnx):
    write_model(toy_model, toy_onnx, "toy@anna-2026-01-31.2")
    (toy_model / "toy.lm.json").write_text("{}")
    assert list_models() == ["toy", "toy@anna-2026-01-31.2"]
    assert read_card("toy@anna-2026-01-31.2").name == "toy@anna-2026-01-31.2"
    assert read_card(str(toy_model / "toy@anna-2026-01-31.2")).classes == CLASSES


def test_empty_models_folder_says_how_to_train(tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_MODELS", str(tmp_path / "none"))
    assert list_models() == []
    with pytest.raises(UserError, match=r"none yet: train one with `python src/train\.py mnist`"):
        read_card("mnist")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"name": "toy"',
        b"[1, 2]",
        b"null",
        b'"text"',
        b"\xff\xfe\x00",
        b'{"name": "toy", "task": "characters"}',
        b'{"name": "a", "task": "b", "input": {}, "preprocessing": {}, "colour": "red"}',
    ],
    ids=["empty", "cut", "list", "null", "text", "binary", "fields missing", "field unknown"],
)
def test_broken_card_is_one_line_that_names_it(toy_model, content):
    (toy_model / "toy.json").write_bytes(content)
    with pytest.raises(UserError, match=r"toy\.json: not a model card") as caught:
        read_card("toy")
    assert "\n" not in str(caught.value)


def test_model_file_must_match_its_card(toy_model):
    card = read_card("toy")
    path = checked_file(card, toy_model, ".onnx")
    assert path == toy_model / "toy.onnx"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"toy\.onnx: does not match the SHA-256"):
        checked_file(card, toy_model, ".onnx")
    path.unlink()
    with pytest.raises(UserError, match=r"toy\.onnx: missing"):
        checked_file(card, toy_model, ".onnx")


def test_model_file_that_the_card_does_not_vouch_for_is_refused(toy_model):
    (toy_model / "toy.h5").write_bytes(b"anything")
    with pytest.raises(UserError, match=r"toy\.h5: missing"):
        checked_file(read_card("toy"), toy_model, ".h5")


def test_sha256_is_the_one_that_other_tools_print(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256(tmp_path / "abc") == expected


def test_card_written_today_holds_every_field(toy_model):
    values = json.loads((toy_model / "toy.json").read_text("utf-8"))
    assert set(values) == {field.name for field in fields(ModelCard)}
