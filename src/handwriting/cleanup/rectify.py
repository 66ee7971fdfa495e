"""From four corners in a photo to a flat sheet of the right proportions."""

from typing import NamedTuple

import cv2
import numpy as np

# Focal lengths that a camera may have, in long sides of the picture, and a phone's usual one.
FOCALS, USUAL_FOCAL = (0.5, 3.0), 0.8
LEAST_TILT = 0.04  # change of scale across the sheet below which the focal length is not seen
MOST_SKIPPED = 1.25  # pixels of the picture from one pixel of the page to the next
WIDEST = 4.0  # sides of a sheet have at most this proportion


def corners_of(shape: tuple) -> np.ndarray:
    """Outer corners of a picture of this shape: (4, 2) x, y, clockwise from its top left."""
    height, width = shape[:2]
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64) - 0.5


def project(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (N, 2) through a homogeneous (3, 3) matrix."""
    moved = np.c_[points, np.ones(len(points))] @ matrix.T
    return moved[:, :2] / moved[:, 2:]


def map_corners(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The homogeneous (3, 3) matrix that takes four points (4, 2) to four others."""
    return cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))


def proportion(corners: np.ndarray, shape: tuple) -> float:
    """Width of the sheet in heights, from how perspective changes its four sides.

    The unit square's homography is taken apart into camera and plane, with the principal
    point in the middle of the picture (Zhang and He 2007, Whiteboard scanning and image
    enhancement). A sheet seen from straight above says nothing of the focal length: then
    it is a phone's usual one, of which little depends.

    Args:
        corners: (4, 2) x, y clockwise from the top left.
        shape: of the picture, whose whole frame was photographed.
    """
    height, width = shape[:2]
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]])
    scale = max(height, width)
    centred = (corners - [(width - 1) / 2, (height - 1) / 2]) / scale
    across, down, _ = map_corners(square, centred).T
    focal = _focal(across, down)
    lens = np.array([focal, focal, 1.0])
    ratio = float(np.linalg.norm(across / lens) / np.linalg.norm(down / lens))
    return float(np.clip(ratio, 1 / WIDEST, WIDEST))


def _focal(across: np.ndarray, down: np.ndarray) -> float:
    """Focal length in long sides of the picture, from two directions square to each other."""
    depths = across[2] * down[2]
    if abs(depths) < LEAST_TILT**2:
        return USUAL_FOCAL
    square = -(across[0] * down[0] + across[1] * down[1]) / depths
    return float(np.sqrt(square)) if FOCALS[0] ** 2 < square < FOCALS[1] ** 2 else USUAL_FOCAL


class Frame(NamedTuple):
    """The part of a picture that a page shows.

    Attributes:
        matrix: (3, 3) float64, homogeneous, from the page's pixels to the picture's.
        size: width and height of the page in pixels.
    """

    matrix: np.ndarray
    size: tuple[int, int]

    def corners(self) -> np.ndarray:
        """The page's corners in the picture, (4, 2), clockwise from its top left."""
        return project(self.matrix, corners_of(self.size[::-1]))

    def resized(self, size: tuple[int, int]) -> "Frame":
        """The same part with other pixels."""
        return Frame(self.matrix @ _resizing(size, self.size), size)

    def at_most(self, side: int, shortest: int = 1) -> "Frame":
        """With its long side reduced to `side`, but not its short one below `shortest`."""
        scale = max(side / max(self.size), shortest / min(self.size))
        if scale >= 1:
            return self
        return self.resized(tuple(max(1, round(length * scale)) for length in self.size))

    def turned(self, degrees: float) -> "Frame":
        """All of it, its x axis in what was this direction, positive downwards."""
        turn = np.deg2rad(degrees)
        cos, sin = np.round([np.cos(turn), np.sin(turn)], 12)
        width, height = self.size
        spans = abs(cos) * width + abs(sin) * height, abs(sin) * width + abs(cos) * height
        size = tuple(max(1, int(np.ceil(span - 1e-6))) for span in spans)
        old, new = ((np.array(lengths) - 1) / 2 for lengths in (self.size, size))
        matrix = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
        matrix[:2, 2] = old - matrix[:2, :2] @ new
        return Frame(self.matrix @ matrix, size)

    def part(self, top: int, bottom: int) -> "Frame":
        """Its rows from top to bottom, the last excluded."""
        move = np.array([[1, 0, 0], [0, 1, top], [0, 0, 1.0]])
        return Frame(self.matrix @ move, (self.size[0], bottom - top))


def _resizing(new: tuple[int, int], old: tuple[int, int]) -> np.ndarray:
    """The matrix from pixels of one size to those of another of the same picture."""
    factors = np.array(old) / new
    matrix = np.diag([*factors, 1.0])
    matrix[:2, 2] = (factors - 1) / 2
    return matrix


def whole(shape: tuple) -> Frame:
    """All of a picture (H, W)."""
    return Frame(np.eye(3), (shape[1], shape[0]))


def sheet(corners: np.ndarray, shape: tuple) -> Frame:
    """The sheet with these corners (4, 2), flat and of the right proportions.

    It has as many pixels as the picture has for its longest sides.

    Args:
        corners: clockwise from the top left.
        shape: of the picture.
    """
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = max(sides[0], sides[2]), max(sides[1], sides[3])
    ratio = proportion(corners, shape)
    width, height = max(width, height * ratio), max(height, width / ratio)
    size = max(1, round(width)), max(1, round(height))
    return Frame(map_corners(corners_of(size[::-1]), corners), size)


def render(gray: np.ndarray, frame: Frame, border: int = 255) -> np.ndarray:
    """What the frame shows of (H, W) uint8; the picture itself where that is all of it.

    A picture with more pixels than are wanted is reduced first, or strokes would break.

    Args:
        border: grey of what lies outside the picture.
    """
    scale = _scale(frame)
    if scale > MOST_SKIPPED:
        reduced = tuple(max(1, round(side / scale)) for side in gray.shape[::-1])
        matrix = _resizing(gray.shape[::-1], reduced) @ frame.matrix
        gray, frame = (
            cv2.resize(gray, reduced, interpolation=cv2.INTER_AREA),
            Frame(matrix, frame.size),
        )
    if frame.size == gray.shape[::-1] and np.allclose(frame.matrix, np.eye(3), atol=1e-6):
        return gray
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(gray, frame.matrix, frame.size, flags=flags, borderValue=border)


def _scale(frame: Frame) -> float:
    """Pixels of the picture in one of the page, along the side where they are fewest."""
    corners = frame.corners()
    lengths = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    return float(min(lengths / np.array([*frame.size, *frame.size])))
