"""Tables of what is in the data sets."""

import tomllib
from collections.abc import Iterable

import numpy as np
import pandas as pd

from handwriting import paths
from handwriting.datasets.base import CharacterData, Split

# Data sets that are put together here, and the entries of `datasets.toml` behind them.
MADE_FROM = {
    "emoji": ("quickdraw",),
    "characters": ("emnist", "quickdraw"),
    "kaggle_characters_standin": ("emnist",),
}


def summarise(data: CharacterData) -> pd.DataFrame:
    """One row for each class.

    Returns:
        Indexed by class: images in train, validation and test, `share` of the training
        images, and `imbalance`, how many times more the largest class has in train
        (infinite for a class without training images).
    """
    table = pd.DataFrame(
        {name: class_counts(split, data.classes) for name, split in data.splits().items()},
        index=pd.Index(data.classes, name="class"),
    )
    table["share"] = table["train"] / max(1, table["train"].sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        table["imbalance"] = table["train"].max() / table["train"].to_numpy(float)
    return table


def overview(data_sets: Iterable[CharacterData]) -> pd.DataFrame:
    """One row for each data set.

    Returns:
        Indexed by name: classes, images in each split, `imbalance` (largest class over
        smallest, in train), `mean` (training pixels, 0 = paper, 1 = ink), `licence` from
        `data/datasets.toml`, and the notes.
    """
    licences = _licences()
    rows = [_overview_row(data, licences) for data in data_sets]
    return pd.DataFrame(rows).set_index("data set") if rows else pd.DataFrame()


def class_counts(split: Split, classes: tuple[str, ...]) -> np.ndarray:
    """(C,) int64, the number of images of each class."""
    return np.bincount(split.labels, minlength=len(classes)).astype(np.int64)


def _overview_row(data: CharacterData, licences: dict[str, str]) -> dict:
    counts = class_counts(data.train, data.classes)
    pixels = data.train.images
    return {
        "data set": data.name,
        "classes": len(data.classes),
        **{name: len(split) for name, split in data.splits().items()},
        "imbalance": counts.max() / counts.min() if counts.min() else np.inf,
        "mean": float(pixels.mean()) / 255 if pixels.size else np.nan,
        "licence": _licence(data.name, licences),
        "notes": "; ".join(data.notes),
    }


def _licence(name: str, licences: dict[str, str]) -> str:
    """The licences of what a data set is made from, each once."""
    found = []
    for source in MADE_FROM.get(name, (name,)):
        matching = [key for key in licences if source.startswith(key.replace("-", "_"))]
        found += [licences[max(matching, key=len)]] if matching else []
    return "; ".join(dict.fromkeys(found))


def _licences() -> dict[str, str]:
    file = paths.ROOT / "data" / "datasets.toml"
    if not file.is_file():
        return {}
    entries = tomllib.loads(file.read_text(encoding="utf-8"))
    # Entries may be grouped: [datasets.mnist] as well as [mnist].
    tables = {key: value for key, value in entries.items() if isinstance(value, dict)}
    for value in list(tables.values()):
        tables |= {key: inner for key, inner in value.items() if isinstance(inner, dict)}
    return {key: str(value["licence"]) for key, value in tables.items() if "licence" in value}
