"""Surfaces on which a page may lie, drawn by chance: backgrounds of synthetic photos."""

import cv2
import numpy as np

WOODS = ((150, 105, 70), (120, 80, 50), (175, 135, 95), (95, 70, 55))
CLOTHS = ((60, 80, 120), (130, 50, 50), (70, 100, 80), (110, 100, 95))


def wood(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Planks with a grain: (H, W, 3) uint8 RGB."""
    height, width = shape
    grain = _noise(shape, rng, (max(2, height // 6), max(2, width // 150)))
    grain += 0.5 * _noise(shape, rng, (max(2, height // 2), max(2, width // 20)))
    colour = np.float32(WOODS[rng.integers(len(WOODS))]) * rng.uniform(0.7, 1.1)
    picture = colour * (1 + 0.16 * grain[..., None])
    plank = max(20, round(width * rng.uniform(0.12, 0.4)))
    for x in range(int(rng.integers(plank)), width, plank):
        picture[:, x : x + plank] *= rng.uniform(0.85, 1.12)
        picture[:, x : x + max(1, width // 400)] *= 0.45
    picture = picture.clip(0, 255).astype(np.uint8)
    return picture


def cloth(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A checked or plain weave with soft folds: (H, W, 3) uint8 RGB."""
    height, width = shape
    colour = np.float32(CLOTHS[rng.integers(len(CLOTHS))])
    folds = 1 + 0.2 * _noise(shape, rng, (4, 4)) + 0.05 * rng.standard_normal(shape)
    period = max(8, round(max(shape) * rng.uniform(0.03, 0.1)))
    rows, columns = np.arange(height) % period < period / 2, np.arange(width) % period < period / 2
    checks = rng.choice([0.0, 0.35]) * (rows[:, None] + columns[None, :])
    picture = colour * (folds * (1 + checks)).astype(np.float32)[..., None]
    return picture.clip(0, 255).astype(np.uint8)


def dark(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A plain dark table top: (H, W, 3) uint8 RGB."""
    level = rng.uniform(15, 75) * rng.uniform(0.85, 1.15, 3)
    picture = level * (1 + 0.1 * _noise(shape, rng, (5, 5)))[..., None]
    return picture.clip(0, 255).astype(np.uint8)


def cluttered(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Pens, cups, books and slips of paper on another surface: (H, W, 3) uint8 RGB."""
    picture = np.ascontiguousarray((wood, cloth, dark)[rng.integers(3)](shape, rng))
    side = max(shape)
    for _ in range(int(rng.integers(6, 16))):
        colour = tuple(int(v) for v in rng.uniform(20, 230, 3))
        centre = rng.uniform(0, 1, 2) * shape[::-1]
        size = rng.uniform(0.04, 0.3, 2) * side
        kind = rng.integers(3)
        if kind == 0:
            box = (tuple(centre), tuple(size), float(rng.uniform(0, 180)))
            cv2.fillConvexPoly(picture, cv2.boxPoints(box).astype(np.int32), colour, cv2.LINE_AA)
        elif kind == 1:
            middle, radius = tuple(centre.astype(int).tolist()), int(size[0] / 3)
            cv2.circle(picture, middle, radius, colour, -1, cv2.LINE_AA)
        else:
            ends = (centre + np.outer([0, 1], rng.uniform(-0.4, 0.4, 2) * side)).astype(int)
            cv2.line(picture, *ends.tolist(), colour, max(2, side // 90), cv2.LINE_AA)
    return picture


SURFACES = {"wood": wood, "cloth": cloth, "dark": dark, "cluttered": cluttered}


def _noise(shape: tuple[int, int], rng: np.random.Generator, cells: tuple[int, int]) -> np.ndarray:
    """Smooth noise around 0, (H, W) float32, of so many random cells along each side."""
    coarse = rng.standard_normal(cells).astype(np.float32)
    return cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
