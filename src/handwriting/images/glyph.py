"""One handwritten character from any picture, the way MNIST and EMNIST show it."""

from dataclasses import asdict, dataclass

import cv2
import numpy as np

from handwriting.errors import UserError
from handwriting.images.background import TINY_SIDE, even_light, paper_and_ink, reduce_to, stretch
from handwriting.images.parts import glyph_mask, stroke_width
from handwriting.images.rules import remove_rules

# Enough for a stroke of a small character to be several pixels wide, and fast to process.
WORK_SIDE = 512
# Stroke widths in pixels of the result, as `stroke_width` measures them; MNIST: 1.9 to 4.3.
THINNEST_STROKE = 1.7
THICKENED_STROKE = 2.4
# A crop this near to the wanted size keeps its pixels: scaling would only blur them.
SNAP = 2


@dataclass(frozen=True)
class CharacterFormat:
    """How a character sits in its square; stored in the model card.

    Attributes:
        size: side of the square in pixels.
        box: longer side of the character in pixels: 20 in MNIST, 24 in EMNIST.
        centre: "mass" puts the centre of mass in the middle (MNIST), "box" the middle of
            the bounding box (EMNIST).
    """

    size: int = 28
    box: int = 20
    centre: str = "mass"

    def __post_init__(self):
        if self.centre not in ("mass", "box"):
            raise UserError(f"centre {self.centre!r} is not known; choose 'mass' or 'box'")
        if not 1 <= self.box <= self.size:
            raise UserError(f"box {self.box} does not fit size {self.size}; choose 1 to size")

    @property
    def margin(self) -> int:
        """Pixels left free around the box on each side."""
        return (self.size - self.box) // 2

    def to_dict(self) -> dict:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict) -> "CharacterFormat":
        return cls(**values)


MNIST_FORMAT = CharacterFormat()
EMNIST_FORMAT = CharacterFormat(box=24, centre="box")


def to_character(image: np.ndarray, format: CharacterFormat = MNIST_FORMAT) -> np.ndarray:
    """Find the character in a picture and bring it into the form a model was trained on.

    Args:
        image: (H, W) uint8 as `load` returns it, 0 = ink, 255 = paper.
        format: the square to fill.

    Returns:
        (size, size, 1) float32 in [0, 1], 1 = ink.

    Raises:
        UserError: the picture holds no writing.
    """
    return to_character_steps(image, format)["character"][..., None]


def to_character_steps(
    image: np.ndarray, format: CharacterFormat = MNIST_FORMAT
) -> dict[str, np.ndarray]:
    """All the pictures on the way to a character, in order, for notebooks and visual checks.

    Returns:
        "image", "even light" and "rules removed": (h, w) uint8, 0 = ink; "ink": (h, w)
        float32, 1 = ink; "crop": the character alone; "character": (size, size) float32.
        A picture of at most 64 pixels a side has no "even light" and "rules removed".
    """
    steps = {"image": image}
    if max(image.shape) <= TINY_SIDE:
        ink = _tiny_ink(image)
    else:
        steps["even light"] = even_light(reduce_to(image, WORK_SIDE))
        steps["rules removed"] = remove_rules(steps["even light"])
        ink = _large_ink(steps["rules removed"])
    steps["ink"] = ink
    if not (ink > 0).any():
        raise UserError("the picture holds no writing; check that ink and paper differ")
    steps["crop"] = crop(ink)
    steps["character"] = place(fit(steps["crop"], format), format)
    return steps


def has_ink(image: np.ndarray) -> bool:
    """Whether a picture, (H, W) uint8 as `load` returns it, holds any writing."""
    try:
        to_character_steps(image)
    except UserError:
        return False
    return True


def _tiny_ink(image: np.ndarray) -> np.ndarray:
    """Ink (H, W) float32 of a picture too small for shadows: levels only, no cleaning."""
    white, dark = np.percentile(image, 90), float(image.min())
    if white - dark < 30:
        return np.zeros(image.shape, np.float32)
    above = image[image >= white].astype(np.float32) - white
    noise = 3 * float(np.sqrt(np.mean(np.square(above))))
    ink = ((white - image) / (white - dark)).clip(0, 1).astype(np.float32)
    ink[ink <= noise / (white - dark)] = 0
    return ink


def _large_ink(flat: np.ndarray) -> np.ndarray:
    """Ink (H, W) float32 of an evenly lit picture, with everything but the glyph removed."""
    if paper_and_ink(flat)[1] is None:
        return np.zeros(flat.shape, np.float32)
    clean = stretch(flat)
    mask = glyph_mask(clean)
    # A steep curve around half darkness: edges keep their place, paper texture vanishes.
    ink = ((200.0 - clean.astype(np.float32)) / 145.0).clip(0, 1)
    return ink * mask


def crop(ink: np.ndarray) -> np.ndarray:
    """The smallest part of (H, W) that holds all ink."""
    rows = np.flatnonzero(ink.any(axis=1))
    columns = np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fit(glyph: np.ndarray, format: CharacterFormat = MNIST_FORMAT) -> np.ndarray:
    """Scale a cropped glyph (h, w) so that its longer side is `format.box`, as MNIST did."""
    longer = max(glyph.shape)
    if longer <= TINY_SIDE and abs(longer - format.box) <= SNAP * (longer != format.box):
        return glyph
    glyph = _thicken(glyph, format.box / longer)
    scale = format.box / max(glyph.shape)
    size = tuple(max(1, round(side * scale)) for side in glyph.shape[::-1])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(glyph, size, interpolation=method)
    strong = small[small > 0.3]
    gain = 1 / np.percentile(strong, 90) if strong.size else 1.0
    return (small * min(max(gain, 1.0), 2.0)).clip(0, 1)


def _thicken(glyph: np.ndarray, scale: float) -> np.ndarray:
    """Widen strokes that would come out thinner than any in MNIST."""
    width = stroke_width(glyph > 0.5)
    if not 0 < width * scale < THINNEST_STROKE:
        return glyph
    grow = round((THICKENED_STROKE / scale - width) / 2)
    if grow < 1:
        return glyph
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1, 2 * grow + 1))
    return cv2.dilate(cv2.copyMakeBorder(glyph, *[grow] * 4, cv2.BORDER_CONSTANT), kernel)


def place(glyph: np.ndarray, format: CharacterFormat = MNIST_FORMAT) -> np.ndarray:
    """Put a scaled glyph into the square, by centre of mass or of box, never cut off."""
    middle = format.size / 2
    square = np.zeros((format.size, format.size), np.float32)
    corner = []
    for axis, side in enumerate(glyph.shape):
        if format.centre == "mass":
            mass = glyph.sum(axis=1 - axis)
            start = round(middle - float(mass @ np.arange(side)) / float(mass.sum()))
        else:
            start = (format.size - side) // 2
        corner.append(min(max(start, 0), format.size - side))
    top, left = corner
    square[top : top + glyph.shape[0], left : left + glyph.shape[1]] = glyph
    return square
