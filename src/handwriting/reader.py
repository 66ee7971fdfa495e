"""Which model reads which picture: one character, or a line of writing."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

import numpy as np

from handwriting.cards import list_models, read_card
from handwriting.errors import UserError
from handwriting.images import load, to_character_steps
from handwriting.images.sources import one_line
from handwriting.lines.decoding import Decoded
from handwriting.lines.normalise import LineView, view_line
from handwriting.lines.recognizer import LineRecognizer
from handwriting.recognizer import LONGEST_SIDE, CharacterRecognizer, Prediction

STDIN = "-"
AUTO = "auto"
# The most general first: what `--model auto` takes.
CHARACTER_MODELS = ("characters", "emnist_bymerge", "emnist_balanced", "mnist")
LINE_MODELS = ("lines",)
# How many pictures are prepared before the model runs; readings appear in these portions.
PORTION = 64
# Writing wider than this many times its height is no single character.
WIDEST_CHARACTER = 1.7


@dataclass(frozen=True)
class Reading:
    """One input and what became of it: a prediction, or the error as one line.

    Attributes:
        file: as the user named it.
        model: that read it.
        prediction: of a character or of a line; None if it could not be read.
        error: None if it could.
        image: (H, W) uint8, 0 = ink, as loaded.
        model_input: (28, 28, 1) float32, 1 = ink; of a line (height, W) uint8, 255 = ink.
        boxes: (x0, y0, x1, y1) of each word of a line, in pixels of `image`.
        remark: something the user should know about a picture that was read.
        view: of a line: what was cut out of the picture, and where.
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


class Reader:
    """Reads pictures with one model, or with the one that fits each of them.

    Args:
        model: a name in `saved_models/`, a path, or `auto`.

    Raises:
        UserError: no such model, or its files do not match its card.
    """

    def __init__(self, model: str = AUTO):
        self._auto = model == AUTO
        self._character_model, self._line_model = _choose() if self._auto else _assign(model)
        # One is loaded at once, so that what is wrong with it is said at once.
        _ = self.characters if self._character_model else self.lines

    @cached_property
    def characters(self) -> CharacterRecognizer:
        return CharacterRecognizer.load(self._character_model)

    @cached_property
    def lines(self) -> LineRecognizer:
        return LineRecognizer.load(self._line_model)

    def read_all(self, files: Iterable[str], top: int) -> Iterator[Reading]:
        """Read pictures in portions, in order; one that fails never stops the rest."""
        files = iter(files)
        while portion := [self._prepare(file) for file in islice(files, PORTION)]:
            yield from self._read(portion, top)

    def _read(self, portion: list[Reading], top: int) -> Iterator[Reading]:
        ready = [reading for reading in portion if reading.error is None]
        characters = [r.model_input for r in ready if r.model_input.ndim == 3]
        lines = [r.model_input for r in ready if r.model_input.ndim == 2]
        predictions = iter(
            self.characters.predict_inputs(np.stack(characters), top) if characters else ()
        )
        decoded = iter(self.lines.read(lines) if lines else ())
        for reading in portion:
            if reading.error is not None:
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

    def _prepare(self, file: str) -> Reading:
        name = one_line(file)
        try:
            image = load(sys.stdin.buffer if file == STDIN else file, max_side=self._longest_side)
            if self._character_model is None:
                return self._prepare_line(file, image)
            return self._prepare_character(file, image)
        except UserError as error:
            message = str(error)
            named = message.startswith(f"{name}: ")
            return Reading(file, error=message if named else f"{name}: {message}")

    @property
    def _longest_side(self) -> int | None:
        """A single character needs no more of a photo; a line may be long."""
        return None if self._line_model else LONGEST_SIDE

    def _prepare_line(self, file: str, image: np.ndarray) -> Reading:
        view = view_line(image)
        model_input = self.lines.to_input(view.image)
        return Reading(file, image=image, model_input=model_input, view=view)

    def _prepare_character(self, file: str, image: np.ndarray) -> Reading:
        steps = to_character_steps(image, self.characters.format)
        height, width = steps["crop"].shape
        remark = None
        if width > WIDEST_CHARACTER * height:
            if self._auto and self._line_model:
                return self._prepare_line(file, image)
            remark = (
                f"{one_line(file)}: looks like several characters; this model reads one at a time"
            )
        return Reading(file, image=image, model_input=steps["character"][..., None], remark=remark)


def _choose() -> tuple[str | None, str | None]:
    """Names of the character model and the line model that `auto` takes."""
    here = list_models()
    characters = next((name for name in CHARACTER_MODELS if name in here), None)
    lines = next((name for name in LINE_MODELS if name in here), None)
    return (characters, lines) if characters or lines else _assign(here[0] if here else AUTO)


def _assign(model: str) -> tuple[str | None, str | None]:
    return (None, model) if read_card(model).task == "lines" else (model, None)


def _within(box: tuple[int, int, int, int], image: np.ndarray) -> tuple[int, int, int, int]:
    height, width = image.shape
    x0, y0, x1, y1 = box
    return max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
