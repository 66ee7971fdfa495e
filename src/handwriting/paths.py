"""Every folder of the project, in one place.

`HANDWRITING_DATA`, `HANDWRITING_MODELS` and `HANDWRITING_OUTPUTS` name other folders;
they are read at each call, so a test or a notebook can change them.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _folder(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or ROOT / default).expanduser().resolve()


def data_dir() -> Path:
    """Data sets as published: read, never changed. Default `data/`."""
    return _folder("HANDWRITING_DATA", "data")


def cache_dir() -> Path:
    """Things made from the data that can be made again. Default `data/cache/`."""
    return _folder("HANDWRITING_CACHE", "data/cache")


def models_dir() -> Path:
    """`NAME.h5`, `NAME.onnx`, `NAME.json`. Default `saved_models/`."""
    return _folder("HANDWRITING_MODELS", "saved_models")


def outputs_dir() -> Path:
    """`results.csv`, `figures/`, `prediction_visuals/`. Default `outputs/`."""
    return _folder("HANDWRITING_OUTPUTS", "outputs")


def results_file() -> Path:
    return outputs_dir() / "results.csv"


def figures_dir() -> Path:
    return outputs_dir() / "figures"


def checkpoints_dir() -> Path:
    """State of unfinished training runs, ignored by git."""
    return outputs_dir() / "checkpoints"
