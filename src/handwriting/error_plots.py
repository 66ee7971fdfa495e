"""Figures of what a model gets wrong. Every function returns its figure."""

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from handwriting.plots import (
    BLUE,
    GREY,
    RED,
    draw_bars,
    draw_image,
    label_text,
    new_figure,
    plain_log_ticks,
    style,
    write_classes,
)

NAME = 14  # characters of a symbol's name beside an error


def plot_confusion(confusion, classes, normalise: bool = True) -> Figure:
    """The confusion matrix with the errors in front: (C, C), row = label, column = prediction.

    Hits are pale blue, however many; errors run from yellow to dark red on a logarithmic
    scale, so that a rare confusion still shows beside a common one. With `normalise` a
    cell is its share of the row's labels.
    """
    confusion = np.asarray(confusion, np.float64)
    support = np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    shares = confusion / support if normalise else confusion
    diagonal = np.eye(len(confusion), dtype=bool)
    errors = np.ma.masked_where(diagonal | (confusion == 0), shares)
    side = np.clip(0.16 * len(confusion), 4, 13)
    with style():
        figure = new_figure(side + 1.4, side + 0.4)
        axes = figure.subplots()
        hits = np.ma.masked_where(~diagonal, np.ones_like(shares))
        axes.imshow(hits, cmap="Blues", vmin=0, vmax=5)
        if errors.count():
            norm = LogNorm(errors.min(), max(errors.max(), 2 * errors.min()))
            drawn = axes.imshow(errors, cmap="YlOrRd", norm=norm)
            label = "share of the label's images" if normalise else "images"
            bar = figure.colorbar(drawn, ax=axes, shrink=0.6, fraction=0.04, pad=0.02, label=label)
            plain_log_ticks(bar.ax.yaxis, "%" if normalise else "")
        _frame_matrix(axes, classes)
        right = np.trace(confusion) / max(confusion.sum(), 1)
        axes.set_title(f"{confusion.sum():,.0f} images, {right:.2%} right")
    return figure


def _frame_matrix(axes, classes) -> None:
    for axis in (axes.xaxis, axes.yaxis):
        write_classes(axis, classes)
        axis.set_ticks(np.arange(len(classes) + 1) - 0.5, minor=True)
        axis.set_tick_params(which="minor", length=0)
    axes.grid(which="minor", color="#f1f1f1", linewidth=0.5)
    axes.spines[:].set_visible(False)
    axes.set(xlabel="prediction", ylabel="label")


def plot_confused_pairs(images, labels, predictions, classes, pairs, examples: int = 8) -> Figure:
    """For each pair, a row of images of the one class that were taken for the other.

    Args:
        images: (N, 28, 28), ink high; labels, predictions: (N,) int.
        pairs: (label, prediction, count), from `metrics.most_confused_pairs`.
    """
    if not pairs:
        raise ValueError("no confused pairs to plot")
    index_of = {text: index for index, text in enumerate(classes)}
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    with style():
        figure = new_figure(1.6 + 0.75 * examples, 0.8 * len(pairs))
        grid = figure.subplots(len(pairs), examples + 1, squeeze=False)
        for row, (label, prediction, count) in zip(grid, pairs, strict=True):
            wrong = (labels == index_of[label]) & (predictions == index_of[prediction])
            text = f"{label_text(label)} → {label_text(prediction)}"
            row[0].text(1, 0.62, text, ha="right", va="center", fontsize=11)
            row[0].text(1, 0.25, f"{count} times", ha="right", va="center", color=GREY)
            for axes in row:
                axes.set_axis_off()
            for axes, where in zip(row[1:], np.flatnonzero(wrong), strict=False):
                axes.set_axis_on()
                draw_image(axes, images[where])
    return figure


def plot_reliability(before, after=None) -> Figure:
    """Accuracy against confidence, before and after temperature scaling.

    Args:
        before, after: `calibration.ReliabilityBins`.
    """
    curves = [(before, RED, "before")]
    if after is not None:
        curves.append((after, BLUE, "after temperature scaling"))
    with style():
        figure = new_figure(4.6, 5)
        upper, lower = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
        upper.plot([0, 1], [0, 1], "--", color=GREY, linewidth=1)
        for bins, colour, name in curves:
            _draw_reliability(upper, lower, bins, colour, f"{name}, ECE {bins.error():.3f}")
        upper.set(ylabel="accuracy", ylim=(0, 1.02), title="below the dashed line: too sure")
        lower.set(xlabel="confidence", ylabel="images", yscale="log", xlim=(0, 1))
        upper.legend(loc="upper left")
        upper.grid()
    return figure


def _draw_reliability(upper, lower, bins, colour: str, label: str) -> None:
    filled = bins.count > 0
    confidence, accuracy = bins.confidence[filled], bins.accuracy[filled]
    upper.plot(confidence, accuracy, "o-", color=colour, label=label, markersize=4)
    lower.stairs(bins.count, bins.edges, color=colour, linewidth=1.5, baseline=0.5)


def plot_errors(images, labels, probabilities, classes, count: int = 12, marked=()) -> Figure:
    """The surest errors: each image with the model's three best guesses, its label in blue.

    Args:
        images: (N, 28, 28), ink high; labels: (N,) int; probabilities: (N, C).
        marked: image numbers whose label is doubtful; it gets a red question mark.
    """
    marked = set(marked)
    labels, probabilities = np.asarray(labels), np.asarray(probabilities)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    if not len(wrong):
        raise ValueError("no errors to plot")
    surest = wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:count]
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :3]
    # Symbols that the font lacks are written by name, which takes room.
    named = any(len(label_text(classes[i], NAME)) > 2 for i in best[surest].ravel())
    columns = min(3 if named else 4, len(surest))
    rows = -(-len(surest) // columns)
    with style():
        figure = new_figure((3.4 if named else 2.5) * columns, 1.35 * rows)
        grid = figure.subplots(rows, 2 * columns, squeeze=False, width_ratios=(1, 1.2) * columns)
        for axes in grid.ravel():
            axes.set_axis_off()
        for position, where in enumerate(surest):
            label = classes[labels[where]]
            picture, bars = grid.reshape(-1, 2)[position]
            picture.set_axis_on()
            bars.set_axis_on()
            doubt = where in marked
            title = "label " * (not named) + label_text(label, NAME) + " ?" * doubt
            draw_image(picture, images[where], title, RED if doubt else BLUE)
            top = [(classes[i], probabilities[where, i]) for i in best[where]]
            draw_bars(bars, top, right=label, longest=NAME)
    return figure


def plot_per_class(report) -> Figure:
    """Precision and recall of each class, lowest F1 first; classes that never occur left out.

    Args:
        report: the table of `metrics.classification_report`.
    """
    report = report.dropna(subset="f1").sort_values("f1")
    positions = np.arange(len(report))
    with style():
        figure = new_figure(max(5, 0.19 * len(report) + 1), 3.2)
        axes = figure.subplots()
        low, high = report[["precision", "recall"]].min(axis=1), report[["precision", "recall"]]
        axes.vlines(positions, low, high.max(axis=1), color="#cccccc", linewidth=2)
        for name, colour in (("precision", BLUE), ("recall", RED)):
            axes.plot(positions, report[name], "o", color=colour, markersize=4, label=name)
        axes.plot(positions, report["f1"], "_", color="black", markersize=7, label="F1")
        write_classes(axes.xaxis, report.index)
        axes.set(xlim=(-0.7, len(report) - 0.3), ylim=(None, 1.02), xlabel="class, lowest F1 first")
        axes.grid(axis="y")
        figure.legend(loc="outside upper center", ncols=3)
    return figure
