"""A figure of drift, window by window. The function returns its figure."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from handwriting.monitor.drift import Drift
from handwriting.monitor.verdict import Limits
from handwriting.plots import BLUE, RED, new_figure, style


def plot_drift_course(
    names: Sequence[str], drifts: Sequence[Drift], limits: Limits | None = None, unit: str = ""
) -> Figure:
    """PSI and the distance of Kolmogorov and Smirnov of successive windows.

    Dashed is where an alarm begins: of the PSI what is large by custom, or what chance gives
    in windows of this size if that is more; of the distance, if its p is small as well.
    Filled points are alarms.

    Args:
        names: of the windows, on the horizontal axis.
        unit: what a window is, for example `week`.
        drifts: of each window against one reference.
    """
    limits = limits or Limits()
    bounds = [max(limits.psi, drift.psi_chance) for drift in drifts]
    psi = np.array([drift.psi for drift in drifts])
    distance = np.array([drift.ks_distance for drift in drifts])
    likely = np.array([drift.ks_p for drift in drifts])
    far = (distance >= limits.ks_distance) & (likely < limits.ks_p)
    with style():
        figure = new_figure(9, 2.9)
        left, right = figure.subplots(1, 2)
        _draw(left, names, psi, psi > bounds, "population stability index")
        left.plot(range(len(bounds)), bounds, "--", color=RED, linewidth=1)
        _draw(right, names, distance, far, "Kolmogorov-Smirnov distance")
        right.axhline(limits.ks_distance, color=RED, linestyle="--", linewidth=1)
        for axes in (left, right):
            axes.set_xlabel(unit)
    return figure


def _draw(axes, names: Sequence[str], values, alarms, title: str) -> None:
    places = np.arange(len(values))
    axes.plot(places, values, color=BLUE, linewidth=1)
    for some, fill in ((~alarms, "white"), (alarms, RED)):
        look = {"edgecolors": RED if fill == RED else BLUE, "zorder": 3, "clip_on": False}
        axes.scatter(places[some], values[some], 28, fill, **look)
    axes.set_xticks(places, names)
    axes.set(title=title, ylim=(0, 1.1 * max(0.3, np.nanmax(values))))
    axes.grid(axis="y")
