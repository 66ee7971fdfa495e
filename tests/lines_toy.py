"""Lines of made-up writing: each character a pattern of bars that a tiny network can learn."""

import numpy as np

from handwriting.cards import ModelCard, sha256, write_card
from handwriting.lines.charset import Charset
from handwriting.lines.data import LINE_HEIGHT, PAPER, Line, LineData, LineSplit

CHARSET = Charset(" abc")
# Rows that are ink, as shares of the height: high, low and both.
_BARS = {"a": ((0.15, 0.35),), "b": ((0.6, 0.8),), "c": ((0.15, 0.35), (0.6, 0.8)), " ": ()}
_WIDTH = 28


def draw_text(text: str, rng: np.random.Generator) -> np.ndarray:
    """(64, W) uint8 dark bars on paper."""
    image = np.full((LINE_HEIGHT, _WIDTH * (len(text) + 1)), PAPER, np.uint8)
    for place, character in enumerate(text):
        left = _WIDTH * place + 14 + int(rng.integers(-2, 3))
        for top, bottom in _BARS[character]:
            image[round(64 * top) : round(64 * bottom), left : left + 16] = 40
    return image


def one_hot(text: str, frames: int = 7) -> np.ndarray:
    """Logits that place each character of the bars where it is drawn."""
    logits = np.zeros(((len(text) + 1) * frames, len(CHARSET) + 1), np.float32)
    logits[:, -1] = 5
    for place, index in enumerate(CHARSET.encode(text)):
        logits[frames * place + frames // 2 : frames * (place + 1), index] = 9
    return logits


def make_line(rng: np.random.Generator, longest: int = 6) -> Line:
    words = rng.choice(list("abc"), int(rng.integers(1, longest)))
    text = "".join(words)
    return Line(draw_text(text, rng), text, "toy", "en", f"w{rng.integers(4)}", "p")


def make_data(train: int = 256, validation: int = 24, seed: int = 0) -> LineData:
    rng = np.random.default_rng(seed)
    splits = [
        LineSplit(tuple(make_line(rng) for _ in range(n))) for n in (train, validation, validation)
    ]
    return LineData("toy", *splits)


def build_line_onnx() -> bytes:
    """A network without training: one convolution that measures the ink of both bars."""
    from onnx import TensorProto, helper, numpy_helper

    height, stride, blank = 40, 4, len(CHARSET)
    high, low = (np.zeros((height, stride), np.float32) for _ in range(2))
    high[7:13], low[25:31] = 1 / (6 * stride), 1 / (6 * stride)
    kernels = np.zeros((blank + 1, 1, height, stride), np.float32)
    kernels[CHARSET.encode("a")[0], 0] = 12 * high - 12 * low
    kernels[CHARSET.encode("b")[0], 0] = 12 * low - 12 * high
    kernels[CHARSET.encode("c")[0], 0] = 10 * high + 10 * low
    bias = np.array([-9, 0, 0, -8, 4], np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Transpose", ["line"], ["channels_first"], perm=[0, 3, 1, 2]),
            helper.make_node(
                "Conv", ["channels_first", "kernels", "bias"], ["rows"], strides=[height, stride]
            ),
            helper.make_node("Squeeze", ["rows", "axis"], ["frames"]),
            helper.make_node("Transpose", ["frames"], ["logits"], perm=[0, 2, 1]),
        ],
        "toy_lines",
        [helper.make_tensor_value_info("line", TensorProto.FLOAT, ["N", height, "W", 1])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", "T", blank + 1])],
        [
            numpy_helper.from_array(kernels, "kernels"),
            numpy_helper.from_array(bias, "bias"),
            numpy_helper.from_array(np.array([2], np.int64), "axis"),
        ],
    )
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=9).SerializeToString()


def write_line_model(folder, name: str = "lines", **values) -> ModelCard:
    """Put the network and its card into `folder`; `values` replace those of the card."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    path.write_bytes(build_line_onnx())
    standard = {
        "task": "lines",
        "classes": CHARSET.characters,
        "input": {"shape": [40, None, 1], "dtype": "float32", "range": [0, 1], "ink": 1},
        "preprocessing": {"height": 40},
        "files": {path.name: sha256(path)},
    }
    card = ModelCard(name=name, **(standard | values))
    write_card(card, folder)
    return card
