"""Pixels of any type, mode and number of channels as grey bytes."""

import cv2
import numpy as np
from PIL import Image

from handwriting.images.sources import check_size, fail

WIDE_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")


def gray_from_image(image: Image.Image) -> np.ndarray:
    """A loaded PIL image of any mode as (H, W) uint8; transparent parts become paper."""
    if image.mode in WIDE_MODES:
        return _to_bytes(np.asarray(image))
    if image.has_transparency_data:
        if image.mode not in ("LA", "RGBA", "P", "PA"):
            image = image.convert("RGBA")
        both = np.asarray(image.convert("LA"))
        return _over_white(both[..., 0], both[..., 1])
    return np.array(image.convert("L"))


def _over_white(gray: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    if cv2.minMaxLoc(alpha)[0] == 255:
        return gray.copy()
    flat = cv2.subtract(255, cv2.multiply(255 - gray, alpha, scale=1 / 255))
    # White strokes on transparency vanish on white: then the shape is in the alpha channel.
    return 255 - alpha if np.ptp(flat) == 0 and np.ptp(alpha) > 0 else flat


def gray_from_array(array: np.ndarray) -> np.ndarray:
    """An array (H, W), (H, W, 1) grey, 2 grey + alpha, 3 RGB or 4 RGBA as fresh (H, W) uint8.

    Raises:
        UserError: another shape, no pixels, too many of them, or no real numbers.
    """
    if array.dtype.kind not in "buif":
        raise fail("image array", f"holds {array.dtype}, not pixels", "give uint8, uint16 or float")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (2, 3, 4)):
        cause = f"has the shape {array.shape}"
        raise fail("image array", cause, "give (H, W), (H, W, 3) or (H, W, 4)")
    check_size(array.shape[1::-1], "image array")
    pixels = _to_bytes(array)
    if pixels.ndim == 2:
        return pixels
    if pixels.shape[2] == 2:
        return _over_white(pixels[..., 0], pixels[..., 1])
    gray = cv2.cvtColor(pixels[..., :3].copy(), cv2.COLOR_RGB2GRAY)
    return gray if pixels.shape[2] == 3 else _over_white(gray, pixels[..., 3].copy())


def _to_bytes(pixels: np.ndarray) -> np.ndarray:
    """Any real type to a fresh contiguous uint8, by the range that the values use."""
    if pixels.dtype == np.uint8:
        return np.array(pixels, order="C")
    if pixels.dtype == bool:
        return pixels.astype(np.uint8) * 255
    values = np.array(pixels, np.float32)
    finite = np.isfinite(values)
    low, high = (float(f(values, initial=0, where=finite)) for f in (np.min, np.max))
    values[~finite] = high
    integer = pixels.dtype.kind in "iu"
    # 12-bit scans come in 16-bit files; floats are 0..1 or 0..255; the rest is stretched.
    tops = (255, 4095, 65535) if integer else (1, 255, 65535)
    top = next((top for top in tops if high <= top), high)
    if low < 0 or top == high > 65535:
        values, top = values - low, high - low
    return np.rint(values * (255 / max(top, 1e-9))).clip(0, 255).astype(np.uint8)
