"""What the README shows of the models, made anew: `python -m handwriting.readme`.

The results table comes from `outputs/results.csv`, the picture from the sample pictures and
the model that `predict.py` takes by default.
"""

import io
import re

import numpy as np
from PIL import Image

from handwriting.images import load
from handwriting.paths import ROOT, figures_dir
from handwriting.plots import plot_prediction, png_bytes
from handwriting.recognizer import CharacterRecognizer
from handwriting.results import lines_table, results_table

README = ROOT / "README.md"
SHOWN = ("5_photo.jpg", "R_photo.jpg", "star_drawn.png")
# A comment names the table that stands between it and the next.
TABLES = {"results": results_table, "lines": lines_table}


def with_results(text: str) -> str:
    """README text with its tables brought up to date; nothing else is touched."""
    for name, make in TABLES.items():
        block = rf"(<!-- {name}: .*? -->\n).*?(<!-- end of {name} -->)"
        table = make().replace("\\", r"\\")
        text = re.sub(block, rf"\g<1>{table}\n\g<2>", text, flags=re.DOTALL)
    return text


def predictions_picture() -> Image.Image:
    """Input, model input and probabilities of a few samples, one below the other."""
    recognizer = CharacterRecognizer.load("characters")
    rows = []
    for name in SHOWN:
        picture = ROOT / "samples" / name
        seen, reading = recognizer.prepare(picture), recognizer.predict(picture)
        figure = plot_prediction(load(picture), seen, reading.top)
        rows.append(np.asarray(Image.open(io.BytesIO(png_bytes(figure))).convert("RGB")))
    return Image.fromarray(np.vstack(rows))


if __name__ == "__main__":
    README.write_text(with_results(README.read_text(encoding="utf-8")), encoding="utf-8")
    predictions_picture().save(figures_dir() / "readme_prediction.png", optimize=True)
