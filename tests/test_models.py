"""Every network of the registry: builds, runs, saves, reloads, and has the weights it should."""

import keras
import numpy as np
import onnxruntime
import pytest
from keras import ops

from handwriting.models import MODELS, build_model
from handwriting.options import ModelOptions
from handwriting.saving import write_keras, write_onnx

PARAMETERS = {
    "cnn": 230_095,
    "vgg": 595_791,
    "resnet": 684_367,
    "densenet": 137_975,
    "tiny": 38_215,
}


@pytest.mark.parametrize("name", MODELS)
def test_parameter_count(name):
    assert build_model(name, 47).count_params() == PARAMETERS[name]


@pytest.mark.parametrize("name", MODELS)
def test_runs_saves_and_reloads_as_the_same_function(name, tmp_path):
    model = build_model(name, 71, ModelOptions(width=8))
    images = np.random.default_rng(0).random((3, 28, 28, 1), "f")
    logits = ops.convert_to_numpy(model(images))
    assert logits.shape == (3, 71) and logits.dtype == np.float32
    assert np.isfinite(logits).all()
    write_keras(model, tmp_path / "m.h5")
    again = keras.models.load_model(tmp_path / "m.h5", compile=False)
    np.testing.assert_allclose(logits, again(images), atol=1e-6)


def test_onnx_file_has_a_free_batch_size(tmp_path):
    model = build_model("densenet", 5, ModelOptions(width=8))
    write_onnx(model, tmp_path / "m.onnx")  # raises if its outputs differ from Keras's
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx")
    for count in (1, 7):
        images = np.zeros((count, 28, 28, 1), np.float32)
        assert session.run(None, {session.get_inputs()[0].name: images})[0].shape == (count, 5)


def test_options_change_the_network():
    plain = build_model("vgg", 10)
    kinds = {type(layer).__name__ for layer in plain.layers}
    assert {"BatchNormalization", "Dropout"} <= kinds
    bare = build_model("vgg", 10, ModelOptions(batch_norm=False, l2=1e-4, width=8))
    assert "BatchNormalization" not in {type(layer).__name__ for layer in bare.layers}
    assert len(bare.losses) == 7, "one penalty for each convolution and the dense layer"
    assert bare.count_params() < plain.count_params() / 10


def test_mixed_precision_keeps_float32_weights_and_logits():
    before = keras.config.dtype_policy().name
    model = build_model("tiny", 3, precision="mixed_bfloat16")
    assert {w.dtype for w in model.weights} == {"float32"}
    assert model.output.dtype == "float32"
    assert keras.config.dtype_policy().name == before


def test_refuses_what_it_cannot_build():
    with pytest.raises(ValueError, match="there are cnn, vgg"):
        build_model("lenet", 10)
    with pytest.raises(ValueError, match="two classes"):
        build_model("tiny", 1)
