"""Recognition as the application needs it, without a web framework.

A `Service` lives in a process of its own (see `workers`): whatever a picture does to a
decoder, the server goes on.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from handwriting.app.limits import Limits
from handwriting.app.models import DEFAULT_MODEL, LINE_MODEL, character_models
from handwriting.app.pictures import Sheet, count_sheets, open_sheet
from handwriting.app.readings import CharacterReading, PageReading
from handwriting.cards import ModelCard
from handwriting.document import Block, Line, Page, Word, bounding_box
from handwriting.errors import UserError
from handwriting.finetune.versions import root_name
from handwriting.images import load, shrink, to_character_steps
from handwriting.layout import find_lines
from handwriting.lines.cutting import cut_page
from handwriting.lines.normalise import view_line
from handwriting.lines.outlines import Outline
from handwriting.lines.recognizer import LineRecognizer
from handwriting.page_reader import PageReader
from handwriting.recognizer import LONGEST_SIDE, CharacterRecognizer

# Longer side of the picture of a character that goes with a correction.
KEPT_SIDE = 400
JPEG_QUALITY = 92
# A picture this many times wider than high is a line, whatever the layout says.
WIDE = 7.0
AUTO, LINE, PAGE = "auto", "line", "page"
LINE_NAME = "the picture"


class Service:
    """Reads characters, lines and pages; loads each model when it is first asked for.

    Args:
        load_characters: from a model's name to a `CharacterRecognizer` or the like.
        load_lines: from a model's name to a `LineRecognizer` or the like.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        load_characters: Callable = CharacterRecognizer.load,
        load_lines: Callable = LineRecognizer.load,
    ):
        self.limits = limits or Limits()
        self._load = {"characters": load_characters, "lines": load_lines}
        self._loaded: dict[str, object] = {}

    def prepare(self, models: Sequence[str]) -> list[str]:
        """Load models ahead of the first request."""
        for name in models:
            self._recognizer(name, "lines" if root_name(name) == LINE_MODEL else "characters")
        return list(self._loaded)

    def character(self, data: bytes, model: str = DEFAULT_MODEL, top: int = 5) -> CharacterReading:
        """Read one character.

        Args:
            data: of a picture file.

        Raises:
            UserError: no picture, no writing in it, no such model, beyond a limit.
        """
        self.limits.check_picture(data, LINE_NAME)
        if model not in character_models():
            names = ", ".join(character_models())
            raise UserError(f"{model[:40]!a}: no such model; choose one of {names}")
        recognizer = self._recognizer(model, "characters")
        image = load(data, max_side=LONGEST_SIDE)
        seen = to_character_steps(image, recognizer.format)["character"]
        count = min(max(int(top), 1), len(recognizer.classes))
        (found,) = recognizer.predict_inputs(seen[None, ..., None], count)
        return CharacterReading(
            found.text,
            found.confidence,
            found.top,
            model,
            _hash(recognizer.card),
            np.rint(seen * 255).astype(np.uint8),
            shrink(image, KEPT_SIDE),
        )

    def count(self, path: Path, name: str) -> int:
        """How many pages a file holds.

        Raises:
            UserError: it cannot be read, or holds too many.
        """
        self.limits.check_bytes(path.stat().st_size, name)
        count = count_sheets(path, name)
        self.limits.check_pages(count)
        return count

    def page(
        self,
        path: Path,
        index: int,
        folder: Path,
        number: int = 1,
        mode: str = AUTO,
        name: str = "",
        model: str = LINE_MODEL,
    ) -> PageReading:
        """Read one page of a file and leave a picture of it in `folder`.

        Args:
            index: of the page in the file, from 0.
            number: of the page in the document, from 1.
            mode: `auto`, `line` for a picture of one line, or `page`.
            name: of the file, for messages and the document.
            model: of lines, or a version of it.

        Raises:
            UserError: it cannot be read, or is beyond a limit.
        """
        recognizer = self._recognizer(model, "lines")
        sheet = open_sheet(path, index, name, self.limits)
        page = self._read(
            sheet, recognizer, mode, {"file": name, "number": number, "dpi": sheet.dpi}
        )
        picture = Path(folder) / f"{number}.jpg"
        sheet.picture.save(picture, quality=JPEG_QUALITY)
        return PageReading(page, picture, recognizer.card.name, _hash(recognizer.card))

    def cut(self, picture: Path, lines: Sequence[Line]) -> list[np.ndarray | None]:
        """Lines of a page as the line model reads them: (64, W) uint8, None where there is none."""
        image = load(picture)
        if len(lines) == 1 and not lines[0].polygon:
            return [view_line(image).image]
        outlines = [Outline(np.array(line.polygon), np.array(line.baseline)) for line in lines]
        return [line.image if line else None for line in cut_page(image, outlines)]

    def _read(self, sheet: Sheet, recognizer, mode: str, about: dict) -> Page:
        height, width = sheet.image.shape
        if mode == LINE or (mode == AUTO and width > WIDE * height):
            return _read_line(sheet.image, recognizer, about)
        layout = find_lines(sheet.image)
        if mode == AUTO and len(layout.lines) <= 1:
            return _read_line(sheet.image, recognizer, about)
        return PageReader(recognizer).read(sheet.image, layout, **about)

    def _recognizer(self, name: str, task: str):
        if name not in self._loaded:
            recognizer = self._load[task](name)
            # One version of a model at a time: another takes the place of the last.
            for other in [other for other in self._loaded if root_name(other) == root_name(name)]:
                del self._loaded[other]
            self._loaded[name] = recognizer
        return self._loaded[name]


def _read_line(image: np.ndarray, recognizer, about: dict) -> Page:
    """A page of one line, which fills the picture."""
    height, width = image.shape
    view = view_line(image)
    (decoded,) = recognizer.read([recognizer.to_input(view.image)])
    boxes = [_inside(box, width, height) for box in recognizer.word_boxes(decoded, view)]
    words = tuple(
        Word(word.text, box, word.confidence, word.alternatives)
        for word, box in zip(decoded.words, boxes, strict=True)
    )
    box = _inside(view.box(0, view.image.shape[1]), width, height)
    if not decoded.text:
        return Page(width, height, (), **about)
    line = Line(decoded.text, box, decoded.confidence, words)
    return Page(width, height, (Block((line,), box),), **about)


def _inside(box, width: int, height: int) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    corners = [(min(max(x, 0), width), min(max(y, 0), height)) for x, y in ((x0, y0), (x1, y1))]
    return bounding_box(corners)


def _hash(card: ModelCard) -> str:
    return card.files.get(f"{card.name}.onnx", "")
