"""Figures of a deployed model: accuracy and confidence over time, and drift.

Every function returns its figure.
"""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure

from handwriting.lines.plots import COLOURS
from handwriting.monitor.drift import EDGES
from handwriting.monitor.report import VersionReport
from handwriting.plots import BLUE, GREY, label_text, new_figure, style

_PALETTE = (BLUE, *COLOURS)
_DATES = 6  # written below a figure
_LEAST_FOR_BAR = 10
_NOTHING = "nothing yet: save readings and corrections first"


def plot_accuracy(versions: Iterable[VersionReport]) -> Figure:
    """Accuracy on corrected readings by day or week, a line a version.

    Of lines the accuracy is 1 - CER. Periods without corrections have no point; larger
    points stand for more corrections, and 10 or more have a 95 % interval.
    """
    with style():
        figure, axes = _axes("accuracy on corrected readings")
        for number, version in enumerate(_drawable(versions, "error")):
            periods = [period for period in version.trend if period.corrected]
            accuracy = np.array([1 - period.error for period in periods])
            bounds = np.array([(1 - period.high, 1 - period.low) for period in periods]).T
            many = [period.corrected >= _LEAST_FOR_BAR for period in periods]
            bars = np.where(many, np.nan_to_num(np.abs(bounds - accuracy)), 0)
            days, colour = [period.start for period in periods], _colour(number)
            axes.errorbar(
                days,
                accuracy,
                bars,
                color=colour,
                linewidth=1,
                elinewidth=0.8,
                label=_name(version),
            )
            sizes = [min(8 + 6 * period.corrected**0.5, 80) for period in periods]
            axes.scatter(days, accuracy, sizes, color=colour, zorder=3, clip_on=False)
        _finish(axes)
    return figure


def plot_confidence(versions: Iterable[VersionReport]) -> Figure:
    """Median confidence by day or week, with the range of the middle 80 %, a line a version."""
    with style():
        figure, axes = _axes("confidence")
        for number, version in enumerate(_drawable(versions, "confidence")):
            periods = [period for period in version.trend if period.confidence == period.confidence]
            days, colour = [period.start for period in periods], _colour(number)
            median = [period.confidence for period in periods]
            low = [period.confidence_low for period in periods]
            high = [period.confidence_high for period in periods]
            axes.fill_between(days, low, high, color=colour, alpha=0.15, linewidth=0)
            look = {"color": colour, "markersize": 4, "clip_on": False}
            axes.plot(days, median, "o-", label=_name(version), **look)
        _finish(axes)
    return figure


def plot_drift(version: VersionReport) -> Figure:
    """Shares of the readings by confidence, in the reference window and in the current one."""
    reference, current = (np.array(counts) for counts in version.histogram)
    with style():
        figure = new_figure(5.5, 3)
        axes = figure.subplots()
        places = np.arange(len(reference))
        windows = (("before", reference, GREY, -0.2), ("now", current, BLUE, 0.2))
        for name, counts, colour, shift in windows:
            if counts.sum():
                label = f"{name} ({counts.sum():,})"
                axes.bar(places + shift, counts / counts.sum(), 0.4, color=colour, label=label)
        labels = [f"{low:g}-\n{high:g}" for low, high in pairwise(EDGES)]
        axes.set_xticks(places, labels)
        axes.set(xlabel="confidence", ylabel="share of readings")
        title = _name(version)
        if version.drift is not None:
            title += f": PSI {version.drift.psi:.2f}"
        axes.set_title(title)
        axes.grid(axis="y")
        if reference.sum() + current.sum():
            axes.legend()
        else:
            _write_nothing(axes)
    return figure


def _axes(title: str):
    figure = new_figure(7.5, 3.2)
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes


def _drawable(versions: Iterable[VersionReport], value: str) -> list[VersionReport]:
    """Versions with a number to draw in at least one period."""
    return [
        version
        for version in versions
        if any(np.isfinite(getattr(period, value)) for period in version.trend)
    ]


def _finish(axes) -> None:
    if not axes.has_data():
        _write_nothing(axes)
        return
    lowest = min(axes.get_ylim()[0], 0.9)
    axes.set_ylim(max(lowest, -0.02), 1)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.grid(axis="y")
    axes.figure.legend(loc="outside lower center", ncols=2)
    # Whole days only, and not more of them than there is room for.
    days = np.concatenate([line.get_xdata(orig=False) for line in axes.lines])
    axes.set_xticks(np.unique(np.linspace(days.min(), days.max(), _DATES).round()))
    axes.xaxis.set_major_formatter(DateFormatter("%Y-%m-%d"))


def _write_nothing(axes) -> None:
    axes.set(xticks=[], yticks=[])
    axes.text(0.5, 0.5, _NOTHING, ha="center", color=GREY, transform=axes.transAxes)


def _colour(number: int) -> str:
    return _PALETTE[number % len(_PALETTE)]


def _name(version: VersionReport) -> str:
    return label_text(f"{version.model} ({version.model_hash[:6]}, {version.kind}s)", 60)
