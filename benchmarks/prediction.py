"""How fast prediction is: `python benchmarks/prediction.py`.

Measures, in one run on one machine: the start of `predict.py` to its answer beside a bare
TensorFlow import; 10,000 images in batches; one image at a time; a photo from file to text;
how much of that is finding and cleaning the character. Medians; the table goes to
`outputs/benchmark_prediction.csv`.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from handwriting import paths
from handwriting.cards import list_models, read_card
from handwriting.images import load, to_character
from handwriting.recognizer import CharacterRecognizer
from handwriting.results import hardware

SAMPLE = paths.ROOT / "samples" / "5_photo.jpg"
BATCH_IMAGES = 10_000


def median_seconds(action, repeats: int) -> float:
    """Median wall time of `action()` after one call that is not counted."""
    action()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def measure_model(name: str) -> dict:
    """Rates of one model on random images: the network's work does not depend on them."""
    recognizer = CharacterRecognizer.load(name)
    images = np.random.default_rng(0).integers(0, 256, (BATCH_IMAGES, 28, 28), np.uint8)
    batch = median_seconds(lambda: recognizer.probabilities(images), 5)
    single = median_seconds(lambda: recognizer.probabilities(images[:1]), 200)
    photo = median_seconds(lambda: recognizer.predict(SAMPLE), 20)
    return {
        "model": name,
        "parameters": recognizer.card.parameters,
        "images_per_second": round(BATCH_IMAGES / batch),
        "one_image_ms": round(single * 1000, 3),
        "photo_file_to_text_ms": round(photo * 1000, 1),
    }


def measure_cleanup() -> dict:
    """From a picture in memory to the network's input: a photo, and a glyph of 28 pixels."""
    photo = load(SAMPLE)
    glyph = 255 - np.uint8(255 * to_character(photo)[..., 0])
    return {
        "model": "character found and cleaned",
        "photo_ms": round(median_seconds(lambda: to_character(photo), 50) * 1000, 2),
        "glyph_ms": round(median_seconds(lambda: to_character(glyph), 200) * 1000, 3),
    }


def process_seconds(*command: str) -> float:
    return median_seconds(
        lambda: subprocess.run([sys.executable, *command], check=True, capture_output=True), 7
    )


def measure_start() -> dict:
    """Process start to answer, beside a process that only imports TensorFlow."""
    predict = process_seconds(str(paths.ROOT / "src" / "predict.py"), str(SAMPLE))
    tensorflow = process_seconds("-c", "import tensorflow")
    return {
        "model": "process start to answer",
        "seconds": round(predict, 3),
        "tensorflow_import_seconds": round(tensorflow, 3),
        "ratio": round(tensorflow / predict, 1),
    }


def main() -> None:
    models = [name for name in list_models() if read_card(name).task == "characters"]
    rows = [measure_model(name) for name in models]
    rows += [measure_cleanup(), measure_start()]
    table = pd.DataFrame(rows).assign(hardware=hardware())
    path = Path(paths.outputs_dir()) / "benchmark_prediction.csv"
    table.to_csv(path, index=False)
    print(table.drop(columns="hardware").to_string(index=False, na_rep=""))
    print(f"{hardware()}; written to {path}")


if __name__ == "__main__":
    main()
