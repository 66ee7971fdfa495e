"""Line networks and their loss."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from handwriting.errors import UserError
from handwriting.lines.ctc import ctc_loss
from handwriting.lines.geometry import frame_count
from handwriting.lines.models import LINE_MODELS, build_line_model
from handwriting.lines.network import transfer_line_weights
from handwriting.lines.options import LineOptions
from handwriting.lines.recurrence import QuickLSTM

SMALL = LineOptions(width=4, blocks=1, units=16, depth=1, recurrent=8)


@pytest.mark.parametrize("architecture", LINE_MODELS)
@pytest.mark.parametrize("width", [32, 100])
def test_a_frame_for_every_four_columns(architecture, width):
    model = build_line_model(architecture, 40, 5, SMALL)
    logits = model(np.zeros((2, 40, width, 1), np.float32))
    assert logits.shape == (2, frame_count(width), 6)
    assert keras.backend.standardize_dtype(logits.dtype) == "float32"


@pytest.mark.parametrize("recurrent_layers", [0, 1, 2])
def test_a_crnn_has_as_many_recurrent_layers_as_asked_for(recurrent_layers):
    options = replace(SMALL, recurrent_layers=recurrent_layers)
    model = build_line_model("crnn", 40, 5, options)
    assert model(np.zeros((1, 40, 32, 1), np.float32)).shape == (1, 8, 6)
    kinds = [type(layer) for layer in model.layers]
    assert kinds.count(keras.layers.Bidirectional) == recurrent_layers


def test_the_second_head_is_for_training_alone():
    both = build_line_model("crnn", 40, 5, SMALL, auxiliary=True)
    assert [tuple(o.shape)[-1] for o in both.outputs] == [6, 6]
    assert len(build_line_model("crnn", 40, 5, SMALL).outputs) == 1


def test_the_logits_stay_in_32_bits_under_mixed_precision():
    model = build_line_model("crnn", 40, 5, SMALL, "mixed_bfloat16")
    assert model.output.dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"  # left as it was


@pytest.mark.parametrize(("architecture", "height"), [("nothing", 40), ("crnn", 41), ("crnn", 8)])
def test_what_cannot_be_built_is_refused(architecture, height):
    with pytest.raises(ValueError, match=r"architecture|height"):
        build_line_model(architecture, height, 5)


def test_the_native_loss_agrees_with_that_of_keras():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(3, 12, 6)).astype(np.float32)
    labels = np.array([[0, 1, 2, 0], [4, 4, 0, 0], [3, 0, 0, 0]], np.int32)
    lengths, frames = np.array([4, 2, 1], np.int32), np.array([12, 9, 5], np.int32)
    native = keras.ops.convert_to_numpy(ctc_loss(labels, lengths, logits, frames))
    plain = keras.ops.ctc_loss(labels, logits, lengths, frames, mask_index=5)
    assert native == pytest.approx(keras.ops.convert_to_numpy(plain), rel=1e-4)


def test_the_loss_does_not_see_padded_frames():
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(1, 8, 4)).astype(np.float32)
    longer = np.concatenate([logits, 50 * rng.normal(size=(1, 5, 4)).astype(np.float32)], 1)
    arguments = np.array([[0, 1]], np.int32), np.array([2], np.int32)
    short, long = (
        float(ctc_loss(*arguments, x, np.array([8], np.int32))[0]) for x in (logits, longer)
    )
    assert short == pytest.approx(long, rel=1e-5)


GROWN = LineOptions(width=4, blocks=2, units=16, depth=3, recurrent=12, recurrent_layers=2)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="Keras's own LSTM elsewhere")
@pytest.mark.parametrize("batch", [1, 3])
def test_the_quick_recurrence_computes_and_learns_what_that_of_keras_does(batch):
    import tensorflow as tf

    frames = tf.constant(np.random.default_rng(4).normal(size=(batch, 7, 5)), tf.float32)
    outputs, gradients = [], []
    weights = None
    for kind in (keras.layers.LSTM, QuickLSTM):
        layer = keras.layers.Bidirectional(kind(6, return_sequences=True))
        layer.build(frames.shape)
        weights = weights or trained_like(layer).get_weights()
        layer.set_weights(weights)
        with tf.GradientTape() as tape:
            tape.watch(frames)
            output = layer(frames)
            loss = tf.reduce_sum(output * tf.cos(tf.range(12.0)))
        outputs.append(output)
        gradients.append(tape.gradient(loss, [frames, *(v.value for v in layer.weights)]))
    np.testing.assert_allclose(outputs[1], outputs[0], atol=1e-6)
    for quick, plain in zip(gradients[1], gradients[0], strict=True):
        np.testing.assert_allclose(quick, plain, atol=1e-5)


def test_only_a_network_in_training_has_the_quick_recurrence():
    for training, kind in ((False, keras.layers.LSTM), (True, QuickLSTM)):
        model = build_line_model("crnn", 40, 5, SMALL, training=training)
        (layer,) = (x for x in model.layers if isinstance(x, keras.layers.Bidirectional))
        assert type(layer.forward_layer) is type(layer.backward_layer) is kind


def trained_like(model):
    """Weights as training leaves them: none at its first value, running averages included."""
    rng = np.random.default_rng(2)
    model.set_weights([np.abs(w + 0.1 * rng.normal(size=w.shape)) for w in model.get_weights()])
    return model


@pytest.mark.parametrize("recurrent_layers", [1, 2])
def test_a_grown_network_gives_the_logits_of_the_small_one_and_can_learn_more(recurrent_layers):
    options = replace(SMALL, recurrent_layers=recurrent_layers)
    small = trained_like(build_line_model("crnn", 40, 5, options))
    large = build_line_model("crnn", 40, 5, GROWN, auxiliary=True)
    transfer_line_weights(small, large)
    line = np.random.default_rng(3).random((2, 40, 64, 1), np.float32)
    before, after = small(line), large(line)[0]
    np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-4)
    assert large.count_params() > 1.5 * small.count_params()
    # Both halves of the symmetry are broken: what was added hears its input, or is heard.
    lstm = next(layer for layer in large.layers if "bidirectional" in layer.name)
    assert np.ptp(lstm.get_weights()[0][:, 8:12]) > 0


@pytest.mark.parametrize(
    ("architecture", "options"),
    [("gated", SMALL), ("crnn", replace(GROWN, units=24)), ("crnn", replace(GROWN, width=8))],
)
def test_what_cannot_grow_is_refused(architecture, options):
    small = build_line_model("crnn", 40, 5, SMALL)
    with pytest.raises(UserError, match="cannot start"):
        transfer_line_weights(small, build_line_model(architecture, 40, 5, options))


def test_a_network_does_not_shrink():
    large = build_line_model("crnn", 40, 5, GROWN)
    with pytest.raises(UserError, match="a smaller one"):
        transfer_line_weights(large, build_line_model("crnn", 40, 5, SMALL))
