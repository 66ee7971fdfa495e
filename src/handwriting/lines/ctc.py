"""The CTC loss (Graves et al., ICML 2006) behind one function: the only backend-specific code."""

import keras
from keras import ops


def ctc_loss(labels, label_lengths, logits, frame_counts):
    """Negative log-likelihood of each label over all its alignments.

    Args:
        labels: (B, L) int32, padded with anything below the blank.
        label_lengths: (B,) int32.
        logits: (B, T, C + 1) float32, the blank last.
        frame_counts: (B,) int32 up to T; frames behind them do not count.

    Returns:
        (B,) float32. A label that needs more frames than there are costs nothing on
        TensorFlow and a very large number elsewhere: leave such lines out.
    """
    if keras.backend.backend() == "tensorflow":
        return _tensorflow_loss(labels, label_lengths, logits, frame_counts)
    blank = logits.shape[-1] - 1
    return ops.ctc_loss(labels, logits, label_lengths, frame_counts, mask_index=blank)


def _tensorflow_loss(labels, label_lengths, logits, frame_counts):
    # The native kernel on sparse labels takes a tenth of the time of the dense one.
    import tensorflow as tf

    positions = tf.where(tf.sequence_mask(label_lengths, tf.shape(labels)[1]))
    sparse = tf.SparseTensor(
        positions, tf.gather_nd(labels, positions), tf.cast(tf.shape(labels), tf.int64)
    )
    return tf.compat.v1.nn.ctc_loss(
        sparse,
        logits,
        frame_counts,
        time_major=False,
        ignore_longer_outputs_than_inputs=True,
    )
