"""Synthetic phone photos of a scanned page, with the way back: for tests and benchmarks."""

from typing import NamedTuple

import cv2
import numpy as np

from handwriting.cleanup.rectify import corners_of, project
from handwriting.cleanup.textures import SURFACES
from handwriting.images.degrade import compress

FOCAL = (0.72, 0.9)  # focal length of a phone's main camera in long sides of the picture
TILT = 22.0  # degrees out of the page's plane, at most
ROLL = 7.0  # degrees that the page is turned in the picture, at most
FILLS = (0.72, 0.97)  # of the frame; above it, corners are cut off
SOFTNESS = (0.004, 0.02, 0.08)  # of a shadow's edge, in long sides of the picture
ASPECT = 0.75  # of a phone's picture


class Photo(NamedTuple):
    """A photo (H, W, 3) uint8 RGB, and the matrix (3, 3) from the page's pixels to its own."""

    picture: np.ndarray
    matrix: np.ndarray

    def corners(self, page: np.ndarray) -> np.ndarray:
        """The page's corners in the photo, (4, 2): as read from its top left, clockwise."""
        return project(self.matrix, corners_of(page.shape))


def photograph(
    page: np.ndarray, seed: int, turns: int = 0, side: int | None = None, surface: str | None = None
) -> Photo:
    """Photograph a page that lies on a table.

    Args:
        page: (H, W) or (H, W, 3) uint8 RGB, a scan.
        seed: of everything left to chance.
        turns: quarter turns of the photo, counter-clockwise.
        side: long side of the photo in pixels; 1.3 times the page's by default.
        surface: one of `textures.SURFACES`; by chance if not given.
    """
    rng = np.random.default_rng(seed)
    side = side or round(1.3 * max(page.shape[:2]))
    shape = side, round(side * ASPECT)
    if page.shape[1] > page.shape[0]:
        shape = shape[::-1]
    matrix = _camera(page.shape, shape, rng)
    colours = cv2.cvtColor(page, cv2.COLOR_GRAY2RGB) if page.ndim == 2 else page
    names = sorted(SURFACES)
    surface = surface or names[int(rng.integers(len(names)))]
    table = SURFACES[surface](shape, rng)
    picture = _lay(colours, matrix, table, rng)
    picture = _lit(picture, rng)
    picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.0) * side / 2600 + 0.2)
    noise = np.empty(picture.shape, np.int8)
    cv2.setRNGSeed(seed & 0x7FFFFFFF)
    cv2.randn(noise, 0, rng.uniform(1.5, 5.0))
    picture = cv2.add(picture, noise, dtype=cv2.CV_8U)
    picture, matrix = turn(picture, matrix, turns)
    return Photo(compress(picture, int(rng.integers(60, 88))), matrix)


def turn(picture: np.ndarray, matrix: np.ndarray, turns: int) -> tuple[np.ndarray, np.ndarray]:
    """A picture turned counter-clockwise by quarters, and the matrix into it."""
    for _ in range(turns % 4):
        last = picture.shape[1] - 1
        matrix = np.array([[0, 1, 0], [-1, 0, last], [0, 0, 1.0]]) @ matrix
        picture = np.rot90(picture)
    return np.ascontiguousarray(picture), matrix


def _camera(page: tuple, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """The matrix from the page's pixels to the photo's: a camera held over the page."""
    height, width = shape
    focal = rng.uniform(*FOCAL) * max(shape)
    tilt = np.deg2rad(rng.uniform(-TILT, TILT, 2) * [1, 0.6])
    roll = np.deg2rad(rng.uniform(-ROLL, ROLL))
    rotation = _turned(0, tilt[0]) @ _turned(1, tilt[1]) @ _turned(2, roll)
    centred = np.array([[1, 0, -page[1] / 2], [0, 1, -page[0] / 2], [0, 0, 1.0]])
    lens = np.array([[focal, 0, 0], [0, focal, 0], [0, 0, 1.0]])
    corners, distance = corners_of(page), 1.6 * max(page)
    fill = rng.uniform(*FILLS)
    for _ in range(8):  # until the page fills the wanted share of the frame
        plane = np.c_[rotation[:, :2], [0, 0, distance]]
        matrix = lens @ plane @ centred
        extent = np.ptp(project(matrix, corners), axis=0)
        distance *= float(max(extent / [width, height])) / fill
    points = project(matrix, corners)
    slack = (np.array([width, height]) - extent) / 2
    shift = np.array([width, height]) / 2 - (points.min(0) + points.max(0)) / 2
    shift += rng.uniform(-0.9, 0.9, 2) * slack.clip(0)
    if rng.random() < 0.15:  # one side of the page lies outside the frame
        shift[rng.integers(2)] += rng.choice([-1, 1]) * rng.uniform(0, 0.06) * max(shape)
    return np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1.0]]) @ matrix


def _turned(axis: int, angle: float) -> np.ndarray:
    """Rotation (3, 3) about x, y or z."""
    one, other = (i for i in range(3) if i != axis)
    matrix = np.eye(3)
    matrix[[one, other], [one, other]] = np.cos(angle)
    matrix[one, other], matrix[other, one] = -np.sin(angle), np.sin(angle)
    return matrix


def _lay(page, matrix, table, rng) -> np.ndarray:
    """The page on the table, its corners a little round, with the shadow it throws."""
    size = table.shape[1::-1]
    mask = np.full(page.shape[:2], 255, np.uint8)
    if rng.random() < 0.3:
        _round_corners(mask, round(max(page.shape) * rng.uniform(0.01, 0.03)))
    mask = cv2.warpPerspective(mask, matrix, size, flags=cv2.INTER_AREA)
    page = cv2.warpPerspective(
        page, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    offset = rng.uniform(-0.006, 0.006, 2) * max(size)
    moved = np.float32([[1, 0, offset[0]], [0, 1, offset[1]]])
    shadow = cv2.blur(cv2.warpAffine(mask, moved, size), (max(3, max(size) // 150) | 1,) * 2)
    table = _weighted(table, 255 - cv2.multiply(shadow, 0.4))
    return cv2.add(_weighted(page, mask), _weighted(table, 255 - mask))


def _weighted(picture: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(H, W, 3) times (H, W), both uint8, 255 = 1."""
    return cv2.multiply(picture, cv2.cvtColor(weight, cv2.COLOR_GRAY2BGR), scale=1 / 255)


def _round_corners(mask: np.ndarray, radius: int) -> None:
    height, width = mask.shape
    for y, x in ((0, 0), (0, width), (height, width), (height, 0)):
        box = np.s_[max(0, y - radius) : y + radius, max(0, x - radius) : x + radius]
        mask[box] = 0
        middle = (radius if x == 0 else width - radius, radius if y == 0 else height - radius)
        cv2.circle(mask, middle, radius, 255, -1)


def _lit(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Warm light from one side, darker corners, and the shadow of a hand or of the phone."""
    height, width = picture.shape[:2]
    # Light is smooth, except for the edges of shadows: a third of the size is enough.
    small = max(1, height // 3), max(1, width // 3)
    y, x = np.mgrid[: small[0], : small[1]].astype(np.float32) / max(small) - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 - rng.uniform(0, 0.35) * (x * np.cos(angle) + y * np.sin(angle) + 0.5)
    light *= 1 - rng.uniform(0, 0.45) * (x**2 + y**2)
    if rng.random() < 0.75:
        light *= _shadow(x, y, rng)
    light *= rng.uniform(0.8, 1.05)
    tint = np.float32([1.0, rng.uniform(0.9, 1.0), rng.uniform(0.72, 0.98)])
    light = (light[..., None] * tint * 255).clip(0, 255).astype(np.uint8)
    light = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(picture, light, scale=1 / 255)


def _shadow(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Light (h, w) float32 under a half plane or a disc that stands in its way."""
    angle, softness = rng.uniform(0, 2 * np.pi), rng.choice(SOFTNESS)
    if rng.random() < 0.5:
        inside = x * np.cos(angle) + y * np.sin(angle) - rng.uniform(-0.25, 0.25)
    else:
        middle = rng.uniform(-0.45, 0.45, 2)
        inside = rng.uniform(0.15, 0.35) - np.hypot(x - middle[0], y - middle[1])
    dark = rng.uniform(0.25, 0.6)
    return 1 - dark / (1 + np.exp(-(inside / softness).clip(-30, 30)))
