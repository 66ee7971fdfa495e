"""The recurrent language model: as Keras trains it, as NumPy runs it, and as a file."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from test_language_model import ABC, invented

from handwriting import paths
from handwriting.checkpoints import Checkpoint
from handwriting.errors import UserError
from handwriting.lines.charset import DEFAULT_CHARSET
from handwriting.lines.language import RecurrentModel
from handwriting.lines.language.building import write_recurrent_model
from handwriting.lines.language.corpus import Corpus
from handwriting.lines.language.histories import merge_histories
from handwriting.lines.language.recurrent_options import RecurrentExperiment
from handwriting.lines.language.recurrent_training import (
    build_recurrent_network,
    train_recurrent_model,
)

EXPERIMENT = RecurrentExperiment(
    units=24, embedding=8, epochs=4, batch_lines=16, learning_rate=0.02, warmup_steps=5, average=0.8
)


def corpus(count: int = 400) -> Corpus:
    texts = tuple(invented(count))
    held_out = {"own": tuple(invented(60, seed=9))}
    return Corpus(texts, (1.0,) * count, ("en",) * count, held_out, {"own": count})


@pytest.fixture(scope="module")
def trained():
    return train_recurrent_model(lambda epoch: corpus(), ABC, EXPERIMENT, quiet=True)


@pytest.fixture(scope="module")
def model(trained):
    return trained[0]


def test_it_learns_what_follows_what(trained):
    model, history = trained
    bits = [row["bits_own"] for row in history]
    assert bits == sorted(bits, reverse=True) and bits[-1] < 1.5 < np.log2(len(ABC) + 1)
    assert model.bits_per_character(corpus().held_out["own"]) == pytest.approx(bits[-1])
    likely = model.log_probs(["bad cab dab abba", "cab bad abba dab"])
    assert likely[0] > likely[1] + 1, "the order of words"


def test_texts_of_one_length_or_another_sum_to_one(model):
    texts, total = [""], 0.0
    for _ in range(5):
        total += np.exp(model.log_probs(texts)).sum()
        texts = [text + letter for text in texts for letter in ABC.characters]
    longer = np.exp(model.log_probs(texts)).sum()
    assert total < 1 and 0 < longer < 1 - total + 1e-6


def test_numpy_says_what_keras_says():
    network = build_recurrent_network(len(ABC) + 1, EXPERIMENT)
    model = RecurrentModel.from_weights(ABC, network.get_weights())
    text = "dad cab"
    symbols = [len(ABC), *ABC.encode(text), len(ABC)]
    logits = network.predict_on_batch(np.array([symbols[:-1]], np.int32))[0]
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    expected = logs[np.arange(len(logs)), symbols[1:]].sum()
    assert model.log_probs([text])[0] == pytest.approx(expected, rel=2e-3)  # weights of 16 bits


def test_texts_in_lists_are_worth_what_they_are_alone(model):
    lists = [["bad cab", "bad dab", "dad cab", ""], ["bad cab"], ["cab abba cad", "cab abba cab"]]
    alone = np.concatenate([model.log_probs(texts) for texts in lists])
    symbols = [[ABC.encode(text) for text in texts] for texts in lists]
    np.testing.assert_allclose(model.list_log_probs(symbols), alone, rtol=1e-5)


def test_a_short_memory_costs_little_and_spares_much(model):
    text = "bad cab dab abba cad dad baba"  # no six characters of it are there twice
    texts = [text, text.replace("b", "c", 1), text.replace("a", "", 1)]
    lists = [[ABC.encode(text) for text in texts]]
    short, whole = (merge_histories(lists, len(ABC), memory) for memory in (6, 10**6))
    count = [sum(len(places) for places, _ in h.levels) for h in (short, whole)]
    assert count[0] <= len(text) + 2 * 6 < 2 * len(text) < count[1]
    near, exact = model.list_log_probs(lists, 6), model.list_log_probs(lists)
    assert near[0] == pytest.approx(exact[0]), "the first text's beginnings are the kept ones"
    np.testing.assert_allclose(near, exact, atol=0.5)


def test_an_interrupted_run_ends_where_the_whole_one_does(trained, tmp_path):
    def run(epochs):
        checkpoint = Checkpoint(tmp_path / "state.npz", {"seed": 0})
        stop = {"epoch": epochs}

        def texts(epoch):
            if epoch == stop["epoch"]:
                raise KeyboardInterrupt
            return corpus()

        return train_recurrent_model(texts, ABC, EXPERIMENT, checkpoint, quiet=True)

    with pytest.raises(KeyboardInterrupt):
        run(2)
    model, history = run(99)
    assert len(history) == EXPERIMENT.epochs
    expected = trained[0].bits_per_character(corpus().held_out["own"])
    assert model.bits_per_character(corpus().held_out["own"]) == pytest.approx(expected, abs=0.02)


def test_heavier_lines_come_more_often():
    light, heavy = "ab", "cd"
    lines = Corpus((light, heavy) * 100, (0.5, 3.5) * 100, ("",) * 200, {}, {})
    model, history = train_recurrent_model(lambda epoch: lines, ABC, EXPERIMENT, quiet=True)
    assert history[0]["lines"] == pytest.approx(400, abs=40)
    likely = model.log_probs([light, heavy])
    assert likely[1] - likely[0] == pytest.approx(np.log(7), abs=0.5)


def test_file_and_card(model, trained, tmp_path):
    path = tmp_path / "made" / "some.rnn.npz"
    card = write_recurrent_model(model, EXPERIMENT, trained[1], corpus(), path)
    assert json.loads(path.with_suffix(".json").read_text()) == card
    assert card["units"] == 24 and card["held_out_lines"] == {"own": 60}
    again = RecurrentModel.load(path)
    texts = ["bad cab", "dd"]
    np.testing.assert_array_equal(again.log_probs(texts), model.log_probs(texts))
    again.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(UserError, match="not a recurrent language model") as error:
        RecurrentModel.load(path)
    assert "\n" not in str(error.value) and "recurrent_language_model.py" in str(error.value)


def test_script(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "en.txt").write_text("\n".join(invented(150, sizes=(4, 20))))

    def run(*options):
        command = [sys.executable, paths.ROOT / "src" / "recurrent_language_model.py", *options]
        done = subprocess.run(
            [*map(str, command), "--output", str(tmp_path / "some.rnn.npz")],
            env={
                **os.environ,
                "HANDWRITING_DATA": str(tmp_path),
                "HANDWRITING_OUTPUTS": str(tmp_path / "outputs"),
            },
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    done = run("--units", "8", "--epochs", "2")
    assert done.returncode == 0, done.stderr
    assert "epoch 2/2" in done.stdout and "some.rnn.npz" in done.stdout
    assert RecurrentModel.load(tmp_path / "some.rnn.npz").charset == DEFAULT_CHARSET
    refused = run("--epochs", "0")
    assert refused.returncode == 2 and refused.stderr.startswith("error: --epochs 0: a positive")
    refused = run("--units", "16", "--epochs", "2", "--resume")
    assert refused.returncode == 2 and "made with other units" in refused.stderr
