"""Training of lines, from made-up writing to a network that reads it."""

from collections import Counter
from dataclasses import replace

import keras
import numpy as np
import pytest
from lines_toy import CHARSET, make_data

from handwriting.checkpoints import Checkpoint
from handwriting.errors import UserError
from handwriting.lines.augment import NO_AUGMENTATION
from handwriting.lines.batches import plain_batches
from handwriting.lines.charset import Charset
from handwriting.lines.data import Line, LineSplit
from handwriting.lines.decoding import greedy
from handwriting.lines.experiments import LINE_EXPERIMENTS, LineExperiment
from handwriting.lines.metrics import cer
from handwriting.lines.models import build_line_model
from handwriting.lines.network import build_training_model, transfer_line_weights
from handwriting.lines.options import LineOptions
from handwriting.lines.schedule import (
    draw_lines,
    draw_real,
    draw_synthetic,
    learning_rate_at,
    read_emphasis,
)
from handwriting.lines.splicing import Splicer
from handwriting.lines.training import train_lines
from handwriting.saving import load_keras

EXPERIMENT = LineExperiment(
    "toy",
    architecture="tiny",
    epochs=10,
    cooldown_epochs=3,
    learning_rate=2e-2,
    warmup_epochs=0.2,
    batch_columns=1600,
    average=0.8,
    precision="float32",
    augmentation=NO_AUGMENTATION,
)


@pytest.fixture(scope="module")
def data():
    return make_data()


def test_a_network_learns_to_read(data):
    result = train_lines(EXPERIMENT, data.train, data.validation, charset=CHARSET, quiet=True)
    assert result.history[-1]["validation_cer"] < 0.05
    assert result.history[-1]["cer_toy"] == result.history[-1]["validation_cer"]
    # The finished network, with one head and in 32 bits, reads as well as the one trained.
    (output,) = result.model.outputs
    assert output.dtype == "float32"
    batch = next(iter(plain_batches(list(data.validation), 40, CHARSET, 10_000)))[1]
    logits = keras.ops.convert_to_numpy(result.model(batch.images, training=False))
    read = [CHARSET.decode(greedy(frames)) for frames in logits]
    lengths = batch.label_lengths
    written = [CHARSET.decode(row[:n]) for row, n in zip(batch.labels, lengths, strict=True)]
    assert cer(written, read) < 0.1


def test_a_resumed_run_ends_as_one_that_never_stopped(data, tmp_path):
    short = LineSplit(data.train.lines[:48])
    through = replace(EXPERIMENT, epochs=3, cooldown_epochs=1)

    def run(experiment, checkpoint=None):
        return train_lines(
            experiment, short, data.validation, short, checkpoint, charset=CHARSET, quiet=True
        )

    whole = run(replace(through, synthetic=0.5))
    path = tmp_path / "run.npz"
    # The first epochs of a longer run are those of a shorter one, up to its cool-down.
    run(
        replace(through, synthetic=0.5, synthetic_end=0.25, epochs=1, cooldown_epochs=0),
        Checkpoint(path, {}),
    )
    resumed = run(replace(through, synthetic=0.5), Checkpoint(path, {}))
    for a, b in zip(whole.model.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_the_rate_rises_stays_and_falls():
    experiment = LineExperiment("x", epochs=10, cooldown_epochs=4, warmup_epochs=1)
    rates = [learning_rate_at(e, experiment) for e in (0.5, 1, 5.9, 7, 9, 10)]
    assert rates[0] == pytest.approx(experiment.learning_rate / 2)
    assert rates[1] == rates[2] == experiment.learning_rate
    assert rates[3] > rates[4] > rates[5] == 0


def test_the_share_of_synthetic_lines_moves_from_start_to_end(data):
    experiment = LineExperiment("x", epochs=5, synthetic=1.0, synthetic_end=0.2)
    pool = list(data.train)
    counts = [len(draw_synthetic(pool, 100, experiment, epoch)) for epoch in range(5)]
    assert counts == [100, 80, 60, 40, 20]
    again = draw_synthetic(pool, 100, experiment, 3)
    assert [line.text for line in again] == [
        line.text for line in draw_synthetic(pool, 100, experiment, 3)
    ]


def test_a_collection_comes_as_often_as_its_emphasis_says():
    image = np.zeros((64, 80), np.uint8)
    lines = [Line(image, str(i), source) for source in ("a", "b", "c") for i in range(200)]
    experiment = LineExperiment("x", emphasis="a=2.5, b=0")
    drawn = Counter(line.source for line in draw_real(lines, experiment, 0))
    assert 2 * 200 < drawn["a"] < 3 * 200 and drawn["b"] == 0 and drawn["c"] == 200
    first, again, next_epoch = (draw_real(lines, experiment, epoch) for epoch in (0, 0, 1))
    assert [line.text for line in first] == [line.text for line in again]
    assert [line.text for line in first] != [line.text for line in next_epoch]
    assert draw_real(lines, LineExperiment("x"), 0) == lines


def test_an_epoch_has_real_spliced_and_synthetic_lines():
    words = [(word, np.full((64, 40), shade, np.uint8)) for shade, word in enumerate(("a", "b"))]
    image = np.concatenate([image for _, image in words], axis=1)
    real = [Line(image, "a b", "real", page="p") for _ in range(100)]
    synthetic = [Line(image, "c", "synthetic") for _ in range(50)]
    experiment = LineExperiment("x", spliced=0.5, synthetic=0.2, synthetic_end=0.2)
    splicer = Splicer(real, [words] * 100)
    drawn = draw_lines(real, synthetic, splicer, None, experiment, 0)
    sources = Counter(line.source for line in drawn)
    assert sources == {"real": 100, "synthetic": 20}
    kept = sum(any(line is own for own in real) for line in drawn)
    assert kept == pytest.approx(50, abs=15)
    plain = draw_lines(real, synthetic, None, None, experiment, 0)
    assert plain[:100] == real


@pytest.mark.parametrize("text", ["hooker", "=2", "hooker=many", "hooker=-1", "hooker=nan", "a=21"])
def test_an_emphasis_that_cannot_be_read_is_said(text):
    with pytest.raises(UserError, match="emphasis"):
        read_emphasis(text)


def test_an_emphasis_on_lines_that_are_not_there_is_said(data):
    with pytest.raises(UserError, match="no lines of hooker"):
        draw_real(list(data.train), LineExperiment("x", emphasis="hooker=2"), 0)
    with pytest.raises(UserError, match="leaves no line"):
        draw_real(list(data.train), LineExperiment("x", emphasis="toy=0"), 0)


def test_nothing_to_train_on_is_said_in_one_line(data):
    with pytest.raises(UserError, match="no lines"):
        train_lines(EXPERIMENT, LineSplit(), data.validation, charset=CHARSET, quiet=True)


def test_a_base_of_another_size_is_refused(data):
    other = build_line_model("crnn", 40, len(CHARSET), LineOptions(width=4, units=16))
    with pytest.raises(UserError, match="same architecture"):
        train_lines(EXPERIMENT, data.train, data.validation, base=other, charset=CHARSET)


def test_the_shipped_model_can_be_trained_on_without_naming_its_size():
    (experiment,) = (e for e in LINE_EXPERIMENTS if e.name == "lines")
    base, card = load_keras("lines")
    exact = replace(experiment, precision="float32")  # 16 bits where the processor has them
    model = build_training_model(exact, Charset(card.classes))
    transfer_line_weights(base, model)
    line = np.random.default_rng(0).random((1, 40, 96, 1), np.float32)
    # A second reader of its own stays behind: the network begins another beside its layers.
    np.testing.assert_allclose(model(line)[0], base(line)[0], atol=1e-3)


def test_a_run_starts_from_a_base(data):
    base = train_lines(EXPERIMENT, data.train, data.validation, charset=CHARSET, quiet=True)
    again = replace(EXPERIMENT, epochs=1, learning_rate=1e-4, cooldown_epochs=0, init_from="toy")
    result = train_lines(
        again, data.train, data.validation, base=base.model, charset=CHARSET, quiet=True
    )
    assert result.history[0]["validation_cer"] < 0.05
