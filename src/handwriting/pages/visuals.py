"""Pictures of what was read: a page with its lines, or a line or character with its input."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from handwriting import paths
from handwriting.cleanup import Step, clean_page
from handwriting.document import Page
from handwriting.errors import UserError
from handwriting.images.sources import one_line
from handwriting.layout import Block, Layout, TextLine, overlay
from handwriting.reader import Reading
from handwriting.recognizer import Prediction

# Of the steps' pictures: height, room for captions and between them, and least width, in pixels.
TILE, CAPTION, GAP, MIN_TILE = 700, 30, 12, 120


def save_visuals(reading: Reading, name: tuple[str, str]) -> list[Path]:
    """Write pictures that show what was read: of a page its lines, and the steps before.

    Args:
        name: what the files' names begin and end with; the model's stands between.

    Raises:
        UserError: a picture cannot be written.
    """
    begin, end = name
    folder = paths.outputs_dir() / "prediction_visuals"
    written = []
    for what, picture in _pictures(reading):
        path = folder / f"{begin}_{reading.model}{what}{end}.png"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture)
        except OSError as error:
            raise UserError(f"{one_line(path)}: cannot be written ({error.strerror})") from None
        written.append(path)
    return written


def _pictures(reading: Reading) -> Iterator[tuple[str, bytes]]:
    """What each is called, and its PNG file."""
    if reading.page is not None:
        yield "", _png(page_overlay(reading.image, reading.page))
        steps = clean_page(reading.image, keep_steps=True).steps
        yield "_steps", _png(contact_sheet(steps))
        return
    from handwriting.plots import plot_prediction, png_bytes  # matplotlib: slow to import

    if isinstance(reading.prediction, Prediction):
        top = reading.prediction.top
        yield "", png_bytes(plot_prediction(reading.image, reading.model_input, top))
        return
    from handwriting.lines.reading_plot import plot_reading

    yield "", png_bytes(plot_reading(reading.image, reading.model_input, reading.prediction))


def _png(picture: np.ndarray) -> bytes:
    return cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()


def contact_sheet(steps: Sequence[Step]) -> np.ndarray:
    """The pictures of the steps side by side under their names: (H, W, 3) uint8 RGB."""
    tiles = []
    for step in steps:
        picture = step.picture
        if picture.ndim == 2:
            picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
        width = max(MIN_TILE, round(picture.shape[1] * TILE / picture.shape[0]))
        tile = np.full((TILE + CAPTION, width + GAP, 3), 255, np.uint8)
        tile[CAPTION:, :width] = cv2.resize(picture, (width, TILE), interpolation=cv2.INTER_AREA)
        text = f"{step.name}: {step.remark}".encode("ascii", "replace").decode()
        cv2.putText(tile, text, (0, CAPTION - 10), 0, 0.45, (40, 40, 40), 1, cv2.LINE_AA)
        tiles.append(tile)
    return np.hstack(tiles)


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
