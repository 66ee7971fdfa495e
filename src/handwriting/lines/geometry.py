"""Columns and frames, apart from the networks so that prediction needs no Keras."""

STRIDE = 4  # input columns to a frame
WIDTH_STEP = 32


def frame_count(width):
    """Frames that the networks make of so many columns (int or array)."""
    return -(-width // STRIDE)


def padded_width(width: int) -> int:
    """Rounded up to a multiple of `WIDTH_STEP`, with at least a frame of paper behind the line.

    Prediction pads to this and no further, so what a line reads as does not depend on
    the lines beside it in a batch.
    """
    return -(-(width + STRIDE) // WIDTH_STEP) * WIDTH_STEP
