"""What a line recogniser saw and read, as one picture."""

import numpy as np
from matplotlib.figure import Figure

from handwriting.lines.decoding import Decoded
from handwriting.lines.geometry import STRIDE
from handwriting.plots import BLUE, GREY, RED, label_text, new_figure, style

SURE, UNSURE = 0.9, 0.5  # confidences from which a word is blue, and below which it is red


def plot_reading(image: np.ndarray, model_input: np.ndarray, decoded: Decoded) -> Figure:
    """The picture as loaded, the model's input, and each word at its place below it.

    Args:
        image: (H, W) uint8, 0 = ink.
        model_input: (height, W') uint8, 255 = ink.
        decoded: what was read from the model's input.
    """
    height, width = model_input.shape
    inches = 10.0
    with style():
        tall = np.clip(inches * image.shape[0] / image.shape[1], 0.5, 4.0)
        line = np.clip(inches * height / width, 0.3, 1.5)
        figure = new_figure(inches, tall + line + 1.3)
        upper, lower = figure.subplots(2, 1, height_ratios=(tall, line + 0.5))
        upper.imshow(image, cmap="gray", vmin=0, vmax=255)
        upper.set_title("picture", loc="left")
        lower.imshow(255 - model_input, cmap="gray", vmin=0, vmax=255, aspect="auto")
        lower.set_title("what the model sees, and what it reads", loc="left")
        for axes in (upper, lower):
            axes.set(xticks=[], yticks=[])
        for word in decoded.words:
            left, right = word.start * STRIDE, min(word.end * STRIDE, width)
            lower.axvspan(left, right, color=_colour(word.confidence), alpha=0.12, linewidth=0)
            lower.annotate(
                f"{label_text(word.text, 40)}\n{word.confidence:.0%}",
                ((left + right) / 2, height),
                xytext=(0, -4),
                textcoords="offset points",
                ha="center",
                va="top",
                color=_colour(word.confidence),
                annotation_clip=False,
            )
    return figure


def _colour(confidence: float) -> str:
    return BLUE if confidence >= SURE else RED if confidence < UNSURE else GREY
