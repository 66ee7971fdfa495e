"""Figures of learning from corrections, and of drift over time."""

import numpy as np
import pandas as pd
import pytest

from handwriting.finetune.plots import plot_before_after, plot_by_source, plot_curve
from handwriting.lines.data import LINE_HEIGHT, PAPER, Line
from handwriting.monitor.drift import measure_drift
from handwriting.monitor.drift_plots import plot_drift_course
from handwriting.plots import RED


def test_the_curve_begins_with_the_base_and_shows_the_gate():
    table = pd.DataFrame(
        {
            "lines": [20, 10],
            "base_cer": 0.2,
            "tuned_cer": [0.12, 0.15],
            "base_cer_best_path": 0.3,
            "tuned_cer_best_path": [0.2, 0.25],
            "general_before": 0.1,
            "general_after": [0.104, 0.102],
        }
    )
    hand, general = plot_curve(table, {"mine": (12, 0.14)}).axes
    network, both, mine = hand.lines
    assert network.get_ydata() == pytest.approx([30, 25, 20])
    np.testing.assert_array_equal(both.get_xdata(), [0, 10, 20])
    assert both.get_ydata() == pytest.approx([20, 15, 12])
    assert (mine.get_xdata()[0], mine.get_ydata()[0]) == (12, pytest.approx(14))
    assert general.lines[1].get_ydata()[0] == pytest.approx(10.5)


def test_errors_before_and_after_are_red():
    line = Line(np.full((LINE_HEIGHT, 300), PAPER, np.uint8), "le $oir", "hand")
    figure = plot_before_after([line], ["la soir"], ["le $ir"])
    red = [text.get_text() for text in figure.texts if text.get_color() == RED]
    assert red == ["a", "s", "·"]
    assert [t.get_text() for t in figure.texts if len(t.get_text()) > 1] == [
        "text",
        "before",
        "after",
    ]
    figure.canvas.draw()
    with pytest.raises(ValueError):
        plot_before_after([], [], [])


def test_sources_have_a_bar_for_the_base_and_each_version():
    figure = plot_by_source({"a": 0.1, "b": 0.2}, {"version": {"a": 0.11, "b": 0.19}})
    assert sorted(round(bar.get_height(), 3) for bar in figure.axes[0].patches) == [10, 11, 19, 20]


def test_windows_that_drifted_are_filled():
    rng = np.random.default_rng(0)
    calm, moved = rng.beta(9, 1, 600), rng.beta(3, 2, 100)
    drifts = [measure_drift(calm[:400], calm[400:]), measure_drift(calm[:400], moved)]
    psi, distance = plot_drift_course(["5", "6"], drifts).axes
    for axes in (psi, distance):
        quiet, alarms = axes.collections
        assert len(quiet.get_offsets()) == len(alarms.get_offsets()) == 1
        assert alarms.get_offsets()[0][0] == 1
