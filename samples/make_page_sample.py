"""Make the sample page: `python samples/make_page_sample.py`.

A letter of our own in a handwriting font (`data/fonts/`, see data/README.md) on ruled paper,
line by line a little up and down, and as a phone takes it. What is written is in `letter.txt`.
"""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from handwriting.cleanup.phone import photograph
from handwriting.errors import UserError, run_script
from handwriting.paths import data_dir

FOLDER = Path(__file__).parent / "pages"
FONT, SIZE, STEP = "kalam.ttf", 46, 86
INK, PAPER, RULE = (44, 46, 92), (248, 246, 240), (186, 204, 224)
LETTER = """Lisbon, 14 March

Dear Anna,
your parcel came on Tuesday, and nothing
in it was broken. The children have eaten
all the almonds but two. We have had rain
for a week; the garden is a lake and the
cat will not go out.

Could you send me the name of the book
about old maps, and what it cost? I think
it was 18 or 20 euros.

With love to all of you,
Thomas"""


def write(rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8, the letter on ruled paper, not two words at quite the same height."""
    path = data_dir() / "fonts" / FONT
    if not path.is_file():
        raise UserError(f"{path}: missing; see data/README.md for handwriting fonts")
    lines = LETTER.split("\n")
    page = Image.new("RGB", (1240, STEP * (len(lines) + 3)), PAPER)
    draw = ImageDraw.Draw(page)
    for number in range(1, len(lines) + 2):
        y = STEP * (number + 1) - 18
        draw.line((60, y, 1180, y), RULE, 2)
    for number, line in enumerate(lines):
        x, slope = 100 + int(rng.integers(-14, 15)), rng.normal(0, 0.004)
        for word in line.split():
            face = ImageFont.truetype(str(path), SIZE + int(rng.integers(-1, 2)))
            y = STEP * (number + 2) - 18 + slope * x + rng.normal(0, 1.5)
            draw.text((x, y), word, INK, face, anchor="ls")
            x += round(draw.textlength(word + " ", face) + rng.normal(4, 3))
    return np.asarray(page)


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    page = write(np.random.default_rng(4))
    photo = photograph(page, seed=11, side=1500).picture
    cv2.imwrite(
        str(FOLDER / "letter_photo.jpg"),
        cv2.cvtColor(photo, cv2.COLOR_RGB2BGR),
        [cv2.IMWRITE_JPEG_QUALITY, 70],
    )
    (FOLDER / "letter.txt").write_text(LETTER + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    run_script(main)
