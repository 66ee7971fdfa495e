"""Ruled lines and straight edges, taken out of the ink of a page.

`images.rules` does so for a picture of one character, where a line crosses all of it; on a
page rules are many, and end at margins.
"""

import cv2
import numpy as np

# Lengths in distances between lines.
RULE = 1.6  # the shortest straight stroke that is no letter's
THICKEST = 0.12
BARE = 0.4  # share of a rule that writing does not run through


def remove_rules(ink: np.ndarray, spacing: float) -> np.ndarray:
    """Take out straight strokes too long for a letter, level and upright; close what they cut.

    Args:
        ink: (H, W) uint8 mask.
        spacing: distance between lines in pixels.
    """
    length = max(9, round(RULE * spacing))
    thickest = max(3, round(THICKEST * spacing))
    level = _without_level_rules(ink, length, thickest)
    level = np.ascontiguousarray(level.T)
    upright = _without_level_rules(level, round(1.5 * length), thickest, through=True)
    return np.ascontiguousarray(upright.T)


def _without_level_rules(
    ink: np.ndarray, length: int, thickest: int, through: bool = False
) -> np.ndarray:
    """Without thin level strokes; `through` bridges the writing that a rule runs through."""
    upright = np.ones((thickest + 1, 1), np.uint8)
    thin = ink & ~cv2.morphologyEx(ink, cv2.MORPH_OPEN, upright)
    # A rule is a little slanted and broken: it is looked for in a thicker picture.
    thick = cv2.dilate(ink if through else thin, np.ones((3, 3), np.uint8))
    rules = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    if through:
        bare = cv2.blur(cv2.dilate(thin, np.ones((3, 1), np.uint8)) * np.uint8(255), (length, 1))
        rules &= thin & (bare > 255 * BARE)
    if not rules.any():
        return ink
    # What goes on from the parts that were found goes with them.
    further = cv2.dilate(rules, np.ones((1, 2 * length + 1), np.uint8))
    rest = ink & ~(rules | (further & thin))
    # What stands on both sides of a rule goes through it.
    kernel = np.ones((thickest, 1), np.uint8)
    above = cv2.dilate(rest, kernel, anchor=(0, thickest - 1))
    below = cv2.dilate(rest, kernel, anchor=(0, 0))
    return rest | (ink & above & below)
