"""A model of three glyphs, made without training: the weights are the glyphs themselves."""

import numpy as np
from PIL import Image

from handwriting.cards import ModelCard, sha256, write_card
from handwriting.images import MNIST_FORMAT, to_character

CLASSES = ("I", "L", "O")
TEMPERATURE = 2.0


def draw(text: str, size: int = 48, thickness: int = 5) -> np.ndarray:
    """One of `CLASSES`, (size, size) uint8, 0 = ink, 255 = paper."""
    picture = np.full((size, size), 255, np.uint8)
    low, high = size // 6, size - size // 6
    if text == "I":
        picture[low:high, size // 2 : size // 2 + thickness] = 0
    if text == "L":
        picture[low:high, low + 4 : low + 4 + thickness] = 0
        picture[high - thickness : high, low + 4 : high - 4] = 0
    if text == "O":
        picture[low:high, low:high] = 0
        picture[low + thickness : high - thickness, low + thickness : high - thickness] = 255
    return picture


def save(picture: np.ndarray, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)
    return path


def build_onnx() -> bytes:
    """Flatten and one matrix product: a glyph's logit is its likeness to each template."""
    from onnx import TensorProto, helper, numpy_helper

    glyphs = np.stack([to_character(draw(text)).ravel() for text in CLASSES])
    weights = 8 * glyphs / np.linalg.norm(glyphs, axis=1, keepdims=True)
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["image"], ["pixels"]),
            helper.make_node("MatMul", ["pixels", "weights"], ["logits"]),
        ],
        "toy",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 28, 28, 1])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", len(CLASSES)])],
        [numpy_helper.from_array(np.ascontiguousarray(weights.T, np.float32), "weights")],
    )
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=9).SerializeToString()


def write_model(folder, onnx: bytes, name: str = "toy", **values) -> ModelCard:
    """Put model and card into `folder`; `values` replace those of the card."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    path.write_bytes(onnx)
    standard = {
        "task": "characters",
        "classes": CLASSES,
        "input": {"shape": [28, 28, 1], "dtype": "float32", "range": [0, 1], "ink": 1},
        "preprocessing": MNIST_FORMAT.to_dict(),
        "temperature": TEMPERATURE,
        "files": {path.name: sha256(path)},
    }
    card = ModelCard(name=name, **(standard | values))
    write_card(card, folder)
    return card
