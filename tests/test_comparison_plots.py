"""Figures of comparisons render, and their axes can be read."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from handwriting import comparison_plots, explain_plots, plots
from handwriting.learning_curves import PowerLaw

EPOCHS = np.arange(1, 11)


def history(first: float, last: float):
    """Two variants whose errors fall from `first` to `last`, as shares."""
    errors = np.geomspace(first, last, len(EPOCHS))
    rows = [
        pd.DataFrame({"epoch": EPOCHS, "accuracy": 1 - errors, "validation_accuracy": 1 - errors})
        for _ in range(2)
    ]
    names = ("plain", "augmentation")
    table = [each.assign(variant=name) for each, name in zip(rows, names, strict=True)]
    return pd.concat(table).assign(seed=0, seconds=3.0)


def written_labels(figure, axis) -> list[str]:
    figure.draw_without_rendering()
    low, high = axis.get_view_interval()
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    return [
        t.label1.get_text() for t in ticks if low <= t.get_loc() <= high and t.label1.get_text()
    ]


@pytest.mark.parametrize("first, last", [(0.3, 0.0001), (0.3, 0.02), (0.05, 0.02), (0.031, 0.029)])
def test_an_axis_of_errors_has_a_few_labels_and_no_two_alike(first, last):
    figure = explain_plots.plot_variants(history(first, last))
    for axes in figure.axes:
        labels = written_labels(figure, axes.yaxis)
        assert 2 <= len(labels) <= 13
        assert len(set(labels)) == len(labels)
        assert all(label.endswith("%") for label in labels)


def test_labels_are_far_enough_apart_to_read():
    figure = explain_plots.plot_variants(history(0.6, 0.0001))
    axes = figure.axes[0]
    figure.draw_without_rendering()
    boxes = [t.get_window_extent() for t in axes.get_yticklabels() if t.get_text()]
    low, high = axes.get_window_extent().y0 - 5, axes.get_window_extent().y1 + 5
    boxes = sorted((b for b in boxes if low <= b.y0 <= high), key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 + 1 for below, above in pairwise(boxes))


RNG = np.random.default_rng(0)
LAW = PowerLaw(0.01, 0.5, 0.3)
FIGURES = {
    "cost": lambda: comparison_plots.plot_cost(history(0.3, 0.02)),
    "embedding": lambda: comparison_plots.plot_embedding(
        RNG.normal(size=(30, 2)), RNG.integers(0, 3, 30), ("A", "$", "⭐"), "PCA"
    ),
    "embedding_point": lambda: comparison_plots.plot_embedding([(1.0, 1.0)], [0], ("A",)),
    "size": lambda: comparison_plots.plot_error_by_size(
        [10, 100, 1000], {"raw": [0.3, 0.1, 0.0]}, {"raw": LAW}, goal=0.05
    ),
    "size_without_law": lambda: comparison_plots.plot_error_by_size(
        [10, 20], {"a": [0.2, 0.1]}, {}
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_renders(name):
    assert plots.png_bytes(FIGURES[name](), dpi=50).startswith(b"\x89PNG")


def test_cost_counts_the_minutes_of_all_epochs_so_far():
    figure = comparison_plots.plot_cost(history(0.3, 0.02))
    minutes = figure.axes[0].lines[0].get_xdata()
    np.testing.assert_allclose(minutes, EPOCHS * 3 / 60)
