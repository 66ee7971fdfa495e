"""Whether a picture shows a page: more than one line of writing."""

import numpy as np

from handwriting.images import shrink
from handwriting.layout import Layout, find_lines

# A smaller picture holds one line at most, and so does one that is much wider than high.
LEAST_HEIGHT = 80
WIDEST = 10
# The side at which lines are looked for: enough to count them.
LOOK_SIDE = 700
# Lines of other writing reach into the picture of a line: to count, a line must have these
# shares of the longest line's length, of the highest one's height, and be so far from the next.
LENGTH, HEIGHT, DISTANCE = 0.5, 0.6, 0.55
# White writing in a white frame passes for dark writing on paper. The picture is then as dark
# as this on average, and what stands on it must be clearly a page.
DARK, MANY = 110, 5
# Its lines are this many times as long as high: the strokes of one large character are not.
LEAST_LENGTH = 2.5


def may_be_page(image: np.ndarray) -> bool:
    """Whether the shape of (H, W) allows it."""
    height, width = image.shape
    return height >= LEAST_HEIGHT and width <= WIDEST * height


def shows_page(image: np.ndarray) -> bool:
    """Whether there is more than one line of writing on (H, W) uint8, 0 = ink."""
    if not may_be_page(image):
        return False
    small = shrink(image, LOOK_SIDE)
    layout = find_lines(small)
    if not layout.lines and is_dark(small):
        from handwriting.cleanup import clean_page  # for a rare case

        return count_rows(find_lines(clean_page(255 - small).image)) >= MANY
    return count_rows(layout) > 1


def is_dark(image: np.ndarray) -> bool:
    """Whether (H, W) uint8 may be white writing in a white frame, taken for dark writing."""
    return bool(image.mean() < DARK)


def count_rows(layout: Layout) -> int:
    """Lines that stand one below the other, without scraps."""
    if not layout.lines:
        return 0
    sizes = np.array([np.ptp(line.polygon, axis=0) for line in layout.lines])
    length, height = sizes.max(axis=0)
    if length < LEAST_LENGTH * np.median(sizes[:, 1]):
        return 1
    whole = (sizes[:, 0] >= LENGTH * length) & (sizes[:, 1] >= HEIGHT * height)
    places = [line.baseline[:, 1].mean() for line in layout.lines]
    rows, last = 0, -np.inf
    for place in sorted(place for place, is_whole in zip(places, whole, strict=True) if is_whole):
        if place - last > DISTANCE * height:
            rows, last = rows + 1, place
    return rows
