"""The outline of a sheet of paper in a photo: four sides, found by what speaks for each."""

from typing import NamedTuple

import numpy as np

from handwriting.cleanup.edges import Ground, Lines, find_ground, level_lines, turned

SMALLEST = 0.2  # of the picture that the sheet covers
SHORTEST = 0.3  # of a side of the picture that a side of the sheet is long
OUTSIDE = 0.3  # of a side of the picture that a corner may lie outside
CLEAR = 0.5  # mean evidence along a side that was seen
MOST_FRAME_SIDES = 1  # two sides alone say nothing about perspective
LACKING = 1.5  # how much more a stretch without evidence counts than one with it


class Outline(NamedTuple):
    """Where the sheet lies.

    Attributes:
        corners: (4, 2) float64, x, y in pixels of the picture, clockwise from the top left;
            they may lie outside the picture.
        evidence: (4,) mean evidence of the top, right, bottom and left side, -1 to 1.
        framed: (4,) bool, where the frame of the picture takes the place of a side.
    """

    corners: np.ndarray
    evidence: np.ndarray
    framed: np.ndarray

    @property
    def certain(self) -> bool:
        """Whether enough of it was seen to trust it."""
        seen = self.evidence[~self.framed]
        return self.framed.sum() <= MOST_FRAME_SIDES and bool((seen > CLEAR).all())


def find_outline(picture: np.ndarray) -> Outline | None:
    """Find the sheet in a photo; None where no sheet's edges are seen, as in most scans.

    Straight edges are candidates for each side, and so is the frame itself. Every choice of
    four is scored by the length along which the step from ground to paper is seen, less
    the length along which it is missing.

    Args:
        picture: (H, W) or (H, W, 3) uint8 RGB.
    """
    ground = find_ground(picture)
    if min(ground.light.shape) < 16:
        return None
    best = _search(ground)
    if best is None or not best.certain:
        return None
    return best._replace(corners=(best.corners + 0.5) / ground.scale - 0.5)


def _search(ground: Ground) -> Outline | None:
    """The best choice of four sides, in pixels of the ground."""
    height, width = ground.light.shape
    levels = [_with_frame(*pair) for pair in zip(level_lines(ground), (0, height - 1), strict=True)]
    pair = zip(level_lines(turned(ground)), (0, width - 1), strict=True)
    uprights = [_with_frame(*item) for item in pair]
    # Corners by number of level line and of upright line, (2, n, m) each.
    points = [[_crossings(level, side) for side in uprights] for level in levels]
    score = _total(levels, uprights, points)
    score[~_possible(points, (width, height))] = -np.inf
    choice = np.unravel_index(int(score.argmax()), score.shape)
    if not score[choice] > 0:
        return None
    top, bottom, left, right = choice
    pairs = ((0, 0, top, left), (0, 1, top, right), (1, 1, bottom, right), (1, 0, bottom, left))
    corners = np.array([points[i][j][:, level, side] for i, j, level, side in pairs])
    sides = ((levels[0], top), (uprights[1], right), (levels[1], bottom), (uprights[0], left))
    ends = ((0, 1), (1, 2), (3, 2), (0, 3))
    evidence = [
        _mean(lines.evidence[number], *(corners[end, axis % 2] for end in pair))
        for axis, ((lines, number), pair) in enumerate(zip(sides, ends, strict=True))
    ]
    framed = [number == len(lines.start) - 1 for lines, number in sides]
    return Outline(corners, np.array(evidence), np.array(framed))


def _with_frame(lines: Lines, place: float) -> Lines:
    """With the frame as the last candidate, for which nothing speaks, and nothing against."""
    nothing = np.zeros((1, lines.evidence.shape[1]), np.float32)
    return Lines(
        np.append(lines.start, place),
        np.append(lines.slope, 0.0),
        np.concatenate([lines.evidence, nothing]),
    )


def _crossings(level: Lines, upright: Lines) -> np.ndarray:
    """Points x, y where each of n level lines meets each of m upright ones: (2, n, m)."""
    start, slope = level.start[:, None], level.slope[:, None]
    x = (upright.start + upright.slope * start) / (1 - upright.slope * slope)
    return np.stack([x, start + slope * x])


def _total(levels, uprights, points) -> np.ndarray:
    """Score of each choice, (top, bottom, left, right)."""
    # Along a level line its ends depend on the two upright ones, and the other way round.
    top, bottom = (
        _between(lines.evidence, left[0], right[0])
        for lines, (left, right) in zip(levels, points, strict=True)
    )
    left, right = (
        _between(lines.evidence, points[0][side][1].T, points[1][side][1].T)
        for side, lines in enumerate(uprights)
    )
    level = top[:, None] + bottom[None]
    upright = left.transpose(1, 2, 0)[..., None] + right.transpose(1, 2, 0)[:, :, None]
    return level + upright


def _between(evidence: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Evidence of each line from each first (N, p) to each last end (N, q): (N, p, q)."""
    weighted = np.where(evidence < 0, LACKING * evidence, evidence)
    total = np.pad(np.cumsum(weighted, axis=1), ((0, 0), (1, 0)))
    one, other = (
        np.take_along_axis(total, np.rint(end).clip(0, evidence.shape[1]).astype(int), axis=1)
        for end in (first, last)
    )
    return other[:, None, :] - one[:, :, None]


def _mean(evidence: np.ndarray, first: float, last: float) -> float:
    ends = np.rint([first, last]).clip(0, len(evidence)).astype(int)
    return float(evidence[slice(*ends)].mean()) if ends[1] > ends[0] else 0.0


def _possible(points, size: tuple[int, int]) -> np.ndarray:
    """Which choices are a quadrilateral of fair size about the frame: (t, b, l, r) bool."""
    (tl, tr), (bl, br) = points
    tl, tr = tl[:, :, None, :, None], tr[:, :, None, None, :]
    bl, br = bl[:, None, :, :, None], br[:, None, :, None, :]
    width, height = size
    wide = (np.minimum(tr[0] - tl[0], br[0] - bl[0])) > SHORTEST * width
    high = (np.minimum(bl[1] - tl[1], br[1] - tr[1])) > SHORTEST * height
    across, down = br - tl, bl - tr
    large = np.abs(across[0] * down[1] - across[1] * down[0]) / 2 > SMALLEST * width * height
    fits = wide & high & large
    for corner in (tl, tr, bl, br):
        for axis, side in enumerate(size):
            place = corner[axis]
            fits = fits & (place > -OUTSIDE * side) & (place < (1 + OUTSIDE) * side)
    return fits
