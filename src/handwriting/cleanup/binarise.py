"""Pages in black and white, after Otsu and after Sauvola."""

import cv2
import numpy as np

WINDOW = 0.02  # of the long side: some two letters
WEIGHT, RANGE = 0.2, 128.0


def otsu(gray: np.ndarray) -> np.ndarray:
    """Black ink on white by one threshold for the page (Otsu 1979): (H, W) uint8, 0 or 255.

    The threshold parts the grey levels into two classes of least variance. A page of one
    grey has only paper.
    """
    if gray.min() == gray.max():
        return np.full_like(gray, 255)
    return cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]


def sauvola(gray: np.ndarray, window: int | None = None, weight: float = WEIGHT) -> np.ndarray:
    """Black ink on white by a threshold for each pixel: (H, W) uint8, 0 or 255.

    mean * (1 + weight * (deviation / 128 - 1)) over the window around it (Sauvola and
    Pietikäinen 2000): where nothing is written the deviation is small, and so the threshold
    lies well below the paper.

    Args:
        gray: (H, W) uint8, dark ink.
        window: side in pixels; a fiftieth of the long side if not given.
        weight: how far below the mean the threshold of bare paper lies.
    """
    window = window or max(15, round(WINDOW * max(gray.shape)))
    size = (window | 1, window | 1)
    edge = cv2.BORDER_REPLICATE  # a window may be larger than the picture
    mean = cv2.boxFilter(gray, cv2.CV_32F, size, borderType=edge)
    square = cv2.sqrBoxFilter(gray, cv2.CV_32F, size, borderType=edge)
    deviation = np.sqrt(np.maximum(square - mean * mean, 0))
    threshold = mean * (1 + weight * (deviation / RANGE - 1))
    return np.where(gray > threshold, np.uint8(255), np.uint8(0))
