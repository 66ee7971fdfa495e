"""Figures of a deployed model draw what the report says, and nothing where there is nothing."""

import io
import warnings
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from feedback_rows import picture, quick_disk, reading  # noqa: F401

from handwriting.feedback import FeedbackStore
from handwriting.monitor import watch
from handwriting.monitor.plots import plot_accuracy, plot_confidence, plot_drift

pytestmark = pytest.mark.usefixtures("quick_disk")
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    random, image = np.random.default_rng(0), picture()
    with FeedbackStore(tmp_path_factory.mktemp("store")) as store:
        store.add_many(
            reading(
                image=image,
                source=f"{model}{n}",
                model=model,
                model_hash="c0ffee",
                confidence=random.beta(9, 2),
                time=START + timedelta(hours=6 * n),
                correction="AB"[n % 3 == 0] if n % 2 else None,
            )
            for model in ("characters", "cost_$x")
            for n in range(60)
        )
        return watch(store).versions


def render(figure) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph, for example
        figure.savefig(io.BytesIO(), format="png", dpi=50)


def test_accuracy_has_a_point_for_each_day_with_corrections(versions):
    figure = plot_accuracy(versions)
    axes = figure.axes[0]
    for version, points in zip(versions, axes.collections[1::2], strict=True):
        corrected = [period for period in version.trend if period.corrected]
        drawn = points.get_offsets()[:, 1]
        np.testing.assert_allclose(drawn, [1 - period.error for period in corrected])
    assert len(figure.legends[0].texts) == 2 and len(axes.get_xticks()) <= 6
    render(figure)


def test_confidence_and_drift(versions):
    figure = plot_confidence(versions)
    line = figure.axes[0].lines[0]
    medians = [period.confidence for period in versions[0].trend]
    np.testing.assert_allclose(line.get_ydata(), medians)
    render(figure)
    figure = plot_drift(versions[0])
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert sum(heights) == pytest.approx(2) and len(heights) == 20
    render(figure)


def test_nothing_to_draw_is_said(tmp_path):
    with FeedbackStore(tmp_path) as store:
        store.add(**reading(confidence=None))
        (version,) = watch(store).versions
    for figure in (
        plot_accuracy([]),
        plot_accuracy([version]),
        plot_confidence([version]),
        plot_drift(version),
    ):
        assert any("nothing yet" in text.get_text() for text in figure.axes[0].texts)
        render(figure)
