"""Hand-drawn emoji: Quick, Draw! strokes and line drawings of emoji fonts.

Drawings are divided into train, validation and test before anything is varied. Training
images are variants of training drawings; validation and test drawings are rendered plainly.
"""

from pathlib import Path

import numpy as np

from handwriting.datasets.base import CharacterData, Split
from handwriting.datasets.cache import cached_arrays, code_and_data, fingerprint
from handwriting.datasets.emoji_classes import EMOJI, ONE_WAY
from handwriting.datasets.emoji_sources import PARTS, Source, drawing_files, read_sources
from handwriting.datasets.geometry import SIZE
from handwriting.datasets.strokes import Drawing, mirror, render, vary
from handwriting.paths import data_dir

CLASSES = tuple(EMOJI)
# Thin as in a photograph of a large drawing, or as thick as EMNIST's pens.
PEN = (1.3, 3.0)
STRENGTH = 1.3


def load_emoji(
    variants_per_class: int = 1200, seed: int = 0, root: Path | None = None
) -> CharacterData:
    """Emoji with disjoint drawings in train, validation and test.

    Args:
        variants_per_class: training images a class, the plain drawings among them.
        seed: of the division of the drawings and of the variants.
        root: the data folder, with `emoji/` or `quickdraw/`, and `fonts/symbols/`.

    Raises:
        UserError: the drawings are not there.
    """
    root = root or data_dir()
    arrays = cached_arrays(
        "emoji", _key(root, variants_per_class, seed), lambda: _draw(root, variants_per_class, seed)
    )
    splits = {part: Split(arrays[f"{part}_images"], arrays[f"{part}_labels"]) for part in PARTS}
    drawings, held_out = int(arrays["train_drawings"]), [len(splits[part]) for part in PARTS[1:]]
    notes = (
        f"train: {variants_per_class:,} variants a class of {drawings} drawings",
        f"validation, test: {held_out[0]}, {held_out[1]} other drawings, not varied",
    )
    return CharacterData("emoji", CLASSES, **splits, notes=notes)


def _key(root: Path, variants: int, seed: int) -> str:
    files, table = drawing_files(root)
    names = ("emoji", "emoji_classes", "emoji_sources", "geometry", "strokes", "trace")
    code = code_and_data(*(Path(__file__).with_name(f"{name}.py") for name in names))
    data = [(str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in [*files, table] if f]
    return fingerprint(code, data, variants, seed)


def _draw(root: Path, variants: int, seed: int) -> dict[str, np.ndarray]:
    sources = read_sources(root, seed)
    train = [source for source in sources if source.part == "train"]
    rng = np.random.default_rng([seed, variants])
    images = [
        image
        for label in range(len(CLASSES))
        for image in draw_variants(_of(label, train), variants, rng, CLASSES[label] not in ONE_WAY)
    ]
    arrays = _arrays("train", images, np.repeat(np.arange(len(CLASSES)), variants))
    for part in PARTS[1:]:
        chosen = [source for source in sources if source.part == part]
        arrays |= _arrays(part, [render(s.drawing) for s in chosen], [s.label for s in chosen])
    return arrays | {"train_drawings": np.array(len(train))}


def _of(label: int, sources: list[Source]) -> list[Drawing]:
    return [source.drawing for source in sources if source.label == label]


def draw_variants(
    drawings: list[Drawing], count: int, rng: np.random.Generator, mirrored: bool = True
) -> list[np.ndarray]:
    """`count` images (28, 28) uint8: each drawing as it is, then varied in turn.

    Args:
        mirrored: half of the variants are mirrored, left for right.
    """
    plain = [render(drawing) for drawing in drawings[:count]]
    again = (drawings[i % len(drawings)] for i in range(count - len(plain)))
    return plain + [_variant(drawing, rng, mirrored) for drawing in again]


def _variant(drawing: Drawing, rng: np.random.Generator, mirrored: bool) -> np.ndarray:
    if mirrored and rng.random() < 0.5:
        drawing = mirror(drawing)
    return render(vary(drawing, rng, STRENGTH), rng.uniform(*PEN))


def _arrays(part: str, images: list, labels) -> dict[str, np.ndarray]:
    stacked = np.array(images, np.uint8).reshape(-1, SIZE, SIZE)
    return {f"{part}_images": stacked, f"{part}_labels": np.array(labels, np.int64)}
