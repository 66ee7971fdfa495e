"""Weights in 16 bits: smaller files, the same outputs."""

import keras
import numpy as np
import onnx
import onnxruntime
import pytest

from handwriting.compact import round_weights
from handwriting.lines.models import build_line_model
from handwriting.saving import write_keras, write_onnx

FLOAT16 = onnx.TensorProto.FLOAT16
SHAPE = (40, 96, 1)


@pytest.fixture
def network():
    keras.utils.set_random_seed(0)
    return build_line_model("crnn", 40, 90)


def _outputs(path, images):
    session = onnxruntime.InferenceSession(path)
    return session.run(None, {session.get_inputs()[0].name: images})[0]


def test_rounded_weights_make_a_smaller_file_that_says_the_same(network, tmp_path):
    write_onnx(network, tmp_path / "before.onnx", SHAPE)
    round_weights(network)
    write_keras(network, tmp_path / "after.h5")
    write_onnx(network, tmp_path / "after.onnx", SHAPE)
    before, after = (tmp_path / f"{name}.onnx" for name in ("before", "after"))
    assert after.stat().st_size < 0.75 * before.stat().st_size
    images = np.random.default_rng(1).random((2, *SHAPE), np.float32)
    again = keras.models.load_model(tmp_path / "after.h5", compile=False)
    np.testing.assert_allclose(_outputs(after, images), again(images), atol=1e-4)
    np.testing.assert_allclose(_outputs(after, images), _outputs(before, images), atol=0.02)


def test_weights_that_would_lose_something_stay_in_32_bits(network, tmp_path):
    write_onnx(network, tmp_path / "m.onnx", SHAPE)
    tensors = onnx.load(tmp_path / "m.onnx").graph.initializer
    short = [onnx.numpy_helper.to_array(t) for t in tensors if t.data_type == FLOAT16]
    assert all(len(np.unique(values)) <= 2 for values in short), "biases of zeros and ones alone"


def test_what_float16_cannot_hold_is_not_rounded():
    model = keras.Sequential([keras.Input((40,)), keras.layers.Dense(40)])
    weights = np.random.default_rng(0).random((40, 40), np.float32)
    weights[3, 4] = 1e6
    model.set_weights([weights, np.zeros(40)])
    round_weights(model)
    np.testing.assert_array_equal(model.get_weights()[0], weights)


def test_small_tensors_are_left_alone():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    before = model.get_weights()
    round_weights(model)
    for own, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(own, other)
