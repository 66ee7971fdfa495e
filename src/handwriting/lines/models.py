"""Networks for lines of writing: small functional builders and a registry over them.

Every builder takes the number of characters and `LineOptions` and returns an uncompiled
`keras.Model` from (B, H, W, 1) float32 in [0, 1], 1 = ink, W free, to logits
(B, ⌈W / 4⌉, C + 1) float32, CTC's blank last. With `auxiliary=True` there is a second output
of that shape, made from the convolutions alone: its CTC loss gives them a direct gradient
(Retsinas et al., arXiv:2404.11339). A `crnn` with a second reader always has it: there it is
what that one reads. `lstm` is the class of recurrent layers, where there are.

Matrix products are cheap on a processor and convolutions at full resolution are not, so
every network strides down at once and folds the height into channels early.
"""

import keras
from keras import layers

from handwriting.lines.options import LineOptions
from handwriting.lines.recurrence import QuickLSTM

HEAD = "logits"
AUXILIARY_HEAD = "auxiliary_logits"
SECOND = "second_reader"  # what the names of its layers begin with


def build_crnn(
    height: int, class_count: int, options: LineOptions, auxiliary=False, lstm=layers.LSTM
):
    """Convolutions, residual convolutions along the line, bidirectional LSTMs.

    A second reader shares all but the LSTMs.
    """
    inputs = x = _inputs(height)
    x = _front(x, options)
    for _ in range(options.depth):
        x = _residual_1d(x, options)
    convolved = x = layers.Dropout(options.dropout)(x)
    heard = []
    for _ in range(options.recurrent_layers):
        if heard:
            x = layers.Dropout(options.dropout)(x)
        # In 32 bits: in 16, casting weights and states at every step costs more than it saves.
        layer = lstm(options.recurrent, return_sequences=True, dtype="float32")
        x = layers.Bidirectional(layer, dtype="float32")(x)
        heard.append(x)
    if len(heard) > 1:
        # The head hears every recurrent layer, so that one can be added to a trained network.
        x = layers.Concatenate()(heard)
    seen = convolved
    for block in range(options.second):
        seen = _gated_block(seen, options, options.units, f"{SECOND}_{block}")
    both = auxiliary or options.second > 0
    return _network(inputs, x, seen, class_count, options, both, "crnn")


def build_gated(
    height: int, class_count: int, options: LineOptions, auxiliary=False, lstm=layers.LSTM
):
    """No recurrence: gated depthwise convolutions along the line see about 60 frames each way.

    After the gated convolutions of Dauphin et al. (arXiv:1612.08083), with depthwise
    kernels as in ConvNeXt (arXiv:2201.03545).
    """
    inputs = x = _inputs(height)
    convolved = x = _front(x, options)
    for _ in range(options.depth):
        x = _gated_block(x, options, 2 * options.units)
    return _network(inputs, x, convolved, class_count, options, auxiliary, "gated")


def build_tiny(
    height: int, class_count: int, options: LineOptions, auxiliary=False, lstm=layers.LSTM
):
    """Some ten thousand weights that train in seconds: for tests and FAST notebooks."""
    inputs = x = _inputs(height)
    small = LineOptions(8, 0, 48, 0, 24, 1, 0.0)
    convolved = x = _front(x, small)
    x = layers.Bidirectional(lstm(small.recurrent, return_sequences=True))(x)
    return _network(inputs, x, convolved, class_count, small, auxiliary, "tiny")


LINE_MODELS = {"crnn": build_crnn, "gated": build_gated, "tiny": build_tiny}


def build_line_model(
    architecture: str,
    height: int,
    class_count: int,
    options: LineOptions | None = None,
    precision: str = "float32",
    auxiliary: bool = False,
    training: bool = False,
) -> keras.Model:
    """Build an entry of `LINE_MODELS`.

    Args:
        height: of the input in pixels, a multiple of 8.
        class_count: characters without the blank.
        precision: `float32`, or `mixed_bfloat16` to compute in 16 bits (weights and
            logits stay float32): about twice as fast on processors that have it.
        auxiliary: with the second output that training uses.
        training: with recurrent layers that are quicker to train and are not to be saved.

    Raises:
        ValueError: an unknown architecture or an unusable height.
    """
    if architecture not in LINE_MODELS:
        raise ValueError(f"no architecture {architecture!r}; there are {', '.join(LINE_MODELS)}")
    if height % 8 or height < 16:
        raise ValueError(f"the height must be a multiple of 8 from 16 up, not {height}")
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        lstm = QuickLSTM if training else layers.LSTM
        build = LINE_MODELS[architecture]
        return build(height, class_count, options or LineOptions(), auxiliary, lstm)
    finally:
        keras.config.set_dtype_policy(before)


def _inputs(height: int):
    return keras.Input((height, None, 1), name="line")


def _front(x, options: LineOptions):
    """(B, H, W, 1) to (B, W / 4, units)."""
    # Not normalised: on so large a picture that costs more than the convolution.
    x = layers.Conv2D(options.width, 5, strides=2, padding="same", activation="relu")(x)
    x = _convolution(x, 2 * options.width, strides=2)
    for _ in range(options.blocks):
        x = _residual_2d(x)
    x = _convolution(x, 3 * options.width, strides=(2, 1))
    for _ in range(options.blocks):
        x = _residual_2d(x)
    height, channels = x.shape[1], x.shape[3]
    x = layers.Permute((2, 1, 3))(x)
    x = layers.Reshape((-1, height * channels))(x)
    x = layers.Dense(options.units, use_bias=False)(x)
    return layers.ReLU()(_normalise(x))


def _convolution(x, filters: int, kernel=3, strides=1):
    x = layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False)(x)
    return layers.ReLU()(_normalise(x))


def _residual_2d(x):
    channels = x.shape[-1]
    y = _convolution(x, channels)
    y = layers.Conv2D(channels, 3, padding="same", use_bias=False)(y)
    return layers.ReLU()(layers.Add()([x, _normalise(y)]))


def _residual_1d(x, options: LineOptions):
    y = layers.Conv1D(options.units, 3, padding="same", use_bias=False)(x)
    y = layers.ReLU()(_normalise(y))
    y = layers.Conv1D(options.units, 3, padding="same", use_bias=False)(y)
    return layers.ReLU()(layers.Add()([x, _normalise(y)]))


def _gated_block(x, options: LineOptions, inner: int, name: str = ""):
    """A residual block of `inner` gates; the names of its layers begin with `name`, if any."""

    def named(part: str) -> dict:
        return {"name": f"{name}_{part}"} if name else {}

    y = layers.DepthwiseConv1D(11, padding="same", use_bias=False, **named("along"))(x)
    y = layers.BatchNormalization(momentum=0.95, **named("scale"))(y)
    value = layers.Dense(inner, **named("value"))(y)
    gate = layers.Dense(inner, activation="sigmoid", **named("gate"))(y)
    y = layers.Multiply()([value, gate])
    y = layers.Dense(options.units, use_bias=False, **named("back"))(y)
    y = layers.BatchNormalization(momentum=0.95, **named("last_scale"))(y)
    return layers.Add()([x, layers.Dropout(options.dropout / 2)(y)])


def is_beside(layer) -> bool:
    """Whether it belongs to the auxiliary head or the second reader alone."""
    return layer.name == AUXILIARY_HEAD or layer.name.startswith(SECOND)


def _normalise(x):
    return layers.BatchNormalization(momentum=0.95)(x)


def _network(inputs, sequence, convolved, class_count, options, auxiliary, name):
    sequence = layers.Dropout(options.dropout)(sequence)
    # Logits in float32 even under mixed precision: CTC adds up hundreds of them.
    outputs = layers.Dense(class_count + 1, name=HEAD, dtype="float32")(sequence)
    if auxiliary:
        head = layers.Dense(class_count + 1, name=AUXILIARY_HEAD, dtype="float32")
        outputs = [outputs, head(convolved)]
    return keras.Model(inputs, outputs, name=name)
