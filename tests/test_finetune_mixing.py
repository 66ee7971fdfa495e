"""Weights between a base and a tuned network, and what is replayed while one is tuned."""

import keras
import numpy as np
import pytest

from handwriting.finetune.mixing import Mixer, Shares
from handwriting.finetune.replay import Replay, draw_replay, make_replay
from handwriting.lines.augment import LineAugmentation
from handwriting.lines.data import LINE_HEIGHT, PAPER, Line
from handwriting.lines.models import HEAD, build_line_model


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return build_line_model("tiny", 40, 5)


def moved(model) -> dict[str, float]:
    """By kind of layer, the value that all its weights have."""
    return {
        type(layer).__name__: float(layer.get_weights()[0].flat[0])
        for layer in model.layers
        if layer.weights and layer.name != HEAD
    }


def test_each_part_goes_its_own_share_of_the_way(network):
    start = [np.zeros_like(values) for values in network.get_weights()]
    end = [np.ones_like(values) for values in start]
    mixer, shares = Mixer(network, start), Shares(0.25, 0.5, 0.75)
    mixed = mixer.mix(end, shares)
    network.set_weights(mixed)
    found = moved(network)
    assert network.get_layer(HEAD).get_weights()[0].flat[0] == found["Bidirectional"] == 0.75
    assert (found["Conv2D"], found["Dense"]) == (0.25, 0.5)
    for values, tuned in zip(mixer.beyond(mixed, shares), end, strict=True):
        np.testing.assert_allclose(values, tuned, rtol=1e-6)


def test_new_characters_keep_what_they_learned(network):
    start = [np.zeros_like(values) for values in network.get_weights()]
    end = [np.ones_like(values) for values in start]
    bias = Mixer(network, start, new=2).mix(end, Shares(0.5, 0.5, 0.5))[-1]
    np.testing.assert_array_equal(bias, [0.5, 0.5, 0.5, 1, 1, 0.5])


def test_replayed_lines_come_with_what_the_base_gives(network):
    rng = np.random.default_rng(0)
    lines = [
        Line(rng.integers(0, PAPER, (LINE_HEIGHT, width)).astype(np.uint8), "ab", "some")
        for width in (200, 90, 400)
    ]
    replay = make_replay(network, lines, LineAugmentation(), seed=1)
    assert make_replay(network, (), LineAugmentation(), seed=1) == []
    for line, held in zip(lines, replay, strict=True):
        height, width = held.picture.shape
        assert (height, abs(width / 40 - line.image.shape[1] / 64) < 1.2) == (40, True)
        assert held.taught.shape == (-(-width // 4), 6)
        np.testing.assert_allclose(held.taught.sum(axis=1, dtype=float), 1, atol=0.01)
        entropy = -(held.taught.astype(float) * np.log(held.taught.astype(float) + 1e-9)).sum()
        assert held.doubt == pytest.approx(entropy, rel=0.02)


def test_lines_of_which_the_base_is_unsure_are_replayed_more_often():
    picture, taught = np.zeros((40, 8), np.uint8), np.ones((2, 1), np.float16)
    replay = [Replay(picture, taught, doubt) for doubt in (0.0, 1.0, 1.0, 8.0)]
    rng = np.random.default_rng(0)
    counts = dict.fromkeys(map(id, replay), 0)
    for _ in range(400):
        for line in draw_replay(replay, 1, rng):
            counts[id(line)] += 1
    never, some, _, often = counts.values()
    assert 0 < never < 0.5 * some and often > 3 * some
    assert {id(line) for line in draw_replay(replay, 9, rng)} == set(counts)
    assert draw_replay([], 3, rng) == draw_replay(replay, 0, rng) == []
