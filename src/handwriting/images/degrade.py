"""MNIST glyphs made to look like the pictures people have: for tests and notebooks.

Every function takes a glyph (28, 28) uint8, 255 = ink, and an explicit generator where chance
plays a part, and gives a picture as a file would hold it: dark ink on light paper.
"""

import cv2
import numpy as np


def paste_large(
    glyph: np.ndarray, rng: np.random.Generator, side: int = 400, share: float = 0.6
) -> np.ndarray:
    """Enlarge a glyph smoothly onto white paper.

    Args:
        glyph: (28, 28) uint8, 255 = ink.
        side: height and width of the picture.
        share: the glyph's 28 pixels as a share of the picture's side.

    Returns:
        (side, side) uint8, 0 = ink, glyph in the middle, give or take 3 % of the side.
    """
    shift = rng.uniform(-0.03, 0.03, 2) * side
    return 255 - _enlarged(glyph, side, share, shift)


def off_centre(glyph: np.ndarray, rng: np.random.Generator, side: int = 400) -> np.ndarray:
    """A small glyph anywhere on a large sheet: (side, side) uint8, 0 = ink."""
    share = rng.uniform(0.2, 0.4)
    room = (1 - share) / 2 * 0.95
    return 255 - _enlarged(glyph, side, share, rng.uniform(-room, room, 2) * side)


def invert(picture: np.ndarray) -> np.ndarray:
    """Light on dark, as a blackboard or a dark screen shows it."""
    return 255 - picture


def add_noise(
    picture: np.ndarray, rng: np.random.Generator, sigma: float = 20.0, specks: float = 0.0005
) -> np.ndarray:
    """Gaussian noise of `sigma` grey levels and dirt specks on a share of the pixels."""
    noisy = picture + rng.normal(0, sigma, picture.shape)
    noisy[rng.random(picture.shape[:2]) < specks] = 0
    return noisy.clip(0, 255).astype(np.uint8)


def on_lined_paper(
    glyph: np.ndarray, rng: np.random.Generator, squared: bool = False, side: int = 400
) -> np.ndarray:
    """A glyph written over printed lines; `squared` adds the vertical ones.

    Returns:
        (side, side) uint8, 0 = ink, lines one to three pixels thick, slanted up to 2 degrees.
    """
    picture = paste_large(glyph, rng, side, rng.uniform(0.45, 0.65))
    paper = np.full((side, side), 255, np.uint8)
    spacing = side * (rng.uniform(0.07, 0.12) if squared else rng.uniform(0.15, 0.3))
    slope = np.tan(np.deg2rad(rng.uniform(-2, 2)))
    shade, thickness = int(rng.uniform(120, 210)), int(rng.integers(1, 4))
    for upright in range(1 + squared):
        start = rng.uniform(-spacing, 0) - abs(slope) * side
        for at in np.arange(start, side * (1 + abs(slope)), spacing):
            ends = np.array([[0, at], [side, at + (-slope if upright else slope) * side]])
            ends = (ends[:, ::-1] if upright else ends) * 16
            first, last = ends.round().astype(int).tolist()
            cv2.line(paper, first, last, shade, thickness, cv2.LINE_AA, shift=4)
    return np.minimum(picture, paper)


def photograph(
    glyph: np.ndarray, rng: np.random.Generator, side: int = 600, quality: int = 75
) -> np.ndarray:
    """A phone's photo of a glyph on paper: seen at an angle, unevenly lit, blurred, noisy.

    Returns:
        (side, side, 3) uint8 RGB after JPEG compression.
    """
    ink = _enlarged(glyph, side, rng.uniform(0.4, 0.65), rng.uniform(-0.1, 0.1, 2) * side)
    ink = _perspective(ink, rng).astype(np.float32) / 255
    paper = rng.uniform(0.8, 1.0, 3) * rng.uniform(190, 250)
    pen = rng.uniform(0.1, 0.45, 3) * paper
    picture = paper + (pen - paper) * ink[..., None]
    picture *= (_shadow(side, rng) * _vignette(side, rng))[..., None]
    picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.6, 2.0))
    picture += rng.normal(0, rng.uniform(2, 7), picture.shape)
    return compress(picture.clip(0, 255).astype(np.uint8), quality)


def compress(picture: np.ndarray, quality: int = 75) -> np.ndarray:
    """A JPEG and back: (H, W) or (H, W, 3) uint8."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_UNCHANGED)


def _enlarged(glyph: np.ndarray, side: int, share: float, shift) -> np.ndarray:
    """Ink (side, side) uint8: the glyph's middle `shift` pixels (x, y) off the picture's."""
    scale = side * share / glyph.shape[0]
    corner = (side - scale * (glyph.shape[0] - 1)) / 2 + np.asarray(shift)
    matrix = np.array([[scale, 0, corner[0]], [0, scale, corner[1]]])
    return cv2.warpAffine(glyph, matrix, (side, side), flags=cv2.INTER_CUBIC)


def _perspective(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    side = ink.shape[0]
    corners = np.float32([[0, 0], [side, 0], [side, side], [0, side]])
    moved = corners + rng.uniform(-0.06, 0.06, (4, 2)).astype(np.float32) * side
    matrix = cv2.getPerspectiveTransform(corners, moved)
    return cv2.warpPerspective(ink, matrix, (side, side))


def _shadow(side: int, rng: np.random.Generator) -> np.ndarray:
    """Light (side, side) float32 around 1: a half plane in shadow, its edge soft or hard."""
    angle = rng.uniform(0, 2 * np.pi)
    rows, columns = np.mgrid[:side, :side] / side - 0.5
    across = columns * np.cos(angle) + rows * np.sin(angle) - rng.uniform(-0.3, 0.3)
    softness = rng.choice([0.004, 0.03, 0.2])
    dark = rng.uniform(0.0, 0.5)
    return (1 - dark / (1 + np.exp(-(across / softness).clip(-50, 50)))).astype(np.float32)


def _vignette(side: int, rng: np.random.Generator) -> np.ndarray:
    rows, columns = np.mgrid[:side, :side] / side - 0.5
    return (1 - rng.uniform(0, 0.5) * (rows**2 + columns**2) * 2).astype(np.float32)
