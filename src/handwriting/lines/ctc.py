"""The CTC loss (Graves et al., ICML 2006), and how differently two views of a line are read.

Only the native CTC kernel is code for one backend.
"""

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


def view_differences(logits, frame_counts):
    """Divergence of what is said of a line from what is said of its other view.

    The sum over frames of KL(other ‖ own), the other taken as given: CR-CTC (Yao et al.,
    arXiv:2410.05101). Each view learns from the other what it could not see itself.

    Args:
        logits: (2 B, T, C + 1): all lines once, then all of them again.
        frame_counts: (2 B,) int32; frames behind them do not count.

    Returns:
        (2 B,) float32, 0 where both views are read alike.
    """
    own = ops.log_softmax(logits)
    once, again = ops.split(own, 2)
    other = ops.stop_gradient(ops.concatenate([again, once]))
    frames = ops.sum(ops.exp(other) * (other - own), axis=-1)
    counted = ops.arange(ops.shape(own)[1])[None, :] < frame_counts[:, None]
    return ops.sum(ops.where(counted, frames, 0.0), axis=-1)


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
