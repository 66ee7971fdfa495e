"""Figures that compare: cost and gain, amounts of data, and where classes lie.

Every function returns its figure; see `plots` for the conventions.
"""

import numpy as np
from matplotlib.figure import Figure

from handwriting.explain_plots import VARIANT_COLOURS, few_log_ticks
from handwriting.plots import GREY, RED, label_text, new_figure, style


def plot_cost(history) -> Figure:
    """Validation error against minutes of training, a curve for each network.

    Args:
        history: table of `TrainingResult.history` rows with one more column, variant.
    """
    with style():
        figure = new_figure(6.4, 3.4)
        axes = figure.subplots()
        for number, (name, rows) in enumerate(history.groupby("variant", sort=False)):
            minutes = rows["seconds"].cumsum() / 60
            error = (100 * (1 - rows["validation_accuracy"])).clip(lower=0.01)
            colour = VARIANT_COLOURS[number % len(VARIANT_COLOURS)]
            axes.plot(minutes, error, "o-", color=colour, label=name, markersize=4)
        axes.set(xlabel="minutes of training", title="validation error")
        few_log_ticks(axes.xaxis)
        few_log_ticks(axes.yaxis, "%")
        axes.grid(which="both")
        figure.legend(loc="outside right center")
    return figure


def plot_embedding(points, labels, classes, title: str = "") -> Figure:
    """Each image at its place in the plane, written as its class.

    Args:
        points: (N, 2) float, from PCA or t-SNE.
        labels: (N,) int, into `classes`.
    """
    points, labels = np.asarray(points), np.asarray(labels)
    # A thousand texts, all within the axes: no need to make room for each.
    middle = {"ha": "center", "va": "center", "in_layout": False}
    with style():
        figure = new_figure(7, 6.4)
        axes = figure.subplots()
        for number, label in enumerate(np.unique(labels)):
            colour = VARIANT_COLOURS[number % len(VARIANT_COLOURS)]
            chosen = points[labels == label]
            text = label_text(classes[label])
            for x, y in chosen:
                axes.text(x, y, text, color=colour, fontsize=6, alpha=0.6, **middle)
            axes.text(*np.median(chosen, axis=0), text, fontsize=12, weight="bold", **middle)
        low, high = points.min(axis=0), points.max(axis=0)
        margin = 0.03 * (high - low) + 1e-6
        axes.set(xlim=(low[0] - margin[0], high[0] + margin[0]), xticks=[], yticks=[], title=title)
        axes.set_ylim(low[1] - margin[1], high[1] + margin[1])
    return figure


def plot_error_by_size(counts, errors: dict, laws: dict, goal: float | None = None) -> Figure:
    """Error against training images on logarithmic scales, with the fitted power laws.

    Args:
        counts: (N,) training images.
        errors: name to (N,) errors as shares.
        laws: name to `learning_curves.PowerLaw`, drawn on to ten times the largest count.
        goal: an error to mark, as a share.
    """
    further = np.geomspace(min(counts), 10 * max(counts), 60)
    with style():
        figure = new_figure(6.4, 4.0)
        axes = figure.subplots()
        for number, (name, values) in enumerate(errors.items()):
            colour = VARIANT_COLOURS[1 + number % (len(VARIANT_COLOURS) - 1)]
            shown = 100 * np.maximum(values, 1e-4)
            axes.plot(counts, shown, "o", color=colour, label=name, markersize=5)
            if name in laws:
                curve = 100 * np.maximum(laws[name].error(further), 1e-4)
                axes.plot(further, curve, "--", color=colour, linewidth=1)
        if goal is not None:
            axes.axhline(100 * goal, color=RED, linewidth=1, linestyle=":", label="goal")
        axes.axvline(max(counts), color=GREY, linewidth=0.8)
        axes.set(xlabel="training images", title="validation error")
        few_log_ticks(axes.xaxis)
        few_log_ticks(axes.yaxis, "%")
        axes.grid(which="both")
        figure.legend(loc="outside lower center", ncols=3)
    return figure
