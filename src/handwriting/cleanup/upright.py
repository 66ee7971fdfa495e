"""By how much a page must be turned to stand upright."""

from collections.abc import Callable

import numpy as np

from handwriting.cleanup.orientation import SIDE, find_direction, find_writing, uprightness
from handwriting.cleanup.rectify import Frame, render, whole

Judge = Callable[[np.ndarray], float]
# Uprightness from which the shapes of the writing alone leave a page as it is. Below it a judge
# is asked: even where they say upside down most surely, two photos of 54 were not.
UNSURE = 0.12
DOUBT = 1.05  # how much better the page must read upside down to be turned
SMALLEST = 40  # pixels a side: nothing smaller holds several lines
BAND = 0.22  # of the page's height that a judge sees


def find_turn(gray: np.ndarray, frame: Frame, judge: Judge | None, border: int) -> float:
    """Degrees by which the page must be turned, -180 to 180, positive as lines fall.

    Args:
        gray: (H, W) uint8, the picture.
        frame: where the page lies in it.
        judge: scores some lines; None to go by the shapes of the writing alone.
        border: grey of what lies outside the picture.
    """
    look = render(gray, frame.at_most(SIDE), border)
    if min(look.shape) < SMALLEST:
        return 0.0
    mask = find_writing(look)
    direction = find_direction(mask)
    if direction:
        mask = render(mask, whole(mask.shape).turned(direction), 0)
        frame = frame.turned(direction)
    sure = uprightness(mask)
    # A page that stands upright needs reasons to be turned; one that lies on its side, none.
    upright = abs(direction) < 45
    over = sure < (-UNSURE if upright else 0)
    if judge and (sure < UNSURE or not upright):
        better = _upside_down_gain(gray, frame, mask, judge, border)
        if better is not None:
            over = better > (DOUBT if upright else 1.0)
    turn = direction + 180 * over
    return turn - 360 if turn > 180 else turn


def _upside_down_gain(gray, frame, mask, judge, border: int) -> float | None:
    """How many times better the fullest part of the page reads from the other side.

    None if it cannot be read from either.
    """
    rows = mask.sum(axis=1, dtype=np.float64)
    band = max(1, round(BAND * len(rows)))
    full = np.convolve(rows, np.ones(band), "valid")
    scale = frame.size[1] / len(rows)
    top = int(full.argmax() * scale)
    bottom = min(frame.size[1], top + max(1, round(band * scale)))
    part = render(gray, frame.part(top, bottom), border)
    upright, over = judge(part), judge(np.ascontiguousarray(part[::-1, ::-1]))
    if upright == over == 0:
        return None
    return over / upright if upright else np.inf
