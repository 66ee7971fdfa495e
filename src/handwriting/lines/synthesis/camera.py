"""What scanners, telephones and file formats do to a line; all of it moderate."""

import cv2
import numpy as np

from handwriting.lines.data import PAPER
from handwriting.lines.synthesis.draws import around, chance
from handwriting.lines.synthesis.textures import Textures

_CONTRAST = 105  # grey levels


def take_picture(grey: np.ndarray, textures: Textures, rng: np.random.Generator) -> np.ndarray:
    """(64, W) float32 grey to uint8, blurred, noisy, compressed, each in a share of the lines."""
    height, width = grey.shape
    blurred = rng.random()
    if blurred < 0.18:
        # A small original: details are gone for good.
        factor = rng.uniform(0.5, 0.85)
        small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        grey = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    elif blurred < 0.6:
        grey = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.3, 1.0))
    if chance(rng, 0.6):
        grey = grey + around(rng, 2.0, 0.5, 0.5, 6) * textures.piece("grain", width, rng)
    image = np.clip(_legible(grey), 0, 255).astype(np.uint8)
    if chance(rng, 0.3):
        quality = int(rng.integers(25, 80))
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        image = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    return image


def _legible(grey: np.ndarray) -> np.ndarray:
    """Contrast raised to what real lines are given at least, at most 2.5 times."""
    # Ink is where a line is darkest; one pixel in eight is enough to know how dark.
    darkest = np.percentile(grey[::2, ::4], 1.5)
    factor = np.clip(_CONTRAST / max(PAPER - darkest, 1), 1, 2.5)
    return PAPER + (grey - PAPER) * factor if factor > 1 else grey
