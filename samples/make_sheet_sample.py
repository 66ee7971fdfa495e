"""Draw the sample sheet of single characters: `python samples/make_sheet_sample.py`.

Strokes set by hand, in rows on a sheet of paper, seen by a phone. What is written, row by row:
the keys of `GLYPHS`.
"""

from pathlib import Path

import cv2
import numpy as np
from make_samples import GLYPHS as SAMPLES
from make_samples import draw

from handwriting.images.degrade import photograph

COLUMNS, CELL, SHARE = 4, 300, 0.62
SEED = 10
TURN = np.linspace(-np.pi, np.pi, 9)

GLYPHS = {
    "2": SAMPLES["2"],
    "A": SAMPLES["A"],
    "☁": [
        [(0.2, 0.75), (0.06, 0.6), (0.18, 0.44), (0.3, 0.42), (0.36, 0.22), (0.56, 0.2)],
        [(0.56, 0.2), (0.68, 0.38), (0.84, 0.36), (0.95, 0.54), (0.86, 0.74), (0.2, 0.75)],
    ],
    "5": SAMPLES["5"],
    "#": SAMPLES["#"],
    "🏠": [
        [(0.2, 0.45), (0.2, 0.95)],
        [(0.2, 0.95), (0.8, 0.95)],
        [(0.8, 0.95), (0.8, 0.45)],
        [(0.8, 0.45), (0.2, 0.45)],
        [(0.2, 0.45), (0.5, 0.08)],
        [(0.5, 0.08), (0.8, 0.45)],
        [(0.44, 0.95), (0.44, 0.68)],
        [(0.44, 0.68), (0.58, 0.68)],
        [(0.58, 0.68), (0.58, 0.95)],
    ],
    "R": SAMPLES["R"],
    "8": SAMPLES["8"],
    "⭐": SAMPLES["star"],
    "W": [
        [(0.08, 0.12), (0.3, 0.9)],
        [(0.3, 0.9), (0.5, 0.3)],
        [(0.5, 0.3), (0.7, 0.9)],
        [(0.7, 0.9), (0.92, 0.1)],
    ],
    "7": SAMPLES["7"],
    "☀": [
        [(0.5 + 0.2 * np.sin(a), 0.5 + 0.2 * np.cos(a)) for a in TURN],
        *(
            [(0.5 + r * np.sin(a), 0.5 + r * np.cos(a)) for r in (0.29, 0.47)]
            for a in TURN[:-1] + 0.2
        ),
    ],
}


def main() -> None:
    rng = np.random.default_rng(SEED)
    rows = -(-len(GLYPHS) // COLUMNS)
    sheet = np.zeros((COLUMNS * CELL, COLUMNS * CELL), np.uint8)
    side = round(SHARE * CELL)
    for number, strokes in enumerate(GLYPHS.values()):
        row, column = divmod(number, COLUMNS)
        glyph = cv2.resize(draw(strokes, rng), (side, side), interpolation=cv2.INTER_AREA)
        top, left = (
            (np.array([row + (COLUMNS - rows) / 2, column]) * CELL + rng.uniform(20, 90, 2))
            .round()
            .astype(int)
        )
        sheet[top : top + side, left : left + side] |= glyph
    # The part with the writing, and some paper around it.
    picture = photograph(sheet, rng, side=1400, quality=70)[480:1220, 320:1180]
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 70])
    Path(__file__).with_name("sheet_photo.jpg").write_bytes(data.tobytes())


if __name__ == "__main__":
    main()
