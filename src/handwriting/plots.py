"""Figures of data, training and predictions. Every function returns its figure.

No pyplot: a figure belongs to whoever asked for it, is shown by a notebook when it is the
last value of a cell, and is written with `figure.savefig(path)`. Ink is drawn dark on
light paper throughout, whatever the polarity of the arrays.
"""

import io
import unicodedata
from contextlib import contextmanager
from functools import cache

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font
from matplotlib.ticker import LogLocator, NullFormatter

BLUE, RED, GREY = "#2a6f97", "#c8553d", "#8d99ae"
FONT = "DejaVu Sans"  # ships with matplotlib: the same figure on every machine
STYLE = {
    "font.family": FONT,
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "legend.frameon": False,
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
}


class NotebookFigure(Figure):
    """A figure that shows itself in a notebook even where pyplot was never imported."""

    def _repr_png_(self) -> bytes:
        return png_bytes(self)


@contextmanager
def style():
    """The look of every figure of this project, for the figures made inside the context."""
    with matplotlib.rc_context(STYLE):
        yield


def new_figure(width: float, height: float, **options) -> Figure:
    """An empty figure, width and height in inches."""
    return NotebookFigure(figsize=(width, height), **options)


def png_bytes(figure: Figure, dpi: int = 100) -> bytes:
    """The figure as a PNG file in memory."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return buffer.getvalue()


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(FT2Font(findfont(FONT)).get_charmap())


def label_text(text: str, longest: int = 18) -> str:
    """How to write a class in a figure: itself, or its Unicode name where the font lacks it.

    >>> label_text("A"), label_text("☂"), label_text("🚗"), label_text(" ")
    ('A', '☂', 'automobile', 'space')
    """
    text = "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Mn"))
    if not text.isspace() and _glyphs().issuperset(map(ord, text)):
        return text.replace("$", r"\$")  # a lone dollar sign would start a formula
    known = [char for char in text if unicodedata.name(char, "")]
    name = " ".join(unicodedata.name(char).lower() for char in known)
    name = name or " ".join(f"U+{ord(char):04X}" for char in text)
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"


def draw_image(axes, image, title: str = "", colour: str = "black") -> None:
    """One glyph without axes: (H, W) or (H, W, 1), ink high, uint8 0…255 or float 0…1."""
    image = np.asarray(image)
    image = image.reshape(image.shape[:2])
    axes.imshow(image, cmap="gray_r", vmin=0, vmax=255 if image.dtype == np.uint8 else 1)
    axes.set_title(title, color=colour, pad=3)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(visible=True, color="#dddddd")


def plot_samples(images, titles, columns: int = 10) -> Figure:
    """A grid of glyphs, one title each: images (N, 28, 28), see `draw_image`."""
    if not len(images):
        raise ValueError("no images to plot")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    texts = [label_text(str(title)) for title in titles]
    with style():
        figure = new_figure(0.85 * columns, 1.05 * rows)
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, image, text in zip(grid, images, texts, strict=False):
            draw_image(axes, image, text)
            axes.title.set_fontsize(9 if len(text) <= 8 else 6)
        for axes in grid[len(images) :]:
            axes.set_axis_off()
    return figure


def plot_class_counts(data) -> Figure:
    """Images per class in each split of a `CharacterData`, on a logarithmic scale."""
    positions = np.arange(len(data.classes))
    with style():
        figure = new_figure(max(6, 0.2 * len(data.classes) + 1), 3.2)
        axes = figure.subplots()
        for colour, (name, split) in zip((BLUE, GREY, RED), data.splits().items(), strict=True):
            if len(split):
                counts = np.bincount(split.labels, minlength=len(data.classes))
                label = f"{name} ({len(split):,})"
                axes.plot(positions, counts, "o", markersize=5, color=colour, label=label)
        axes.set_yscale("log")
        plain_log_ticks(axes.yaxis)
        write_classes(axes.xaxis, data.classes)
        axes.set(xlim=(-0.7, len(positions) - 0.3), ylabel="images per class", title=data.name)
        axes.grid(axis="y")
        figure.legend(loc="outside lower center", ncols=3)
    return figure


def write_classes(axis, classes) -> None:
    """One tick for each class; on the horizontal axis, names instead of glyphs stand upright."""
    texts = [label_text(text) for text in classes]
    axis.set_ticks(range(len(texts)), texts, fontsize=8 if len(texts) <= 50 else 7)
    axis.set_tick_params(length=0)
    for label in axis.get_ticklabels():
        if axis.axis_name == "x" and len(label.get_text()) > 2:
            label.set_rotation(90)


def plain_log_ticks(axis, unit: str = "") -> None:
    """Label a logarithmic axis 1, 2, 5, 10 … in place of powers of ten; unit "%" for shares."""
    scale = 100 if unit == "%" else 1
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(lambda value, _: f"{value * scale:,.6g}{unit}")
    axis.set_minor_formatter(NullFormatter())


def plot_learning_curve(history) -> Figure:
    """Loss, accuracy and learning rate by epoch.

    Args:
        history: a table with the columns epoch and, where known, loss, accuracy,
            validation_loss, validation_accuracy and learning_rate.
    """
    panels = [name for name in ("loss", "accuracy", "learning_rate") if name in history]
    with style():
        figure = new_figure(3.6 * len(panels), 3)
        grid = figure.subplots(1, len(panels), squeeze=False)[0]
        for axes, name in zip(grid, panels, strict=True):
            _draw_curves(axes, history, name)
            axes.set(title=name.replace("_", " "), xlabel="epoch")
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.grid()
        grid[-1].ticklabel_format(axis="y", scilimits=(-2, 4))
        grid[0].legend()
    return figure


def _draw_curves(axes, history, name: str) -> None:
    marker = "o" if len(history) <= 30 else ""
    style_of_line = {"marker": marker, "markersize": 3}
    axes.plot(history["epoch"], history[name], color=GREY, label="training", **style_of_line)
    validation = f"validation_{name}"
    if validation in history:
        values = history[validation]
        axes.plot(history["epoch"], values, color=BLUE, label="validation", **style_of_line)
        best = _kept_epoch(history)
        point = history["epoch"][best], values[best]
        axes.plot(*point, "o", color=RED, label="kept")
        # Training lies below a good validation loss and above a good validation accuracy.
        shift = {"xytext": (0, 8 if name == "loss" else -15), "textcoords": "offset points"}
        axes.annotate(f"{values[best]:.4f}", point, **shift, ha="center", color=RED)


def _kept_epoch(history):
    """Index of the row that training keeps: highest validation accuracy, then lowest loss."""
    columns = [name for name in ("validation_accuracy", "validation_loss") if name in history]
    ascending = [name == "validation_loss" for name in columns]
    return history.sort_values(columns, ascending=ascending, kind="stable").index[0]


def draw_bars(axes, top, right: str | None = None, longest: int = 18) -> None:
    """Horizontal bars for (text, probability) pairs, the first on top; `right` is the label."""
    texts, values = zip(*top, strict=True)
    colours = [BLUE if right in (None, text) else GREY for text in texts]
    axes.barh(range(len(texts)), values, color=colours, height=0.7)
    axes.set_yticks(range(len(texts)), [label_text(text, longest) for text in texts])
    for tick, colour in zip(axes.get_yticklabels(), colours, strict=True):
        tick.set_color("black" if right is None else colour)
    axes.set(xlim=(0, 1.3), ylim=(len(texts) - 0.4, -0.6), xticks=[])
    axes.tick_params(length=0)
    axes.spines[["bottom"]].set_visible(False)
    for row, value in enumerate(values):
        axes.text(value + 0.03, row, _percent(value), va="center")


def _percent(value: float) -> str:
    return f"{value:.1%}" if value >= 0.001 else "< 0.1%"


def plot_prediction(input_image, model_input, top) -> Figure:
    """What came in, what the model saw and what it made of it.

    Args:
        input_image: PIL image or (H, W) or (H, W, 3) uint8 array, as it was given.
        model_input: (28, 28) or (28, 28, 1) float32 0…1, 1 = ink.
        top: (text, probability) pairs, most probable first; five are drawn.
    """
    image = np.asarray(input_image)
    with style():
        figure = new_figure(8, 2.8)
        left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1, 1.2))
        draw_image(middle, model_input, "what the model sees")
        left.imshow(image, cmap="gray", vmin=0, vmax=255)
        left.set(title=f"input, {image.shape[1]}×{image.shape[0]}", xticks=[], yticks=[])
        for spine in left.spines.values():
            spine.set(visible=True, color="#dddddd")
        draw_bars(right, list(top)[:5])
        right.set_title("probability", loc="left")
    return figure
