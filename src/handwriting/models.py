"""Networks for single characters: small functional builders and a registry over them.

Every builder takes the number of classes and `ModelOptions` and returns an uncompiled
`keras.Model` from (B, 28, 28, 1) float32 in [0, 1], 1 = ink, to (B, C) float32 logits.
Only `keras` is used, so the same code runs on TensorFlow, JAX and PyTorch.
"""

import keras
from keras import layers

from handwriting.options import ModelOptions

IMAGE_SIZE = 28
HEAD = "logits"  # the one layer that depends on the classes; transfer replaces it


def build_cnn(class_count: int, options: ModelOptions) -> keras.Model:
    """The network of a first tutorial: two convolutions, two poolings, one dense layer."""
    inputs = x = _inputs()
    for filters in (options.width, 2 * options.width):
        x = layers.MaxPooling2D()(_convolution(x, filters, options, padding="valid"))
    x = layers.Flatten()(x)
    x = layers.Dense(4 * options.width, activation="relu", **_l2(options))(x)
    return _classifier(inputs, x, class_count, options, "cnn")


def build_vgg(class_count: int, options: ModelOptions) -> keras.Model:
    """Three stages of two 3×3 convolutions each, as in VGG (arXiv:1409.1556), and a dense layer."""
    inputs = x = _inputs()
    for stage in range(3):
        for _ in range(2):
            x = _convolution(x, options.width * 2**stage, options)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(options.dropout / 3)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(8 * options.width, use_bias=not options.batch_norm, **_l2(options))(x)
    x = layers.ReLU()(_normalise(x, options))
    return _classifier(inputs, x, class_count, options, "vgg")


def build_resnet(class_count: int, options: ModelOptions) -> keras.Model:
    """Five residual blocks at 28, 14 and 7 pixels (He et al., arXiv:1512.03385)."""
    inputs = _inputs()
    x = _convolution(inputs, options.width, options)
    for stage, block_count in enumerate((1, 2, 2)):
        for block in range(block_count):
            stride = 2 if stage > 0 and block == 0 else 1
            x = _residual_block(x, options.width * 2**stage, stride, options)
    x = layers.GlobalAveragePooling2D()(x)
    return _classifier(inputs, x, class_count, options, "resnet")


def build_densenet(class_count: int, options: ModelOptions) -> keras.Model:
    """Three dense blocks with halving transitions (Huang et al., arXiv:1608.06993)."""
    inputs = _inputs()
    # Starting at half resolution: at 28 pixels the concatenations cost most and bring least.
    x = _convolution(inputs, options.width, options, stride=2)
    for stage in range(3):
        for _ in range(4):
            grown = _convolution(x, options.width // 2, options)
            x = layers.Concatenate()([x, grown])
        if stage < 2:
            x = _convolution(x, x.shape[-1] // 2, options, kernel=1)
            x = layers.AveragePooling2D(2, padding="same")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return _classifier(inputs, x, class_count, options, "densenet")


def build_tiny(class_count: int, options: ModelOptions) -> keras.Model:
    """A few thousand weights that train in seconds: for tests and the FAST notebooks."""
    inputs = _inputs()
    x = _convolution(inputs, 8, options, stride=2)
    x = _convolution(x, 16, options, stride=2)
    x = layers.Flatten()(x)
    return _classifier(inputs, x, class_count, options, "tiny")


MODELS = {
    "cnn": build_cnn,
    "vgg": build_vgg,
    "resnet": build_resnet,
    "densenet": build_densenet,
    "tiny": build_tiny,
}


def build_model(
    architecture: str,
    class_count: int,
    options: ModelOptions | None = None,
    precision: str = "float32",
) -> keras.Model:
    """Build an entry of `MODELS`.

    Args:
        precision: `float32`, or `mixed_bfloat16` to compute in 16 bits (weights and
            logits stay float32): about 1.2 times faster on processors that have it.

    Raises:
        ValueError: an unknown architecture, or fewer than two classes.
    """
    if architecture not in MODELS:
        raise ValueError(f"no architecture {architecture!r}; there are {', '.join(MODELS)}")
    if class_count < 2:
        raise ValueError(f"a classifier needs two classes or more, not {class_count}")
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        return MODELS[architecture](class_count, options or ModelOptions())
    finally:
        keras.config.set_dtype_policy(before)


def _inputs():
    return keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1), name="image")


def _classifier(inputs, features, class_count: int, options: ModelOptions, name: str):
    # The features before dropout are what notebooks embed and transfer keeps.
    features = layers.Identity(name="features")(features)
    x = layers.Dropout(options.dropout)(features)
    # Logits in float32 even under mixed precision: the loss needs the digits.
    logits = layers.Dense(class_count, name=HEAD, dtype="float32")(x)
    return keras.Model(inputs, logits, name=name)


def _convolution(x, filters: int, options: ModelOptions, **settings):
    """Convolution, batch normalisation and ReLU; see `_linear_convolution`."""
    return layers.ReLU()(_linear_convolution(x, filters, options, **settings))


def _linear_convolution(x, filters, options, kernel=3, stride=1, padding="same"):
    bias = not options.batch_norm  # the normalisation has one of its own
    convolution = layers.Conv2D(
        filters, kernel, strides=stride, padding=padding, use_bias=bias, **_l2(options)
    )
    return _normalise(convolution(x), options)


def _normalise(x, options: ModelOptions):
    # 0.9 instead of Keras's 0.99: statistics that follow within an epoch of a small data set.
    return layers.BatchNormalization(momentum=0.9)(x) if options.batch_norm else x


def _residual_block(x, filters: int, stride: int, options: ModelOptions):
    y = _convolution(x, filters, options, stride=stride)
    y = _linear_convolution(y, filters, options)
    if stride > 1:
        # Averaging before the 1×1 convolution keeps what a strided one would skip.
        x = layers.AveragePooling2D(stride, padding="same")(x)
    if x.shape[-1] != filters:
        x = _linear_convolution(x, filters, options, kernel=1)
    return layers.ReLU()(layers.Add()([x, y]))


def _l2(options: ModelOptions) -> dict:
    return {"kernel_regularizer": keras.regularizers.L2(options.l2) if options.l2 else None}
