"""Figures that explain: preprocessing, filters, occlusion, training runs side by side.

Every function returns its figure; see `plots` for the conventions.
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator, NullLocator

from handwriting.plots import (
    BLUE,
    GREY,
    RED,
    draw_image,
    label_text,
    new_figure,
    plain_log_ticks,
    style,
)

VARIANT_COLOURS = (GREY, BLUE, "#e9a23b", "#6a994e", RED, "#3d2645", "#58a4b0", "#b56576")


def plot_steps(steps: dict[str, np.ndarray]) -> Figure:
    """Pictures on the way from a photograph to a character, left to right.

    Args:
        steps: name to (h, w), as `images.to_character_steps` gives them: uint8 with
            0 = ink, or float32 with 1 = ink.
    """
    with style():
        figure = new_figure(1.75 * len(steps), 2.3)
        grid = figure.subplots(1, len(steps), squeeze=False)[0]
        for axes, (name, picture) in zip(grid, steps.items(), strict=True):
            ink = 255 - picture if picture.dtype == np.uint8 else picture
            draw_image(axes, ink, name)
            axes.set_xlabel(f"{picture.shape[1]}×{picture.shape[0]}", color=GREY)
    return figure


def plot_pixel_values(images) -> Figure:
    """How often each grey occurs, on a logarithmic scale: images (N, H, W) uint8, 255 = ink."""
    counts = np.bincount(np.asarray(images).ravel(), minlength=256).reshape(64, 4).sum(axis=1)
    with style():
        figure = new_figure(6, 2.4)
        axes = figure.subplots()
        axes.bar(np.arange(64) * 4 + 2, np.maximum(counts, 0.5), width=4, color=BLUE)
        axes.set(yscale="log", xlabel="value, 0 = paper, 255 = ink", ylabel="pixels", xlim=(0, 256))
        axes.grid(axis="y")
    return figure


def plot_signed(images, titles, columns: int = 10) -> Figure:
    """Weights as pictures: red above zero, blue below, on one scale.

    Args:
        images: (N, H, W) float.
    """
    images = np.asarray(images)
    if not len(images):
        raise ValueError("no images to plot")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    limit = float(np.abs(images).max()) or 1.0
    with style():
        figure = new_figure(0.85 * columns, 1.05 * rows)
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes in grid:
            axes.set_axis_off()
        for axes, image, title in zip(grid, images, titles, strict=False):
            axes.imshow(image, cmap="RdBu_r", vmin=-limit, vmax=limit)
            axes.set_title(label_text(str(title)), pad=3)
    return figure


def plot_occlusion(images, maps, titles) -> Figure:
    """Each image above its occlusion map, the outline of the ink drawn over the map.

    Args:
        images: (N, H, W) uint8, 255 = ink.
        maps: (N, H, W) float, from `explain.occlusion_map`; each has its own scale.
    """
    with style():
        figure = new_figure(1.35 * len(images), 3.1)
        upper, lower = figure.subplots(2, len(images), squeeze=False)
        for top, bottom, image, values, title in zip(
            upper, lower, images, maps, titles, strict=True
        ):
            draw_image(top, image, title)
            limit = float(np.abs(values).max()) or 1.0
            bottom.imshow(values, cmap="RdBu_r", vmin=-limit, vmax=limit)
            if image.max() > 127:
                bottom.contour(image, levels=[127], colors="black", linewidths=0.8)
            bottom.set_axis_off()
    return figure


def plot_variants(history) -> Figure:
    """Accuracy by epoch of several variants, in training and validation: mean and range of seeds.

    Args:
        history: table of `TrainingResult.history` rows with two more columns, variant and
            seed; colours follow the order in which the variants first appear.
    """
    with style():
        figure = new_figure(9, 3.4)
        panels = figure.subplots(1, 2)
        for axes, column in zip(panels, ("accuracy", "validation_accuracy"), strict=True):
            _draw_variants(axes, history, column)
            axes.set(title=column.replace("_", " ").replace("accuracy", "error"), xlabel="epoch")
            few_log_ticks(axes.yaxis, "%")
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.grid(which="both")
        panels[0].set_title("training error")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
    return figure


def few_log_ticks(axis, unit: str = "") -> None:
    """Make an axis logarithmic, with few enough labels to read.

    Over most of a decade or more they are 1, 2, 5, 10 …, over less round steps.

    Args:
        axis: `axes.xaxis` or `axes.yaxis`, after everything was drawn.
        unit: written behind each number.
    """
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    low, high = axis.get_view_interval()
    if high > 6 * low:
        plain_log_ticks(axis)
        if high > 1000 * low:
            axis.set_major_locator(LogLocator(numticks=9))
    else:
        steps = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        axis.set_major_locator(FixedLocator([step for step in steps if low <= step <= high]))
        axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(lambda value, _: _number(value) + unit)
    axis.set_view_interval(low, high, ignore=True)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _draw_variants(axes, history, column: str) -> None:
    for number, name in enumerate(history["variant"].unique()):
        colour = VARIANT_COLOURS[number % len(VARIANT_COLOURS)]
        rows = history[history["variant"] == name]
        # A run that makes no error has no logarithm: it is drawn at the bottom.
        error = 100 * (1 - rows[column]).clip(lower=1e-4)
        seeds = error.groupby(rows["epoch"])
        mean = seeds.mean()
        axes.fill_between(mean.index, seeds.min(), seeds.max(), color=colour, alpha=0.15)
        axes.plot(mean.index, mean, "o-", color=colour, label=name, markersize=3)
