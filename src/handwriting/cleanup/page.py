"""From any picture of a page to a clean one: flat, upright, evenly lit."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from handwriting.cleanup.light import (
    QUIET,
    flatten_light,
    noise_level,
    raise_contrast,
    remove_noise,
    stroke_lightness,
)
from handwriting.cleanup.orientation import SIDE
from handwriting.cleanup.outline import Outline, find_outline
from handwriting.cleanup.rectify import corners_of, project, render, sheet, whole
from handwriting.cleanup.rules import suppress_rules
from handwriting.cleanup.upright import Judge, find_turn

LONGEST = 2400  # pixels of a clean page: 35 lines of 64 pixels
SHORTEST = 1000  # pixels: a long strip is not reduced until its lines cannot be read
POLARITY_SIDE = 600  # pixels at which ink and paper are told apart
DARKER_INSIDE = 12  # grey levels: a sheet turned over is darker than the table around it
LIGHT_STROKES = 0.3  # skewness: lighter than paper beyond doubt
ALIKE = 0.025  # of the diagonal: a sheet whose corners are so near the frame's is flat already


@dataclass(frozen=True)
class Step:
    """One thing that was done, or was looked at and left alone.

    Attributes:
        name: of the step.
        remark: what was found.
        picture: (h, w) or (h, w, 3) uint8 after the step; None unless asked for.
    """

    name: str
    remark: str
    picture: np.ndarray | None = None


@dataclass(frozen=True)
class CleanPage:
    """A page as the layout and the line reader read it best.

    Attributes:
        image: (H, W) uint8, dark ink on light paper, upright, flat, evenly lit.
        matrix: (3, 3) float64, homogeneous, from its pixels to those of the input picture.
        steps: what was done, in order.
    """

    image: np.ndarray
    matrix: np.ndarray
    steps: tuple[Step, ...]

    def to_input(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 2) x, y of the image in pixels of the input picture."""
        return project(self.matrix, np.asarray(points, np.float64).reshape(-1, 2))


def clean_page(
    picture: np.ndarray,
    *,
    perspective: bool = True,
    orientation: bool = True,
    light: bool = True,
    rules: bool | None = None,
    keep_steps: bool = False,
    judge: Judge | None = None,
) -> CleanPage:
    """Make a clean page from any picture of one.

    A flat scan that is upright keeps its place: the matrix is the identity, or a reduction
    where it has more pixels than reading needs.

    Args:
        picture: (H, W) or (H, W, 3) uint8 RGB, dark ink. Colour helps to find the sheet. A
            dark sheet with light writing on lighter ground is taken for turned over.
        perspective: find the sheet in a photo and make it flat.
        orientation: turn the page by quarters, and lines that slope by more than 8 degrees.
        light: even out the light, remove noise, darken faint ink.
        rules: paint ruled lines over; None to do so where a sheet was found in a photo. On
            scans the line finder gets on with them, and painting costs a little.
        keep_steps: with a picture of each step.
        judge: scores a picture of some lines, the higher the more surely they can be read;
            asked where it is not clear which way up the page is.
    """
    frame, steps, outline = whole(picture.shape), [], None

    def note(name: str, remark: str, show: Callable[[], np.ndarray]) -> None:
        steps.append(Step(name, remark, show() if keep_steps else None))

    if perspective:
        picture, outline = _find_sheet(picture, note)
        outline = _useful(outline, picture.shape)
        note("outline", _describe(outline), lambda: draw_outline(picture, outline))
        if outline:
            frame = sheet(outline.corners, picture.shape)
            note("perspective", "flat", lambda: render(_gray(picture), frame.at_most(LONGEST)))
    gray = _gray(picture)
    frame = frame.at_most(LONGEST, SHORTEST)
    border = int(np.percentile(gray[::16, ::16], 80))
    if orientation:
        turn = find_turn(gray, frame, judge, border)
        frame = frame.turned(turn) if turn else frame
        note("orientation", f"turned by {turn:g} degrees", lambda: render(gray, frame, border))
    image = render(gray, frame, border)
    image = image.copy() if image is gray else image
    if light:
        image = _relight(image, note)
    if rules or (rules is None and outline):
        image = suppress_rules(image)
        note("rules", "painted over", lambda: image)
    return CleanPage(image, frame.matrix, tuple(steps))


def _relight(image: np.ndarray, note) -> np.ndarray:
    flat = flatten_light(image)
    note("light", "evened out", lambda: flat)
    noise = noise_level(flat)
    quiet = remove_noise(flat, noise)
    remark = f"{noise:.1f} grey levels, " + ("left alone" if noise <= QUIET else "smoothed")
    note("noise", remark, lambda: quiet)
    clear = raise_contrast(quiet)
    note("contrast", "ink darkened where it is faint", lambda: clear)
    return clear


def _gray(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture


def _find_sheet(picture: np.ndarray, note) -> tuple[np.ndarray, Outline | None]:
    """The sheet, and the picture that shows it with dark ink.

    A white sheet on a dark table may pass for light writing on a dark ground, and be turned
    over when it is loaded: then it is a dark sheet with light writing now.
    """
    outline = find_outline(picture)
    if outline and _strokes(picture, outline) < LIGHT_STROKES:
        return picture, outline
    inverse = cv2.bitwise_not(picture)
    outline = find_outline(inverse) if _is_dark_inside(picture) else None
    if outline and _strokes(inverse, outline) < -LIGHT_STROKES:
        note("polarity", "light writing on a dark sheet: turned over", lambda: inverse)
        return inverse, outline
    return picture, None


def _is_dark_inside(picture: np.ndarray) -> bool:
    """Whether the middle of the picture is darker than its rim."""
    small = _gray(np.ascontiguousarray(picture[::16, ::16]))
    height, width = small.shape
    inner = small[height // 4 : -(height // 4) or None, width // 4 : -(width // 4) or None]
    rim = max(1, min(small.shape) // 16)
    sides = (small[:rim], small[-rim:], small[:, :rim], small[:, -rim:])
    outer = np.concatenate([side.ravel() for side in sides])
    return bool(np.median(outer) > np.median(inner) + DARKER_INSIDE)


def _strokes(picture: np.ndarray, outline: Outline) -> float:
    """Lightness of the strokes on the sheet, its edges left aside."""
    frame = sheet(outline.corners, picture.shape).at_most(POLARITY_SIDE)
    look = render(_gray(picture), frame)
    height, width = look.shape
    return stroke_lightness(look[height // 16 : -height // 16, width // 16 : -width // 16])


def _useful(outline: Outline | None, shape: tuple) -> Outline | None:
    """The outline, unless the picture shows little else than the sheet, straight on."""
    if outline is None:
        return None
    apart = np.linalg.norm(outline.corners - corners_of(shape), axis=1).max()
    return outline if apart > ALIKE * np.hypot(*shape[:2]) else None


def _describe(outline: Outline | None) -> str:
    if outline is None:
        return "no sheet's edges: left alone"
    return f"a sheet, seen on {4 - int(outline.framed.sum())} sides"


def draw_outline(picture: np.ndarray, outline: Outline | None) -> np.ndarray:
    """A small copy of the picture, (h, w, 3) uint8 RGB, with the outline where there is one."""
    scale = min(1.0, SIDE / max(picture.shape[:2]))
    size = tuple(max(1, round(side * scale)) for side in picture.shape[1::-1])
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    small = cv2.cvtColor(small, cv2.COLOR_GRAY2RGB) if small.ndim == 2 else small
    if outline:
        points = np.rint(outline.corners * scale).astype(np.int32)
        cv2.polylines(small, [points], True, (220, 40, 40), 3, cv2.LINE_AA)
    return small
