"""Random variation of line images: one warp for all geometry, a few cheap filters."""

from dataclasses import dataclass, fields, replace

import cv2
import numpy as np

from handwriting.lines.data import PAPER

GRID = 24  # pixels of the stored line between two points of the elastic grid


@dataclass(frozen=True)
class LineAugmentation:
    """Strengths; 0 switches a variation off.

    Twice as strong they hold back a network of 1.4 million weights, and are right for one of
    2.7 million (docs/lines.md).

    Attributes:
        shear: largest slant, as a tangent.
        stretch: largest relative change of width; drawn by `batches.varied_widths`.
        scale: largest relative change of height.
        shift: largest vertical shift, share of the height.
        elastic: largest displacement of a point of the elastic grid, share of the height.
        thickness: probability of thicker or thinner strokes.
        contrast: largest relative change of the ink's darkness.
        noise: largest standard deviation of pixel noise, of 255.
        blur: probability of a slight blur.
        show_through: probability of faint writing from the back of the sheet.
        masking: share of columns blanked in spans.
    """

    shear: float = 0.18
    stretch: float = 0.1
    scale: float = 0.08
    shift: float = 0.025
    elastic: float = 0.015
    thickness: float = 0.2
    contrast: float = 0.2
    noise: float = 6.0
    blur: float = 0.08
    show_through: float = 0.0
    masking: float = 0.03

    def scaled(self, factor: float) -> "LineAugmentation":
        """All strengths multiplied."""
        return replace(self, **{f.name: getattr(self, f.name) * factor for f in fields(self)})


NO_AUGMENTATION = LineAugmentation().scaled(0)


def to_ink(image: np.ndarray) -> np.ndarray:
    """Grey with paper near 235 to uint8 ink: 0 = paper or lighter, 255 = black."""
    return cv2.convertScaleAbs(cv2.subtract(PAPER, image), alpha=255 / PAPER)


def shrink(ink: np.ndarray, height: int) -> np.ndarray:
    """Ink at another height, its proportions kept: what prediction does, unvaried."""
    width = max(1, round(ink.shape[1] * height / ink.shape[0]))
    return cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA)


def augment_line(
    image: np.ndarray,
    height: int,
    width: int,
    strength: LineAugmentation,
    rng: np.random.Generator,
) -> np.ndarray:
    """A stored line (64, W) uint8 to a varied one (height, width) uint8 ink."""
    return line_views(image, height, width, strength, rng)[0]


def line_views(
    image: np.ndarray,
    height: int,
    width: int,
    strength: LineAugmentation,
    rng: np.random.Generator,
    count: int = 1,
) -> list[np.ndarray]:
    """`count` variations (height, width) of one stored line, each letter in the same place.

    All are warped alike; strokes, paper and what is masked differ.
    """
    if strength == NO_AUGMENTATION:
        ink = cv2.resize(to_ink(image), (width, height), interpolation=cv2.INTER_AREA)
        return [ink] * count
    ink = _warp(to_ink(image), height, width, strength, rng)
    return [_vary(ink, strength, rng) for _ in range(count)]


def _vary(ink: np.ndarray, strength: LineAugmentation, rng) -> np.ndarray:
    if strength.show_through and rng.random() < strength.show_through:
        ink = _show_through(ink, rng)
    ink = _filter(ink, strength, rng)
    return _mask_spans(ink, strength.masking, rng) if strength.masking else ink


def _warp(ink, height: int, width: int, strength: LineAugmentation, rng) -> np.ndarray:
    rows, columns = ink.shape
    ratio = rows / height
    scale = 1 + rng.uniform(-1, 1) * strength.scale
    shear = rng.uniform(-1, 1) * strength.shear
    shift = rng.uniform(-1, 1) * strength.shift * rows
    # From a pixel of the result to one of the source.
    y = (np.arange(height, dtype=np.float32) + 0.5) * ratio - 0.5
    y = (y - rows / 2) / scale + rows / 2 + shift
    x = (np.arange(width, dtype=np.float32) + 0.5) * (columns / width) - 0.5
    map_x = x[None, :] + shear * (y - rows / 2)[:, None]
    map_y = np.repeat(y[:, None], width, axis=1)
    if strength.elastic:
        grid = (2, rows // GRID + 2, columns // GRID + 2)
        offsets = rng.uniform(-1, 1, grid).astype(np.float32) * (strength.elastic * rows)
        map_x += cv2.resize(offsets[0], (width, height), interpolation=cv2.INTER_LINEAR)
        map_y += cv2.resize(offsets[1], (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.remap(ink, map_x.astype(np.float32), map_y, cv2.INTER_LINEAR, borderValue=0)


def _show_through(ink: np.ndarray, rng) -> np.ndarray:
    """With the line's own mirror image, elsewhere and faint, as if it were the back's writing."""
    height, width = ink.shape
    moved = rng.integers(-height // 2, height // 2 + 1), rng.integers(width)
    back = np.roll(ink[:, ::-1], moved, axis=(0, 1))
    back = cv2.GaussianBlur(back, (5, 5), rng.uniform(0.6, 1.6))
    return np.maximum(ink, cv2.convertScaleAbs(back, alpha=rng.uniform(0.1, 0.45)))


def _filter(ink, strength: LineAugmentation, rng) -> np.ndarray:
    if rng.random() < strength.thickness:
        change = cv2.dilate if rng.random() < 0.5 else cv2.erode
        kernel = np.ones((2, 2) if rng.random() < 0.6 else (3, 3), np.uint8)
        share = rng.uniform(0.2, 0.8)
        ink = cv2.addWeighted(change(ink, kernel), share, ink, 1 - share, 0)
    if rng.random() < strength.blur:
        ink = cv2.GaussianBlur(ink, (3, 3), rng.uniform(0.4, 0.9))
    if strength.contrast:
        gain = 1 + rng.uniform(-1, 0.6) * strength.contrast
        ink = cv2.convertScaleAbs(ink, alpha=gain)
    if strength.noise:
        sigma = rng.uniform(0, strength.noise)
        noise = np.empty(ink.shape, np.int16)
        cv2.setRNGSeed(int(rng.integers(2**31)))
        ink = cv2.add(ink, cv2.randn(noise, 0, sigma), dtype=cv2.CV_8U)
    return ink


def _mask_spans(ink: np.ndarray, share: float, rng) -> np.ndarray:
    """Blank spans of up to a third of the height until `share` of the columns is reached."""
    ink = ink.copy()  # with all filters off it is still the picture that other views share
    height, width = ink.shape
    budget = rng.uniform(0, 2 * share) * width
    while budget > 1:
        span = min(int(rng.integers(2, max(3, height // 3))), int(budget) + 1)
        start = int(rng.integers(0, max(1, width - span)))
        ink[:, start : start + span] = 0
        budget -= span
    return ink
