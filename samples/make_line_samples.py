"""Make the sample lines: `python samples/make_line_samples.py`.

Sentences of our own in handwriting fonts (`data/fonts/`, see data/README.md), on plain,
ruled and squared paper, one of them as a phone takes it. What is written is in `lines.csv`.
"""

import csv
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from handwriting.errors import UserError, run_script
from handwriting.paths import data_dir

FOLDER = Path(__file__).parent / "lines"
INK, PAPER = (58, 52, 96), (247, 244, 236)
LINES = (
    ("letter_en.png", "kalam.ttf", "plain", "Thank you for the photos, they made us laugh."),
    ("recette_fr.png", "caveat.ttf", "squared", "Mélanger 250 g de farine et 3 œufs à la crème"),
    ("gruss_de.png", "bad-script.ttf", "ruled", "Schöne Grüße aus Köln, bis nächste Woche!"),
    ("note_photo.jpg", "handlee.ttf", "photo", "Call the plumber before 5, it is urgent"),
)


def write(text: str, font: str, size: int = 64) -> np.ndarray:
    """(H, W, 3) uint8, the text on a strip of paper."""
    path = data_dir() / "fonts" / font
    if not path.is_file():
        raise UserError(f"{path}: missing; see data/README.md for handwriting fonts")
    face = ImageFont.truetype(str(path), size)
    left, top, right, bottom = face.getbbox(text)
    picture = Image.new("RGB", (right - left + 2 * size, bottom - top + size), PAPER)
    ImageDraw.Draw(picture).text((size - left, size // 2 - top), text, INK, face)
    return np.asarray(picture)


def on_paper(picture: np.ndarray, kind: str) -> np.ndarray:
    """The same with printed rules beneath the writing."""
    step = 40 if kind == "squared" else picture.shape[0] - 30
    rules = np.zeros(picture.shape[:2], bool)
    if kind in ("ruled", "squared"):
        rules[step::step] = rules[step + 1 :: step] = True
    if kind == "squared":
        rules[:, step::step] = True
    pale = np.array((188, 204, 222), np.uint8)
    return np.where(rules[..., None] & (picture > 200).all(axis=2, keepdims=True), pale, picture)


def take_photo(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Seen at an angle under a lamp on the left, slightly blurred and noisy."""
    sheet = cv2.copyMakeBorder(picture, 70, 110, 30, 60, cv2.BORDER_CONSTANT, value=PAPER)
    height, width = sheet.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    moved = corners + np.array([(-9, -6), (12, 14), (0, -10), (6, 8)], np.float32)
    view = cv2.getPerspectiveTransform(corners, moved)
    sheet = cv2.warpPerspective(sheet, view, (width, height), borderValue=PAPER)
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    light = (1.02 - 0.45 * x**1.5 - 0.1 * y)[..., None]
    noisy = cv2.GaussianBlur(sheet, (0, 0), 1.1) * light + rng.normal(0, 4, sheet.shape)
    return noisy.clip(0, 255).astype(np.uint8)


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    rng = np.random.default_rng(3)
    for name, font, kind, text in LINES:
        picture = on_paper(write(text, font), kind)
        if kind == "photo":
            picture = take_photo(picture, rng)
        Image.fromarray(picture).save(FOLDER / name, quality=80, optimize=True)
    with open(FOLDER / "lines.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("image", "text"))
        writer.writerows((name, text) for name, _, _, text in LINES)
    return 0


if __name__ == "__main__":
    run_script(main)
