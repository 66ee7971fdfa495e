"""A second reader: what its opinion counts for, and its way from training to prediction."""

import shutil
import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest
from lines_toy import CHARSET, make_data, write_line_model
from test_decoding import ABC, random_logits, spikes
from test_finetune_lines import QUICK, hand
from test_line_models import GROWN, SMALL, trained_like

from handwriting import paths
from handwriting.cards import read_card, write_card
from handwriting.errors import UserError
from handwriting.finetune.lines import finetune_lines
from handwriting.lines.augment import NO_AUGMENTATION
from handwriting.lines.decoding import (
    BeamSettings,
    Hypothesis,
    SecondReader,
    SecondSettings,
    beam_search_all,
    decode_all,
    decode_texts,
    greedy,
    log_probabilities,
)
from handwriting.lines.decoding.frames import stack
from handwriting.lines.decoding.lattice import (
    stack_texts,
    sum_alignments,
    text_log_probabilities,
)
from handwriting.lines.decoding.second_tuning import tune_second
from handwriting.lines.experiments import LineExperiment
from handwriting.lines.language import NgramModel
from handwriting.lines.metrics import cer
from handwriting.lines.models import build_line_model, is_beside
from handwriting.lines.network import transfer_line_weights
from handwriting.lines.recognizer import LineRecognizer
from handwriting.lines.saving import model_inputs, save_line_model
from handwriting.lines.saving import write_line_model as save_files
from handwriting.lines.second_adopting import adopt_second_reader
from handwriting.lines.second_training import SecondExperiment, teach_second_reader
from handwriting.lines.training import train_lines

WITH_SECOND = replace(SMALL, second=1)
EXPERIMENT = LineExperiment(
    "toy",
    epochs=6,
    cooldown_epochs=2,
    learning_rate=1e-2,
    warmup_epochs=0.2,
    batch_columns=1600,
    auxiliary_weight=0.5,
    average=0.8,
    precision="float32",
    options=replace(WITH_SECOND, blocks=0, dropout=0.0),
    augmentation=NO_AUGMENTATION,
)


def texts_of(*texts: str) -> list[np.ndarray]:
    return [ABC.encode(text).astype(int) for text in texts]


def beam(*texts: tuple[str, float, float]) -> list[Hypothesis]:
    return [Hypothesis(tuple(ABC.encode(text)), score, image) for text, score, image in texts]


def words(found: list[Hypothesis]) -> list[str]:
    return [ABC.decode(text.indices) for text in found]


def test_texts_of_one_line_are_as_probable_as_each_alone():
    frames = log_probabilities(random_logits(4, 9))
    texts = texts_of("abca", "bb", "", "c")
    found = text_log_probabilities(stack([frames])[:, 0], stack_texts(texts, len(ABC)))
    alone = [sum_alignments(frames, text).log_probability for text in texts]
    np.testing.assert_allclose(found, alone)


def test_the_new_score_is_the_sum_that_the_definition_says():
    logits = random_logits(1, 8)
    settings = SecondSettings(first=0.6, second=0.3, bonus=0.5)
    found = beam(("ab", -3.0, -1.0), ("b", -4.0, -1.5))
    ranked = SecondReader([logits], settings).rank([found])[0]
    frames = log_probabilities(logits)
    for text, score, image in (("ab", -3.0, -1.0), ("b", -4.0, -1.5)):
        own = sum_alignments(frames, ABC.encode(text).astype(int)).log_probability
        wanted = 0.6 * image + (score - image) + 0.3 * own + 0.5 * len(text)
        (new,) = (one.score for one in ranked if ABC.decode(one.indices) == text)
        assert new == pytest.approx(wanted)
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)


def test_each_line_hears_its_own_second_reader():
    doubtful = beam(("ab", -1.0, -1), ("ac", -1.2, -1.2))
    lines = [spikes("_a_c_", ABC), spikes("_a_b_", ABC)]
    reader = SecondReader(lines, SecondSettings(second=1.0))
    assert [words(own)[0] for own in reader.rank([doubtful, doubtful])] == ["ac", "ab"]


def test_only_texts_in_reach_are_weighed():
    found = beam(("a", 0.0, 0), ("b", -1.0, -1), ("c", -7.0, -7))
    every = SecondSettings(second=9.0)
    for settings in (replace(every, margin=5), replace(every, texts=2)):
        assert "c" not in words(SecondReader([spikes("_c_", ABC)], settings).rank([found])[0])
    assert words(SecondReader([spikes("_c_", ABC)], every).rank([found])[0])[0] == "c"


def test_a_reader_that_sees_nothing_of_a_text_does_no_harm():
    logits = np.full((3, len(ABC) + 1), -1e5, np.float32)
    logits[:, -1] = 0
    found = beam(("ab", -1.0, -1), ("b", -1.1, -1))
    ranked = SecondReader([logits], SecondSettings(second=0.5)).rank([found])[0]
    assert np.isfinite([one.score for one in ranked]).all()


def test_decoding_reads_the_text_that_both_agree_on():
    logits = spikes("a_b_", ABC, sure=2.0)
    logits[2, ABC.encode("c")[0]] = logits[2, ABC.encode("b")[0]] - 0.3
    assert decode_all([logits], ABC)[0].text == "ab"
    second = SecondReader([spikes("a_c_", ABC)], SecondSettings(second=0.5))
    chosen = decode_all([logits], ABC, second=second)[0]
    assert chosen.text == "ac" == "".join(c.text for c in chosen.characters)
    assert "ab" in dict(chosen.words[0].alternatives)
    assert decode_texts([logits], ABC, None, BeamSettings(), second) == ["ac"]


def test_tuning_turns_to_a_reader_that_helps_and_from_one_that_does_not():
    lists = [beam(("ab", -1.0, -0.5), ("ac", -1.5, -0.6), ("b", -1.6, -0.7))] * 8
    helps = SecondReader([spikes("_a_c_", ABC)] * 8, SecondSettings(texts=3))
    tuned = tune_second(lists, ["ac"] * 8, ABC, helps)
    assert tuned.second > 0 and tuned.texts == 3
    assert words(replace(helps, settings=tuned).rank(lists)[0])[0] == "ac"
    assert tune_second(lists, ["ab"] * 8, ABC, helps) == SecondSettings(texts=3)
    with pytest.raises(ValueError, match="cannot be tuned"):
        tune_second(lists, ["ab"], ABC, helps)


@pytest.mark.parametrize("wrong", [{"texts": 0}, {"first": -0.1}, {"second": -1.0}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError):
        SecondSettings(**wrong)


def test_the_second_reader_sees_a_few_letters_and_the_first_the_whole_line():
    model = build_line_model("crnn", 40, 5, WITH_SECOND)
    line = np.zeros((1, 40, 160, 1), np.float32)
    changed = line.copy()
    changed[:, :, -4:] = 1
    first, second = (
        np.abs(a - b).max(axis=(0, 2)) for a, b in zip(model(line), model(changed), strict=True)
    )
    assert first[0] > 0 and second[:25].max() == 0 < second[35]


@pytest.mark.parametrize("grown", [False, True])
def test_a_second_reader_is_taken_along_or_begun(grown):
    base = trained_like(build_line_model("crnn", 40, 5, WITH_SECOND))
    plain = trained_like(build_line_model("crnn", 40, 5, SMALL))
    options = replace(GROWN if grown else SMALL, second=1)
    line = np.random.default_rng(0).random((1, 40, 96, 1), np.float32)
    for start in (base, plain):
        model = build_line_model("crnn", 40, 5, options, auxiliary=True)
        transfer_line_weights(start, model)
        before = keras.tree.flatten(start(line))
        for old, new in zip(before, model(line), strict=False):  # `plain` has no second
            np.testing.assert_allclose(new, old, rtol=1e-4, atol=1e-4)
    single = build_line_model("crnn", 40, 5, SMALL)
    transfer_line_weights(base, single)
    np.testing.assert_allclose(single(line), base(line)[0], rtol=1e-5)
    assert not any(is_beside(layer) for layer in single.layers)


@pytest.fixture(scope="module")
def trained():
    data = make_data()
    return data, train_lines(EXPERIMENT, data.train, data.validation, charset=CHARSET, quiet=True)


@pytest.fixture(scope="module")
def saved(trained, tmp_path_factory):
    """A folder with the model `toy`, which has a second reader, and a language model."""
    folder = tmp_path_factory.mktemp("saved")
    data, result = trained
    NgramModel.train(data.train.texts, CHARSET, order=2).save(folder / "toy.lm.npz")
    save_line_model(EXPERIMENT, data, result, CHARSET, folder)
    return folder


@pytest.fixture
def models(saved, tmp_path, monkeypatch):
    """A copy of it."""
    shutil.copytree(saved, tmp_path / "models")
    for name in ("data", "models", "outputs"):
        (tmp_path / name).mkdir(exist_ok=True)
        monkeypatch.setenv(f"HANDWRITING_{name.upper()}", str(tmp_path / name))
    return tmp_path / "models"


def test_from_training_to_prediction(models, trained):
    card = read_card("toy")
    assert card.options["second"] == 1
    assert card.decoding.get("second", {"second": 1})["second"] > 0, "named if it has a say"
    recognizer = LineRecognizer.load("toy")
    pictures = model_inputs(trained[0].test, 40)
    first, second = recognizer.outputs(pictures)
    assert [own.shape for own in first] == [own.shape for own in second]
    assert recognizer.texts([np.zeros((40, 64), np.uint8)]) == [""]
    card.decoding["second"] = {"first": 0.0, "second": 1.0}
    write_card(card, models)
    swayed = LineRecognizer.load("toy")
    found = beam_search_all(first, CHARSET, swayed.language_model, swayed.settings)
    ranked = SecondReader(second, SecondSettings(first=0.0, second=1.0)).rank(found)
    wanted = [" ".join(CHARSET.decode(own[0].indices).split()) for own in ranked]
    assert swayed.texts(pictures) == wanted == [line.text for line in swayed.read(pictures)]
    assert swayed.without_language_model().second is None


def test_a_version_made_from_corrections_goes_without(models, trained):
    version = finetune_lines("toy", hand(8), user="a", minutes=10, recipe=QUICK, keep=True)
    new = read_card(version.name)
    assert new.options["second"] == 0 and "second" not in new.decoding
    assert len(LineRecognizer.load(version.name).outputs(model_inputs(trained[0].test, 40))) == 1


def test_a_second_reader_is_taught_beside_a_finished_network(models, trained):
    data, before = trained[0], read_card("toy")
    pictures = model_inputs(data.test, 40)
    old = LineRecognizer.load("toy").outputs(pictures)
    experiment = SecondExperiment(
        blocks=2,
        epochs=4,
        batch_columns=1600,
        learning_rate=1e-2,
        warmup_steps=5,
        average=0.8,
        augmentation=NO_AUGMENTATION,
    )
    card = teach_second_reader("toy", data, experiment)
    assert card.options["second"] == 2 and card.second_reader["epochs"] == 4
    assert (card.minutes, card.epochs) == (before.minutes, before.epochs)
    new = LineRecognizer.load("toy").outputs(pictures)
    for first, again in zip(old[0], new[0], strict=True):
        np.testing.assert_allclose(again, first, atol=1e-3)
    read = [CHARSET.decode(greedy(own)) for own in new[1]]
    assert cer(data.test.texts, read) < 0.6


@pytest.fixture
def other(models, trained):
    """A network of another architecture that has learned nothing."""
    card = replace(read_card("toy"), name="other", architecture="tiny", options={})
    save_files(build_line_model("tiny", 40, len(CHARSET)), card, trained[0].validation, models)
    return "other"


def test_another_network_becomes_the_second_reader(other, trained):
    data, before = trained[0], read_card("toy")
    pictures = model_inputs(data.test, 40)
    old, theirs = (LineRecognizer.load(name).outputs(pictures)[0] for name in ("toy", other))
    card = adopt_second_reader("toy", other, data)
    new = LineRecognizer.load("toy").outputs(pictures)
    for own, expected in zip(new, (old, theirs), strict=True):
        for found, wanted in zip(own, expected, strict=True):
            np.testing.assert_allclose(found, wanted, atol=1e-3)
    assert card.second_reader["network"] == read_card(other).files["other.h5"]
    assert card.options == before.options | {"second": 0}
    # Where a second reader is taught in its place, it is left behind.
    taught = teach_second_reader("toy", data, SecondExperiment(epochs=1, average=0.5))
    assert taught.parameters == before.parameters
    again = LineRecognizer.load("toy").outputs(pictures)[0]
    np.testing.assert_allclose(again[0], old[0], atol=1e-3)


def test_a_network_of_other_characters_is_not_adopted(other, models, trained):
    write_card(replace(read_card(other), name="odd", classes=("x", "y")), models)
    with pytest.raises(UserError, match="odd: cannot read beside toy: it has another classes"):
        adopt_second_reader("toy", "odd", trained[0])


def test_only_a_crnn_has_a_second_reader(models, monkeypatch, trained):
    write_line_model(models)  # of architecture `tiny`
    with pytest.raises(UserError, match="only a crnn"):
        teach_second_reader("lines", trained[0], SecondExperiment())
    command = [sys.executable, paths.ROOT / "src" / "second_reader.py", "lines", "--epochs", "0"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "error: --epochs 0: at least 1\n")
