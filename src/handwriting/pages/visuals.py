"""Pictures of what was read: a page with its lines, or a line or character with its input."""

from pathlib import Path

import cv2
import numpy as np

from handwriting import paths
from handwriting.document import Page
from handwriting.errors import UserError
from handwriting.images.sources import one_line
from handwriting.layout import Block, Layout, TextLine, overlay
from handwriting.reader import Reading
from handwriting.recognizer import Prediction


def save_visual(reading: Reading, name: tuple[str, str]) -> Path:
    """Write one picture that shows what was read, of pages the clean-up beside it.

    Args:
        name: what the file's name begins and ends with; the model's stands between.

    Raises:
        UserError: the picture cannot be written.
    """
    begin, end = name
    folder = paths.outputs_dir() / "prediction_visuals"
    path = folder / f"{begin}_{reading.model}{end}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_picture(reading))
    except OSError as error:
        raise UserError(f"{one_line(path)}: cannot be written ({error.strerror})") from None
    return path


def _picture(reading: Reading) -> bytes:
    """A PNG file."""
    if reading.page is not None:
        picture = page_overlay(reading.image, reading.page)
        return cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()
    from handwriting.plots import plot_prediction, png_bytes  # matplotlib: slow to import

    if isinstance(reading.prediction, Prediction):
        top = reading.prediction.top
        return png_bytes(plot_prediction(reading.image, reading.model_input, top))
    from handwriting.lines.reading_plot import plot_reading

    return png_bytes(plot_reading(reading.image, reading.model_input, reading.prediction))


def page_overlay(image: np.ndarray, page: Page) -> np.ndarray:
    """Outlines, baselines and numbers in reading order on the picture (H, W) uint8.

    Returns:
        (H, W, 3) uint8 RGB; lines in printed blocks are grey.
    """
    lines = [
        TextLine(np.array(line.polygon), np.array(line.baseline), index)
        for index, block in enumerate(page.blocks)
        for line in block.lines
    ]
    blocks = tuple(Block(block.box, block.kind) for block in page.blocks)
    return overlay(image, Layout(tuple(lines), blocks))
