"""Lines that took minutes to cut are kept as one archive of pictures in `data/cache/`."""

import json
import os
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from handwriting.datasets.cache import Arrays, cached_arrays, fingerprint
from handwriting.lines.data import Line, LineData, LineSplit

# Raised with every change to what the readers, the cutting or `normalise_line` give.
VERSION = 1
FACTS = ("text", "source", "language", "writer", "page")


def cached_lines(
    path: Path, kind: str, files: Iterable[Path], build: Callable[[], LineData]
) -> LineData:
    """What `build` gives, from the cache where none of the files has changed since.

    Args:
        path: what the user named.
        kind: the format it was read as.
        files: all that the result depends on; name, size and time of change count.
    """
    path = path.resolve()
    key = fingerprint(VERSION, str(path), kind, [_state(file, path) for file in files])
    return from_arrays(cached_arrays("lines", key, lambda: to_arrays(build())))


def _state(file: Path, root: Path) -> tuple[str, int, int]:
    try:
        state = file.stat()
    except OSError:
        return str(file), -1, -1
    return os.path.relpath(file.resolve(), root), state.st_size, state.st_mtime_ns


def to_arrays(data: LineData) -> Arrays:
    """Line data as arrays without objects: pictures as PNG in one stream of bytes."""
    lines = [line for split in data.splits().values() for line in split]
    coded = [cv2.imencode(".png", line.image)[1].ravel() for line in lines]
    facts = {
        "name": data.name,
        "notes": data.notes,
        "counts": [len(split) for split in data.splits().values()],
        "lines": [[getattr(line, fact) for fact in FACTS] for line in lines],
    }
    return {
        "pictures": np.concatenate([np.zeros(0, np.uint8), *coded]),
        "ends": np.cumsum([0, *map(len, coded)]),
        "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
    }


def from_arrays(arrays: Arrays) -> LineData:
    facts = json.loads(arrays["facts"].tobytes())
    starts, pictures = arrays["ends"], arrays["pictures"]
    lines = [
        Line(cv2.imdecode(pictures[start:end], cv2.IMREAD_GRAYSCALE), *values)
        for (start, end), values in zip(pairwise(starts), facts["lines"], strict=True)
    ]
    ends = np.cumsum([0, *facts["counts"]])
    splits = (LineSplit(tuple(lines[a:b])) for a, b in pairwise(ends))
    return LineData(facts["name"], *splits, notes=tuple(facts["notes"]))
