"""Keras's LSTM, trained two to three times faster on a processor with TensorFlow.

Keras multiplies inputs and states frame by frame, forwards and backwards, and each product
of some thirty rows costs more in starting than in multiplying. Here only what depends on the
frame before stays in the loop: the products with the inputs, and the gradients of both
kernels, are one large product each. Elsewhere, and where a mask or a state is given, it is
Keras's own; weights and outputs are the same.
"""

import keras
from keras import layers


@keras.saving.register_keras_serializable("handwriting")
class QuickLSTM(layers.LSTM):
    """An LSTM layer for training; networks that are saved have a plain `LSTM` in its place."""

    def call(self, sequences, initial_state=None, mask=None, training=False):
        """(B, T, I) to (B, T, units) float32, as `keras.layers.LSTM`."""
        plain = initial_state is not None or mask is not None or not self.return_sequences
        if plain or keras.backend.backend() != "tensorflow":
            return super().call(sequences, initial_state, mask, training)
        weights = (self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias)
        return _lstm(sequences, *weights, self.go_backwards)


def _lstm(sequences, kernel, recurrent, bias, backwards: bool):
    import tensorflow as tf

    frames = tf.transpose(sequences, (1, 0, 2))
    if backwards:
        frames = tf.reverse(frames, (0,))
    steps, lines = tf.shape(frames)[0], tf.shape(frames)[1]
    flat = tf.reshape(frames, (-1, kernel.shape[0]))
    inputs = tf.reshape(tf.matmul(flat, kernel) + bias, (steps, lines, kernel.shape[1]))
    return tf.transpose(_recurrence()(inputs, tf.convert_to_tensor(recurrent)), (1, 0, 2))


def _recurrence():
    import tensorflow as tf

    @tf.custom_gradient
    def recurrence(inputs, kernel):
        gates, cells, outputs = _forward(tf, inputs, kernel)

        def gradient(upstream):
            changes = _backward(tf, upstream, gates, cells, kernel)
            flat = tf.reshape(_shifted(tf, outputs), (-1, kernel.shape[0]))
            to_kernel = tf.matmul(
                flat, tf.reshape(changes, (-1, kernel.shape[1])), transpose_a=True
            )
            return changes, to_kernel

        return outputs, gradient

    return recurrence


def _forward(tf, inputs, kernel):
    """Gates (T, B, 4 units) after their activations, cells and outputs (T, B, units)."""
    steps, lines, units = tf.shape(inputs)[0], tf.shape(inputs)[1], kernel.shape[0]

    def step(t, output, cell, gates, cells, outputs):
        i, f, new, o = tf.split(inputs_at.read(t) + tf.matmul(output, kernel), 4, axis=1)
        i, f, new, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(new), tf.sigmoid(o)
        cell = f * cell + i * new
        output = o * tf.tanh(cell)
        gates = gates.write(t, tf.concat((i, f, new, o), 1))
        return t + 1, output, cell, gates, cells.write(t, cell), outputs.write(t, output)

    inputs_at = tf.TensorArray(inputs.dtype, steps).unstack(inputs)
    written = [
        tf.TensorArray(inputs.dtype, steps, element_shape=(None, size))
        for size in (4 * units, units, units)
    ]
    zeros = tf.zeros((lines, units), inputs.dtype)
    *_, gates, cells, outputs = tf.while_loop(
        lambda t, *_: t < steps, step, (0, zeros, zeros, *written), maximum_iterations=steps
    )
    return gates.stack(), cells.stack(), outputs.stack()


def _backward(tf, upstream, gates, cells, kernel):
    """Gradients (T, B, 4 units) with respect to the gates before their activations."""
    steps, lines, units = tf.shape(gates)[0], tf.shape(gates)[1], kernel.shape[0]
    transposed = tf.transpose(kernel)

    def step(k, to_output, to_cell, changes):
        t = steps - 1 - k
        i, f, new, o = tf.split(gates_at.read(t), 4, axis=1)
        squashed = tf.tanh(cells_at.read(t))
        to_output += upstream_at.read(t)
        to_cell += to_output * o * (1 - squashed * squashed)
        change = tf.concat(
            (
                to_cell * new * i * (1 - i),
                to_cell * before_at.read(t) * f * (1 - f),
                to_cell * i * (1 - new * new),
                to_output * squashed * o * (1 - o),
            ),
            1,
        )
        return k + 1, tf.matmul(change, transposed), to_cell * f, changes.write(t, change)

    upstream_at, gates_at, cells_at, before_at = (
        tf.TensorArray(values.dtype, steps).unstack(values)
        for values in (upstream, gates, cells, _shifted(tf, cells))
    )
    zeros = tf.zeros((lines, units), gates.dtype)
    changes = tf.TensorArray(gates.dtype, steps, element_shape=(None, 4 * units))
    *_, changes = tf.while_loop(
        lambda k, *_: k < steps, step, (0, zeros, zeros, changes), maximum_iterations=steps
    )
    return changes.stack()


def _shifted(tf, values):
    """Each frame's value of the frame before, zeros first."""
    return tf.concat((tf.zeros_like(values[:1]), values[:-1]), 0)
