"""Learning from corrected lines, from a base that misreads a hand to a version that reads it."""

import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lines_toy import CHARSET, make_data
from PIL import Image

from handwriting.cards import read_card
from handwriting.errors import UserError
from handwriting.finetune import list_versions, rollback
from handwriting.finetune.lines import finetune_lines
from handwriting.finetune.recipe import LineRecipe
from handwriting.lines.augment import NO_AUGMENTATION
from handwriting.lines.data import LINE_HEIGHT, PAPER, Line, LineSplit
from handwriting.lines.experiments import LineExperiment
from handwriting.lines.language import NgramModel
from handwriting.lines.recognizer import LineRecognizer
from handwriting.lines.saving import model_inputs, save_line_model
from handwriting.lines.training import train_lines

EXPERIMENT = LineExperiment(
    "toy",
    architecture="tiny",
    epochs=9,
    cooldown_epochs=3,
    learning_rate=2e-2,
    warmup_epochs=0.2,
    batch_columns=1600,
    average=0.8,
    precision="float32",
    augmentation=NO_AUGMENTATION,
)
RECIPE = LineRecipe(
    learning_rate=1e-2, rounds=15, batch_columns=1600, average=0.9, strength=0.1, replay_weight=1.0
)
QUICK = replace(RECIPE, rounds=1)
# Another hand writes lower, and narrower; d is a sign that the base has never seen.
_HAND = {"a": ((0.3, 0.45),), "b": ((0.75, 0.9),), "c": ((0.3, 0.45), (0.75, 0.9)), " ": ()}
_HAND["d"] = ((0.1, 0.9),)


def write(text: str, rng: np.random.Generator) -> Line:
    image = np.full((LINE_HEIGHT, 28 * (len(text) + 1)), PAPER, np.uint8)
    for place, character in enumerate(text):
        left = 28 * place + 14 + int(rng.integers(-2, 3))
        for top, bottom in _HAND[character]:
            image[round(64 * top) : round(64 * bottom), left : left + 12] = 60
    noisy = np.clip(image + rng.normal(0, 2, image.shape), 0, 255)
    return Line(noisy.astype(np.uint8), text, "hand")


def hand(count: int, letters: str = "abc", seed: int = 5) -> LineSplit:
    rng = np.random.default_rng(seed)
    texts = ["".join(rng.choice(list(letters), int(rng.integers(2, 7)))) for _ in range(count)]
    return LineSplit(tuple(write(text, rng) for text in texts))


@pytest.fixture(scope="module")
def base():
    data = make_data()
    return data, train_lines(EXPERIMENT, data.train, data.validation, charset=CHARSET, quiet=True)


@pytest.fixture
def folders(base, tmp_path, monkeypatch):
    """The base `toy` with a language model; its data as the collection `dhsd`."""
    data, result = base
    for name in ("data", "models", "outputs"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(f"HANDWRITING_{name.upper()}", str(tmp_path / name))
    rows = [_row(line, split) for split, lines in data.splits().items() for line in lines]
    (tmp_path / "data" / "lines").mkdir()
    pd.DataFrame(rows).to_parquet(tmp_path / "data" / "lines" / "dhsd.parquet")
    ngrams = NgramModel.train(data.train.texts, CHARSET, order=2)
    ngrams.save(tmp_path / "models" / "toy.lm.npz")
    save_line_model(EXPERIMENT, data, result, CHARSET)
    return tmp_path


def _row(line: Line, split: str) -> dict:
    file = io.BytesIO()
    Image.fromarray(line.image).save(file, "PNG")
    about = {"text": line.text, "language": "en", "writer": line.writer, "page": ""}
    return {"image": file.getvalue(), "split": split, **about}


def files(folder) -> set[str]:
    return {path.name for path in (folder / "models").rglob("*") if path.is_file()}


def test_a_hand_is_learned_and_the_old_one_is_not_forgotten(folders):
    before = files(folders)
    seen = []
    result = finetune_lines(
        "toy",
        hand(40),
        user="anna",
        minutes=10,
        recipe=RECIPE,
        progress=lambda share, what: seen.append((share, what)),
    )
    assert result.accepted and result.after < 0.7 * result.before, result.reason
    assert result.general_after <= result.general_before + 0.005
    assert result.general == 16  # of 24 validation lines; the others are chosen by
    assert (result.learned, result.metric) == (40, "CER") and 0 < result.held_out < 40
    shares = [share for share, _ in seen]
    assert shares == sorted(shares) and (shares[0], shares[-1]) == (0, 1)

    # The version reads unseen lines of the hand better, loaded by name as any model.
    new, old = LineRecognizer.load(result.name), LineRecognizer.load("toy")
    unseen = hand(30, seed=6)
    pictures = model_inputs(unseen, 40)
    right = [np.mean(np.array(r.texts(pictures)) == unseen.texts) for r in (new, old)]
    assert right[0] > right[1] + 0.2
    assert new.settings == old.settings and new.language_model is not None
    card = read_card(result.name)
    about = card.finetuning
    assert (card.init_from, about["base"], about["user"]) == ("toy", "toy", "anna")
    assert about["base_sha256"] == read_card("toy").files["toy.h5"]
    assert about["scores"]["after"] == pytest.approx(result.after)
    assert files(folders) - before == {*card.files, f"{result.name}.json"}
    assert {example.reference for example in result.changed_examples} <= set(hand(40).texts)

    # A version is a base as well, and goes back without harm to either.
    again = finetune_lines(
        result.name, hand(40, seed=8), user="anna", minutes=10, recipe=QUICK, keep=True
    )
    assert list_versions("toy", "anna") == [result.name, again.name]
    rollback(again.name)
    assert list_versions("toy") == [result.name]
    LineRecognizer.load("toy")


def test_new_characters_are_read_with_the_language_model(folders):
    result = finetune_lines(
        "toy",
        hand(60, "abcd"),
        user="anna",
        minutes=10,
        recipe=replace(RECIPE, rounds=30, choice_loss=1.0),
        keep=True,
    )
    assert result.new_characters == "d"
    recognizer = LineRecognizer.load(result.name)
    assert recognizer.charset.characters == (*CHARSET.characters, "d")
    unseen = hand(20, "abcd", seed=6)
    read = recognizer.texts(model_inputs(unseen, 40))
    assert sum(text.count("d") for text in read) > 0.5 * sum(t.count("d") for t in unseen.texts)


def test_what_does_not_help_is_refused_and_leaves_nothing(folders):
    before = files(folders)
    useless = replace(QUICK, learning_rate=1e-9)
    result = finetune_lines("toy", hand(8), user="anna", minutes=10, recipe=useless)
    assert not result.accepted and result.name == "" and "no better" in result.reason
    assert (result.held_out, result.learned) == (8, 8)  # each held out once
    assert files(folders) == before and list_versions() == []


def test_a_run_that_is_stopped_leaves_nothing(folders):
    class StoppedError(Exception):
        pass

    def stop(share, what):
        if share > 0.88:
            raise StoppedError

    before = {path.name for path in (folders / "models").iterdir()}
    with pytest.raises(StoppedError):
        finetune_lines("toy", hand(8), user="a", recipe=QUICK, progress=stop)
    assert {path.name for path in (folders / "models").iterdir()} == before


def test_without_data_sets_the_gate_has_lines_of_the_package(folders, monkeypatch):
    monkeypatch.setenv("HANDWRITING_DATA", str(folders / "nowhere"))
    result = finetune_lines("toy", hand(8), user="a", recipe=QUICK, general_lines=20)
    assert result.general >= 20
    assert "drawn by the package" in result.notes[-1]


@pytest.mark.parametrize("damage", ["gone", "changed", "characters", "no such"])
def test_a_base_that_cannot_be_used_is_said_in_one_line(folders, damage):
    models = folders / "models"
    if damage == "gone":
        (models / "toy.h5").unlink()
    if damage == "changed":
        (models / "toy.h5").write_bytes(b"something else")
    if damage == "characters":
        card = json.loads((models / "toy.json").read_text())
        (models / "toy.json").write_text(json.dumps(card | {"task": "characters"}))
    before = files(folders)
    with pytest.raises(UserError) as caught:
        finetune_lines("nothing" if damage == "no such" else "toy", hand(8), user="a")
    assert "\n" not in str(caught.value)
    assert files(folders) == before
