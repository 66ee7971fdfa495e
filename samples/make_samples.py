"""Draw the sample pictures: `python samples/make_samples.py`.

Strokes set by hand, smoothed, and put on paper, a dark screen or in a phone's photo. The
name of each file says what is written in it.
"""

from pathlib import Path

import cv2
import numpy as np

from handwriting.images.degrade import invert, on_lined_paper, paste_large, photograph

SIDE = 280
PEN = 20

# Points of each stroke in a unit square, x to the right, y down.
GLYPHS = {
    "2": [[(0.2, 0.25), (0.42, 0.06), (0.72, 0.2), (0.62, 0.5), (0.2, 0.9), (0.82, 0.86)]],
    "5": [
        [(0.72, 0.1), (0.36, 0.12), (0.3, 0.45), (0.62, 0.44), (0.74, 0.7), (0.5, 0.93), (0.2, 0.8)]
    ],
    "7": [[(0.18, 0.14), (0.5, 0.16), (0.82, 0.12), (0.6, 0.5), (0.42, 0.93)]],
    "8": [
        [(0.66, 0.2), (0.45, 0.08), (0.3, 0.25), (0.5, 0.46), (0.7, 0.7), (0.5, 0.92)],
        [(0.5, 0.92), (0.3, 0.74), (0.5, 0.48), (0.68, 0.28), (0.64, 0.17)],
    ],
    "A": [
        [(0.12, 0.92), (0.32, 0.5), (0.5, 0.08)],
        [(0.5, 0.08), (0.68, 0.5), (0.86, 0.92)],
        [(0.26, 0.62), (0.5, 0.6), (0.76, 0.62)],
    ],
    "R": [
        [(0.25, 0.1), (0.26, 0.5), (0.24, 0.94)],
        [(0.2, 0.14), (0.55, 0.06), (0.74, 0.26), (0.55, 0.48), (0.28, 0.5)],
        [(0.4, 0.5), (0.6, 0.74), (0.84, 0.92)],
    ],
    "#": [
        [(0.38, 0.08), (0.34, 0.5), (0.28, 0.92)],
        [(0.72, 0.08), (0.68, 0.5), (0.62, 0.92)],
        [(0.12, 0.36), (0.5, 0.34), (0.9, 0.34)],
        [(0.1, 0.66), (0.5, 0.65), (0.88, 0.64)],
    ],
    "star": [
        [(0.5, 0.06), (0.78, 0.92)],
        [(0.78, 0.92), (0.05, 0.4)],
        [(0.05, 0.4), (0.95, 0.38)],
        [(0.95, 0.38), (0.2, 0.93)],
        [(0.2, 0.93), (0.5, 0.06)],
    ],
}


def smooth(points: list[tuple[float, float]], steps: int = 24) -> np.ndarray:
    """A Catmull-Rom curve through the points: (N, 2) float64."""
    if len(points) == 2:
        return np.array(points, float)
    known = np.array([points[0], *points, points[-1]], float)
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(known, known[1:], known[2:], known[3:], strict=False):
        cubic = (3 * b - a - 3 * c + d) * t**3 + (2 * a - 5 * b + 4 * c - d) * t**2
        pieces.append(0.5 * (2 * b + (c - a) * t + cubic))
    return np.concatenate([*pieces, known[-1:]])


def draw(strokes: list[list[tuple[float, float]]], rng: np.random.Generator) -> np.ndarray:
    """Ink (SIDE, SIDE) uint8, 255 = ink, with a hand's small unsteadiness."""
    ink = np.zeros((SIDE, SIDE), np.uint8)
    for stroke in strokes:
        shaky = [tuple(np.add(point, rng.normal(0, 0.012, 2))) for point in stroke]
        path = np.round((0.1 + 0.8 * smooth(shaky)) * SIDE * 16).astype(np.int32)
        cv2.polylines(ink, [path[:, None]], False, 255, PEN, cv2.LINE_AA, shift=4)
    return cv2.GaussianBlur(ink, (0, 0), 1.0)


def main() -> None:
    rng = np.random.default_rng(7)
    glyphs = {text: draw(strokes, rng) for text, strokes in GLYPHS.items()}
    pictures = {
        "2_drawn.png": paste_large(glyphs["2"], rng),
        "5_photo.jpg": photograph(glyphs["5"], rng),
        "7_ruled.png": on_lined_paper(glyphs["7"], rng),
        "8_blackboard.png": invert(paste_large(glyphs["8"], rng)),
        "A_drawn.png": paste_large(glyphs["A"], rng),
        "R_photo.jpg": photograph(glyphs["R"], rng),
        "hash_squared.png": on_lined_paper(glyphs["#"], rng, squared=True),
        "star_drawn.png": paste_large(glyphs["star"], rng),
    }
    for name, picture in pictures.items():
        bgr = picture[..., ::-1] if picture.ndim == 3 else picture
        _, data = cv2.imencode(Path(name).suffix, bgr)
        Path(__file__).with_name(name).write_bytes(data.tobytes())


if __name__ == "__main__":
    main()
