"""Every figure renders, with emoji and dollar signs, and no glyph is a hollow box."""

import doctest
import warnings

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font

from handwriting import calibration, error_plots, metrics, plots
from handwriting.datasets.base import CharacterData, Split, empty_split

CLASSES = ["A", "$", "😀", "🚗", "☂", "⭐"]
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 255, (30, 28, 28), dtype=np.uint8)
LABELS = RNG.integers(0, 6, 30)
LOGITS = RNG.normal(size=(30, 6))
PREDICTIONS = LOGITS.argmax(axis=1)
CONFUSION = metrics.confusion_matrix(LABELS, PREDICTIONS, 6)
BINS = calibration.reliability_bins(calibration.softmax(LOGITS), LABELS)
HISTORY = pd.DataFrame(
    {"epoch": [1, 2], "loss": [2.0, 1.0], "accuracy": [0.1, 0.5], "validation_loss": [2.0, 1.5]}
)


def data():
    split = Split(IMAGES, LABELS)
    return CharacterData("tiny", tuple(CLASSES), split, split.take(slice(5)), empty_split())


FIGURES = {
    "samples": lambda: plots.plot_samples(IMAGES[:7], [CLASSES[i] for i in LABELS], columns=3),
    "class_counts": lambda: plots.plot_class_counts(data()),
    "learning_curve": lambda: plots.plot_learning_curve(HISTORY),
    "prediction": lambda: plots.plot_prediction(
        IMAGES[0], IMAGES[0][..., None] / 255, [(text, 0.5) for text in CLASSES]
    ),
    "confusion": lambda: error_plots.plot_confusion(CONFUSION, CLASSES),
    "confusion_perfect": lambda: error_plots.plot_confusion(np.eye(6, dtype=int), CLASSES, False),
    "confused_pairs": lambda: error_plots.plot_confused_pairs(
        IMAGES,
        LABELS,
        PREDICTIONS,
        CLASSES,
        metrics.most_confused_pairs(CONFUSION, CLASSES, 3),
    ),
    "reliability": lambda: error_plots.plot_reliability(BINS, BINS),
    "errors": lambda: error_plots.plot_errors(
        IMAGES, LABELS, calibration.softmax(LOGITS), CLASSES, 5
    ),
    "per_class": lambda: error_plots.plot_per_class(
        metrics.classification_report(LOGITS, LABELS, CLASSES)[0]
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_renders_without_a_missing_glyph(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a glyph that the font lacks
        figure = FIGURES[name]()
        image = plots.png_bytes(figure, dpi=50)
    assert image.startswith(b"\x89PNG")


def test_figure_shows_itself_in_a_notebook():
    assert plots.plot_samples(IMAGES[:2], "ab")._repr_png_().startswith(b"\x89PNG")


def test_style_does_not_leak():
    with plots.style():
        assert not matplotlib.rcParams["axes.spines.top"]
    assert matplotlib.rcParams["axes.spines.top"] == matplotlib.rcParamsDefault["axes.spines.top"]


def test_two_dollar_signs_make_no_formula():
    dollar = plots.label_text("$")
    assert not matplotlib.cbook.is_math_text(f"{dollar} → {dollar}")


@pytest.mark.parametrize(
    "text", ["A", "é", "☂", "😀", "⭐", "🚗", "❤️", "🇫🇷", "👩‍🚀", "\u0378", " ", ""]
)
def test_label_text_is_never_tofu(text):
    glyphs = FT2Font(findfont(plots.FONT)).get_charmap()
    shown = plots.label_text(text)
    assert shown.strip() or not text
    assert all(ord(char) in glyphs for char in shown)


def test_label_text_keeps_what_the_font_has_and_names_the_rest():
    assert plots.label_text("Q") == "Q"
    assert plots.label_text("⭐") == "white medium star"
    assert len(plots.label_text("🧑‍🦽", longest=12)) <= 12


def test_doctests():
    failed, attempted = doctest.testmod(plots)
    assert failed == 0 and attempted


@pytest.mark.parametrize("accuracies, kept", [([0.9, 0.8, 0.9], 3), ([0.9, 0.95, 0.9], 2)])
def test_learning_curve_marks_the_epoch_that_training_keeps(accuracies, kept):
    losses = [0.5, 0.9, 0.4]
    history = pd.DataFrame({"epoch": [1, 2, 3], "loss": [3, 2, 1], "accuracy": [0.7, 0.8, 0.9]})
    history = history.assign(validation_loss=losses, validation_accuracy=accuracies)
    axes = plots.plot_learning_curve(history).axes
    for panel, values in zip(axes, (losses, accuracies), strict=True):
        (marked,) = [line for line in panel.lines if line.get_label() == "kept"]
        assert (marked.get_xdata()[0], marked.get_ydata()[0]) == (kept, values[kept - 1])


def test_ink_is_dark_for_both_kinds_of_array():
    for image in (IMAGES[0], IMAGES[0] / 255):
        figure = plots.plot_samples([image], ["x"])
        drawn = figure.axes[0].images[0]
        assert drawn.cmap.name == "gray_r"
        assert drawn.norm.vmax == (255 if image.dtype == np.uint8 else 1)


def test_errors_show_the_surest_error_first():
    probabilities = np.array([[0.6, 0.4], [0.9, 0.1], [0.2, 0.8]])
    figure = error_plots.plot_errors(IMAGES[:3], [1, 1, 1], probabilities, "AB", 2)
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), IMAGES[1])


@pytest.mark.parametrize(
    "call",
    [
        lambda: plots.plot_samples([], []),
        lambda: error_plots.plot_errors(IMAGES[:1], [0], np.array([[0.9, 0.1]]), "AB"),
        lambda: error_plots.plot_confused_pairs(IMAGES, LABELS, PREDICTIONS, CLASSES, []),
    ],
)
def test_nothing_to_plot_is_said(call):
    with pytest.raises(ValueError, match="to plot"):
        call()
