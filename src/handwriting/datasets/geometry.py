"""Bring any glyph image into the geometry of EMNIST.

EMNIST crops each glyph to its ink, scales the longer side to 24 pixels and centres the
bounding box in 28 x 28. Everything trained beside EMNIST has to look the same, or a network
tells the sources apart by their margins instead of reading the shapes.
"""

import cv2
import numpy as np

BOX = 24
SIZE = 28
# Ink fainter than this share of the darkest ink is blur or JPEG noise, not part of the glyph.
FAINT = 0.2


def is_light_paper(grey: np.ndarray) -> bool:
    """Whether a grey image has dark ink on light paper, judged by its border pixels.

    Args:
        grey: (H, W) uint8.
    """
    middle = (float(grey.min()) + float(grey.max())) / 2
    border = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    light = float((border > middle).mean())
    if 0.35 < light < 0.65:
        # The glyph touches the border on many sides: paper is what most of the image is.
        light = float((grey > middle).mean())
    return light > 0.5


def to_ink(grey: np.ndarray) -> tuple[np.ndarray, bool]:
    """Turn a grey image into ink: 0 = paper, 255 = the strongest ink, contrast stretched.

    Args:
        grey: (H, W) uint8, either polarity.

    Returns:
        (H, W) uint8 and whether the paper was light.

    Raises:
        ValueError: the image has one grey only.
    """
    low, high = int(grey.min()), int(grey.max())
    if high - low < 16:
        raise ValueError("blank image")
    light = is_light_paper(grey)
    ink = (high - grey.astype(np.float32)) if light else (grey.astype(np.float32) - low)
    return (ink * (255.0 / (high - low)) + 0.5).astype(np.uint8), light


def fit_box(ink: np.ndarray, box: int = BOX, size: int = SIZE) -> np.ndarray:
    """Crop to the ink, scale the longer side to `box`, centre the box in `size` x `size`.

    Args:
        ink: (H, W) uint8, 0 = paper.

    Returns:
        (size, size) uint8 with grey edges kept; all 0 where there is no ink.
    """
    out = np.zeros((size, size), np.uint8)
    mask = ink > max(1, FAINT * int(ink.max()))
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return out
    crop = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = box / max(crop.shape)
    height, width = (max(1, min(box, round(side * scale))) for side in crop.shape)
    if (height, width) != crop.shape:
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        crop = cv2.resize(crop, (width, height), interpolation=method)
    top, left = (size - height) // 2, (size - width) // 2
    out[top : top + height, left : left + width] = crop
    return out
