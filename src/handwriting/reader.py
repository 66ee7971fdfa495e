"""Which model reads which picture: one character, a line of writing, or a page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from handwriting.document import Page
from handwriting.errors import UserError
from handwriting.images import to_character_steps
from handwriting.images.sources import one_line
from handwriting.lines.decoding import Decoded
from handwriting.lines.normalise import LineView, view_line
from handwriting.lines.recognizer import LineRecognizer
from handwriting.model_choice import AUTO, PAGES, choose_models, is_for_pages
from handwriting.pages.selection import ALL, Ranges
from handwriting.pages.sources import STDIN, PageSource, open_pages
from handwriting.recognizer import LONGEST_SIDE, CharacterRecognizer, Prediction

__all__ = ["AUTO", "PAGES", "STDIN", "Reader", "Reading"]

# How many pictures, and pixels of them, are prepared before the model runs; readings appear
# in these portions. A page is read by itself.
PORTION = 64
PORTION_PIXELS = 8_000_000
# Writing wider than this many times its height is no single character.
WIDEST_CHARACTER = 1.7
# A picture without writing is a blank page from this size on, and else a mistake.
BLANK_PAGE_SIDE = 600


@dataclass(frozen=True)
class Reading:
    """One picture and what became of it: what was read, or the error as one line.

    Attributes:
        file: as the user named it.
        model: that read it.
        prediction: of a character or of a line; None if it could not be read, or is a page.
        error: None if it could.
        image: (H, W) uint8, 0 = ink, as loaded.
        model_input: (28, 28, 1) float32, 1 = ink; of a line (height, W) uint8, 255 = ink.
        boxes: (x0, y0, x1, y1) of each word of a line, in pixels of `image`.
        remark: something the user should know about a picture that was read.
        view: of a line: what was cut out of the picture, and where.
        page: of a page: its lines.
        number, frame, dpi: see `PageSource`.
    """

    file: str
    model: str = ""
    prediction: Prediction | Decoded | None = None
    error: str | None = None
    image: np.ndarray | None = None
    model_input: np.ndarray | None = None
    boxes: tuple[tuple[int, int, int, int], ...] = ()
    remark: str | None = None
    view: LineView | None = None
    page: Page | None = None
    number: int = 1
    frame: int = 0
    dpi: float | None = None

    @property
    def text(self) -> str:
        return self.page.text if self.page else self.prediction.text

    @property
    def is_pending(self) -> bool:
        """Whether a model has still to see it."""
        return self.error is None and self.prediction is None and self.page is None


class Reader:
    """Reads pictures with one model, or with the one that fits each of them.

    Args:
        model: a name in `saved_models/`, a path, `auto`, or `pages` to take every picture
            for a page, which `pages:NAME` does with a line model by name or path.
        language_model: whether lines are read with the one that comes with the model.
        threads: that read lines side by side; 0 = one a core.

    Raises:
        UserError: no such model, or its files do not match its card.
    """

    def __init__(self, model: str = AUTO, language_model: bool = True, threads: int = 0):
        self._auto, self._only_pages = model == AUTO, is_for_pages(model)
        self._language_model, self._threads = language_model, threads
        self._character_model, self._line_model = choose_models(model)
        # One is loaded at once, so that what is wrong with it is said at once.
        _ = self.characters if self._character_model else self.lines

    @cached_property
    def characters(self) -> CharacterRecognizer:
        return CharacterRecognizer.load(self._character_model)

    @cached_property
    def lines(self) -> LineRecognizer:
        return LineRecognizer.load(self._line_model, self._threads, self._language_model)

    @cached_property
    def pages(self):
        """The `PageReader`."""
        from handwriting.cleanup import clean_page  # takes a while, and only pages need it
        from handwriting.page_reader import PageReader

        return PageReader(self.lines, clean_page)

    @property
    def models(self) -> tuple[str, ...]:
        """Names or paths of the models that may be used."""
        return tuple(model for model in (self._character_model, self._line_model) if model)

    def read_all(self, files: Iterable[str], top: int, pages: Ranges = ALL) -> Iterator[Reading]:
        """Read all pages of files, in order; one that fails never stops the rest."""
        max_side = None if self._line_model else LONGEST_SIDE
        sources = (source for file in files for source in open_pages(file, pages, max_side))
        return self.read_sources(sources, top)

    def read_sources(self, sources: Iterable[PageSource], top: int) -> Iterator[Reading]:
        """Read pictures, in order.

        Args:
            top: how many classes of a character to name.
        """
        portion: list[Reading] = []
        for source in sources:
            if source.error is not None:
                portion.append(Reading(source.file, error=source.error, number=source.number))
            elif self._is_page(source.image):
                yield from self._read(portion, top)
                portion = []
                yield self._read_page(source)
            else:
                portion.append(self._prepare(source))
            pixels = sum(reading.image.size for reading in portion if reading.image is not None)
            if len(portion) == PORTION or pixels > PORTION_PIXELS:
                yield from self._read(portion, top)
                portion = []
        yield from self._read(portion, top)

    def _is_page(self, image: np.ndarray) -> bool:
        if self._only_pages or not (self._auto and self._line_model):
            return self._only_pages
        from handwriting.pages.kind import may_be_page, shows_page  # slow only where needed

        return may_be_page(image) and shows_page(image)

    def _read(self, portion: list[Reading], top: int) -> Iterator[Reading]:
        ready = [reading for reading in portion if reading.is_pending]
        characters = [r.model_input for r in ready if r.model_input.ndim == 3]
        lines = [r.model_input for r in ready if r.model_input.ndim == 2]
        predictions = iter(
            self.characters.predict_inputs(np.stack(characters), top) if characters else ()
        )
        decoded = iter(self.lines.read(lines) if lines else ())
        for reading in portion:
            if not reading.is_pending:
                yield reading
            elif reading.model_input.ndim == 3:
                model = self.characters.card.name
                yield replace(reading, model=model, prediction=next(predictions))
            else:
                yield self._line_reading(reading, next(decoded))

    def _line_reading(self, reading: Reading, decoded: Decoded) -> Reading:
        boxes = [
            _within(box, reading.image) for box in self.lines.word_boxes(decoded, reading.view)
        ]
        model = self.lines.card.name
        return replace(reading, model=model, prediction=decoded, boxes=tuple(boxes))

    def _prepare(self, source: PageSource) -> Reading:
        reading = _reading(source)
        try:
            if self._character_model is None:
                return self._prepare_line(reading)
            return self._prepare_character(reading)
        except UserError as error:
            if self._auto and self._line_model and min(source.image.shape) >= BLANK_PAGE_SIDE:
                return self._read_page(source)
            return replace(reading, image=None, error=f"{one_line(source.file)}: {error}")

    def _prepare_line(self, reading: Reading) -> Reading:
        view = view_line(reading.image)
        return replace(reading, model_input=self.lines.to_input(view.image), view=view)

    def _prepare_character(self, reading: Reading) -> Reading:
        steps = to_character_steps(reading.image, self.characters.format)
        height, width = steps["crop"].shape
        remark = None
        if width > WIDEST_CHARACTER * height:
            if self._auto and self._line_model:
                return self._prepare_line(reading)
            name = one_line(reading.file)
            remark = f"{name}: looks like several characters; this model reads one at a time"
        return replace(reading, model_input=steps["character"][..., None], remark=remark)

    def _read_page(self, source: PageSource) -> Reading:
        about = {"file": source.file, "number": source.number, "frame": source.frame}
        try:
            page = self.pages.read(source.image, dpi=source.dpi, **about)
        except MemoryError:
            cause = "not enough memory for this page; make it smaller"
        except Exception as error:
            # One odd page among a thousand must not stop the others.
            cause = f"cannot be read ({type(error).__name__}: {error})"
        else:
            where = f"{one_line(source.file)}: page {source.number}: "
            remark = where + "; ".join(page.notes) if page.notes else None
            model = self.lines.card.name
            return replace(_reading(source), model=model, page=page, remark=remark)
        error = one_line(f"{one_line(source.file)}: page {source.number}: {cause}")
        return Reading(source.file, error=error, number=source.number)


def _reading(source: PageSource) -> Reading:
    about = {"number": source.number, "frame": source.frame, "dpi": source.dpi}
    return Reading(source.file, image=source.image, **about)


def _within(box: tuple[int, int, int, int], image: np.ndarray) -> tuple[int, int, int, int]:
    height, width = image.shape
    x0, y0, x1, y1 = box
    return max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
