"""From a picture of one line and its text to an entry of a collection."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from handwriting.errors import UserError
from handwriting.lines.data import PAPER, Line
from handwriting.lines.normalise import normalise_line
from handwriting.lines.readers.collect import Collection


@dataclass(frozen=True)
class Labelled:
    """A picture of one line that is not loaded yet, with what is known of it."""

    image: Path
    text: str
    group: str = ""
    split: str = ""
    language: str = ""
    writer: str = ""
    page: str = ""


def add_line_images(collection: Collection, items: Iterable[Labelled], root: Path) -> None:
    """Load and normalise pictures of lines; those that cannot be read are counted."""
    items = list(items)
    for item in tqdm(items, desc=collection.name, unit="line", disable=not sys.stderr.isatty()):
        where = relative(item.image, root)
        if not item.text.strip():
            collection.skip("no text", where)
            continue
        try:
            image = normalise_line(item.image)
        except UserError as error:
            collection.skip("picture cannot be read", error)
            continue
        if np.all(image == PAPER):
            collection.skip("blank picture", where)
            continue
        line = Line(image, item.text, "", item.language, item.writer, item.page)
        collection.add(line, item.group, item.split, where)


def relative(file: Path, root: Path) -> str:
    """A file's name as the user knows it: from the folder that was named."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name
