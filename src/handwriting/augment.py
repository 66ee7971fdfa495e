"""Random variations of character images, from an explicit generator.

One smooth displacement field an image (rotation, scale, shear, shift and an elastic
part, Simard et al. 2003) is applied in a single interpolation, so strokes are blurred
once; then the stroke is thickened or thinned, and a rectangle may be cut out
(DeVries & Taylor 2017, arXiv:1708.04552).
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np


@dataclass(frozen=True)
class Augmentation:
    """Strengths of each variation; every draw is uniform in [-strength, strength].

    Attributes:
        rotation: degrees.
        shift: pixels, in each direction.
        scale: relative change of size, drawn apart for width and height.
        shear: horizontal pixels per vertical pixel (slant).
        elastic: pixels by which the nodes of a coarse grid wander (standard deviation).
        thickness: share of images whose stroke is made thicker or thinner.
        cutout: share of images that lose a rectangle.
        cutout_size: longest side of that rectangle in pixels.
    """

    rotation: float = 12.0
    shift: float = 2.0
    scale: float = 0.12
    shear: float = 0.2
    elastic: float = 0.8
    thickness: float = 0.3
    cutout: float = 0.0
    cutout_size: int = 10

    def scaled(self, strength: float) -> "Augmentation":
        """All strengths multiplied; 0 is no augmentation. Shares stay at most 1."""
        names = ("rotation", "shift", "scale", "shear", "elastic")
        changes = {name: getattr(self, name) * strength for name in names}
        shares = {
            name: min(1.0, getattr(self, name) * strength) for name in ("thickness", "cutout")
        }
        return replace(self, **changes, **shares)


NONE = Augmentation().scaled(0.0)
_GRID = 5  # nodes a side of the elastic grid: about one every six pixels


def augment_batch(
    images: np.ndarray, augmentation: Augmentation, rng: np.random.Generator
) -> np.ndarray:
    """A new variation of each image.

    Args:
        images: (B, H, W) uint8, 0 = paper, 255 = ink.
        rng: its state alone decides the result.

    Returns:
        (B, H, W) uint8.
    """
    if augmentation == NONE:
        return images.copy()
    return np.stack([augment_image(image, augmentation, rng) for image in images])


def augment_image(
    image: np.ndarray, augmentation: Augmentation, rng: np.random.Generator
) -> np.ndarray:
    """One variation of an (H, W) uint8 image; see `augment_batch`."""
    map_x, map_y = _displacement(image.shape, augmentation, rng)
    moved = cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    if rng.random() < augmentation.thickness:
        moved = _change_thickness(moved, rng)
    if rng.random() < augmentation.cutout:
        _cut_out(moved, augmentation.cutout_size, rng)
    return moved


def _displacement(shape, augmentation: Augmentation, rng) -> tuple[np.ndarray, np.ndarray]:
    """Where each output pixel is taken from: two (H, W) float32 maps."""
    height, width = shape
    angle = np.deg2rad(augmentation.rotation) * rng.uniform(-1, 1)
    scale_x, scale_y = 1 + augmentation.scale * rng.uniform(-1, 1, 2)
    shear = augmentation.shear * rng.uniform(-1, 1)
    shift_x, shift_y = augmentation.shift * rng.uniform(-1, 1, 2)
    x = np.arange(width, dtype=np.float32) - np.float32((width - 1) / 2)
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32((height - 1) / 2)
    cos, sin = np.cos(angle), np.sin(angle)
    map_x = (cos * x + (sin + shear) * y) / scale_x + ((width - 1) / 2 + shift_x)
    map_y = (-sin * x + cos * y) / scale_y + ((height - 1) / 2 + shift_y)
    if augmentation.elastic > 0:
        nodes = rng.normal(0, augmentation.elastic, (_GRID, _GRID, 2)).astype(np.float32)
        wander = cv2.resize(nodes, (width, height), interpolation=cv2.INTER_CUBIC)
        map_x, map_y = map_x + wander[..., 0], map_y + wander[..., 1]
    return map_x.astype(np.float32), map_y.astype(np.float32)


_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def _change_thickness(image: np.ndarray, rng) -> np.ndarray:
    """Move part of the way towards the dilated or the eroded image."""
    target = cv2.dilate(image, _CROSS) if rng.random() < 0.5 else cv2.erode(image, _CROSS)
    weight = rng.uniform(0.2, 0.8)
    return cv2.addWeighted(target, weight, image, 1 - weight, 0)


def _cut_out(image: np.ndarray, longest: int, rng) -> None:
    height, width = rng.integers(longest // 2, longest + 1, 2)
    top = rng.integers(0, max(1, image.shape[0] - height + 1))
    left = rng.integers(0, max(1, image.shape[1] - width + 1))
    image[top : top + height, left : left + width] = 0
