"""Plots of what the store holds. Imports matplotlib: import it when a plot is wanted."""

import io
import threading

from PIL import Image

from handwriting.feedback import FeedbackStore
from handwriting.monitor import watch
from handwriting.monitor.plots import plot_accuracy, plot_confidence
from handwriting.plots import png_bytes

# Matplotlib's settings belong to the whole process, and a plot changes them for a while.
_DRAWING = threading.Lock()


def store_charts(store: FeedbackStore) -> list[Image.Image | None]:
    """Pictures of accuracy and confidence over time; None for each while nothing was kept."""
    if not store.counts()["readings"]:
        return [None, None]
    versions = watch(store).versions
    with _DRAWING:
        figures = [plot_accuracy(versions), plot_confidence(versions)]
        return [Image.open(io.BytesIO(png_bytes(figure))) for figure in figures]
