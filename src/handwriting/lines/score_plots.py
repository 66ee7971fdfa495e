"""Figures of the scores of line recognisers. Every function returns its figure."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from handwriting.lines.plots import COLOURS
from handwriting.plots import BLUE, GREY, label_text, new_figure, plain_log_ticks, style


def plot_cer_by_source(evaluation) -> Figure:
    """CER of all lines, of each source and of each language, with 95 % intervals.

    Args:
        evaluation: a `LineEvaluation`.
    """
    table = evaluation.table
    kinds = table.index.get_level_values("by")
    positions = np.arange(len(table)) + 0.4 * (kinds == "source") + 0.8 * (kinds == "language")
    colours = [{"all": "#444444", "source": BLUE, "language": GREY}[kind] for kind in kinds]
    names = [f"{name} ({row.lines:,})" for (_, name), row in table.iterrows()]
    high = table["cer_high"].fillna(table["cer"])
    with style():
        figure = new_figure(6, 0.32 * len(table) + 1.1)
        axes = figure.subplots()
        axes.barh(positions, table["cer"], color=colours, height=0.65, alpha=0.85)
        axes.hlines(positions, table["cer_low"], table["cer_high"], color="black", linewidth=1.2)
        for position, cer, end in zip(positions, table["cer"], high, strict=True):
            axes.annotate(
                f"{cer:.1%}", (end, position), (5, 0), textcoords="offset points", va="center"
            )
        axes.set_yticks(positions, [label_text(name, 40) for name in names])
        axes.set(xlim=(0, high.max() * 1.15 or 1), ylim=(positions[-1] + 0.6, -0.6))
        axes.set(xlabel="CER, 95 % interval (lines in brackets)")
        axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g}%")
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
    return figure


def plot_confusions(confusions: Sequence[tuple[str, str, int]]) -> Figure:
    """Bars of the most frequent errors, as `LineEvaluation.confusions` gives them."""
    if not confusions:
        raise ValueError("no confusions to plot")
    names = [
        " → ".join(label_text(char) if char else "nothing" for char in pair[:2])
        for pair in confusions
    ]
    counts = [count for *_, count in confusions]
    colours = [
        BLUE if reference and hypothesis else GREY for reference, hypothesis, _ in confusions
    ]
    with style():
        figure = new_figure(5, 0.24 * len(names) + 0.8)
        axes = figure.subplots()
        axes.barh(range(len(names)), counts, color=colours, height=0.7)
        for row, count in enumerate(counts):
            axes.annotate(
                f"{count:,}", (count, row), (4, 0), textcoords="offset points", va="center"
            )
        axes.set_yticks(range(len(names)), names)
        axes.set(xlim=(0, 1.12 * max(counts)), ylim=(len(names) - 0.4, -0.6))
        axes.set(xlabel="times (grey: left out or added)", title="written → read")
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
    return figure


def plot_cer_over_time(histories, time: str = "minutes") -> Figure:
    """Validation CER against the minutes of training, one curve for each design.

    Args:
        histories: name to table with the columns `time` and validation_cer, a fraction.
        time: `minutes`, or `cpu_minutes` for processor time.
    """
    with style():
        figure = new_figure(6.5, 4)
        axes = figure.subplots()
        for number, (name, history) in enumerate(histories.items()):
            label = f"{name}: {history['validation_cer'].min():.1%}"
            colours = (BLUE, *COLOURS)
            dashes = ("-", "--", ":")[number // len(colours) % 3]
            axes.plot(
                history[time],
                history["validation_cer"],
                dashes,
                color=colours[number % len(colours)],
                label=label_text(label, 40),
            )
        axes.set_yscale("log")
        plain_log_ticks(axes.yaxis, "%")
        unit = "minutes of processor time" if time == "cpu_minutes" else "minutes of training"
        axes.set(xlabel=unit, ylabel="CER on validation", xlim=(0, None))
        axes.grid()
        axes.legend(title="lowest")
    return figure


def plot_confidence(bins, unit: str = "words") -> Figure:
    """Share of right answers against confidence, and how many answers each bin holds.

    Args:
        bins: `calibration.ReliabilityBins`, as in `LineEvaluation.bins`.
        unit: what was answered: words or lines.
    """
    filled = bins.count > 0
    with style():
        figure = new_figure(4.6, 5)
        upper, lower = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
        upper.plot([0, 1], [0, 1], "--", color=GREY, linewidth=1)
        label = f"ECE {bins.error():.3f}"
        confidence, accuracy = bins.confidence[filled], bins.accuracy[filled]
        upper.plot(confidence, accuracy, "o-", color=BLUE, label=label, markersize=4)
        lower.stairs(bins.count, bins.edges, color=BLUE, linewidth=1.5, baseline=0.5)
        upper.set(ylabel=f"share of {unit} right", ylim=(0, 1.02))
        upper.set_title("below the dashed line: too sure")
        lower.set(xlabel="confidence", ylabel=unit, yscale="log", xlim=(0, 1))
        upper.legend(loc="upper left")
        upper.grid()
    return figure
