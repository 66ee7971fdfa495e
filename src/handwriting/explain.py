"""What a network looks at: its filters, its feature maps, and the ink that decides."""

from functools import partial

import keras
import numpy as np
from keras import layers, ops
from numpy.lib.stride_tricks import sliding_window_view

from handwriting.batches import to_input


def first_filters(model: keras.Model) -> np.ndarray:
    """The kernels of the first convolution, which looks at the pixels themselves.

    Returns:
        (F, H, W) float32; positive where a filter looks for ink, negative for paper.

    Raises:
        ValueError: the model has no convolution.
    """
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            return ops.convert_to_numpy(layer.kernel)[:, :, 0].transpose(2, 0, 1)
    raise ValueError(f"{model.name}: no convolution")


def feature_layers(model: keras.Model) -> list[str]:
    """Names of the layers that give feature maps after a ReLU, in the order of the network."""
    rectified = [layer for layer in model.layers if isinstance(layer, layers.ReLU)]
    return [layer.name for layer in rectified if len(layer.output.shape) == 4]


def feature_maps(model: keras.Model, image: np.ndarray, layer: str) -> np.ndarray:
    """What every filter of a layer makes of one image.

    Args:
        image: (28, 28) uint8 with 255 = ink.
        layer: one of `feature_layers`.

    Returns:
        (F, H, W) float32, 0 = nothing found; H and W shrink with the depth of the layer.

    Raises:
        ValueError: the model has no such layer.
    """
    part = keras.Model(model.input, model.get_layer(layer).output)
    pixels = image[None, ..., None].astype(np.float32) / np.float32(255)
    return ops.convert_to_numpy(part(pixels, training=False))[0].transpose(2, 0, 1)


def embed(model: keras.Model, images: np.ndarray, batch_size: int = 256) -> np.ndarray:
    """The features before the last layer: what the network makes of an image, class aside.

    Args:
        model: one of `models.MODELS`, which all have a layer `features`.
        images: (N, 28, 28) uint8, 255 = ink.

    Returns:
        (N, D) float32.
    """
    part = keras.Model(model.input, model.get_layer("features").output)
    batches = range(0, len(images), batch_size)
    features = [part(to_input(images[at : at + batch_size]), training=False) for at in batches]
    return np.concatenate([ops.convert_to_numpy(each) for each in features])


def occlusion_map(
    recognizer, image: np.ndarray, label: str, patch: int = 7, fill: int = 0
) -> np.ndarray:
    """How much the evidence for a class drops when a pixel and its surroundings are covered.

    A square slides over the image, its centre on every pixel in turn (Zeiler and Fergus,
    arXiv:1311.2901). The evidence is the log-odds of the class, log(p / (1 - p)): the
    probability itself hardly moves where the model is very sure.

    Args:
        recognizer: has `.classes`, `.card.temperature` and `.logits((N, H, W) uint8)`.
        image: (H, W) uint8, 255 = ink.
        label: the class asked about.
        patch: odd side of the square in pixels.
        fill: what the square is filled with: 0 covers with paper, 255 with ink.

    Returns:
        (H, W) float64. Positive: this place speaks for the class; negative: against it.

    Raises:
        ValueError: an even patch, or a class that the recogniser does not know.
    """
    if patch % 2 == 0:
        raise ValueError(f"a patch has a centre, so an odd side, not {patch}")
    index = list(recognizer.classes).index(label)
    evidence = partial(_log_odds, recognizer, index=index)
    covered = evidence(_covered(image, patch, fill)).reshape(image.shape)
    return evidence(image[None])[0] - covered


def _covered(image: np.ndarray, patch: int, fill: int) -> np.ndarray:
    """(H·W, H, W): one copy of the image for every place of the square, cut off at the edges."""
    height, width = image.shape
    margin = patch // 2
    padded = np.pad(image, margin)
    copies = np.repeat(padded[None], height * width, axis=0)
    windows = sliding_window_view(copies, (patch, patch), axis=(1, 2), writeable=True)
    rows, columns = np.divmod(np.arange(height * width), width)
    windows[np.arange(height * width), rows, columns] = fill
    return np.ascontiguousarray(copies[:, margin : margin + height, margin : margin + width])


def _log_odds(recognizer, images: np.ndarray, index: int) -> np.ndarray:
    """(N,) log(p / (1 - p)) of one class, from the logits: no rounding near 0 and 1."""
    logits = recognizer.logits(images).astype(np.float64) / recognizer.card.temperature
    others = np.delete(logits, index, axis=1)
    highest = others.max(axis=1)
    return logits[:, index] - highest - np.log(np.exp(others - highest[:, None]).sum(axis=1))
