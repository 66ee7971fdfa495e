"""What is kept of a reading once its picture is let go: small, and the same from any process."""

from dataclasses import asdict, dataclass
from typing import Any

from handwriting.document import Block, Character, Line, Page, Word
from handwriting.reader import Reading
from handwriting.recognizer import Prediction


@dataclass(frozen=True)
class Outcome:
    """One picture: its page, or the error as one line.

    Attributes:
        file: as the user named it.
        number: of the page in the file, from 1.
        error: None if it was read.
        page: what was read; characters and lines are pages of one line.
        model: that read it.
        top: classes of a character with their probabilities; None of lines and pages.
        is_page: whether it was read as a page, not as one line or character.
        remark: something the user should know.
        visuals: names of the pictures that show the reading.
    """

    file: str
    number: int = 1
    error: str | None = None
    page: Page | None = None
    model: str = ""
    top: tuple[tuple[str, float], ...] | None = None
    is_page: bool = False
    remark: str | None = None
    visuals: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.page.text

    def to_dict(self) -> dict[str, Any]:
        """For JSON; `from_dict` takes it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Outcome":
        """From what JSON made of `to_dict`.

        Raises:
            KeyError, TypeError: it is something else.
        """
        page = values["page"]
        top = values["top"]
        values = values | {
            "page": page and _page(page),
            "visuals": tuple(values["visuals"]),
            "top": top if top is None else tuple((text, p) for text, p in top),
        }
        return cls(**values)


def outcome_of(reading: Reading, visuals: tuple[str, ...] = ()) -> Outcome:
    """What is kept of a reading."""
    if reading.error is not None:
        return Outcome(reading.file, reading.number, reading.error)
    is_character = isinstance(reading.prediction, Prediction)
    return Outcome(
        reading.file,
        reading.number,
        page=reading.page or _page_of_line(reading),
        model=reading.model,
        top=reading.prediction.top if is_character else None,
        is_page=reading.page is not None,
        remark=reading.remark,
        visuals=visuals,
    )


def _page_of_line(reading: Reading) -> Page:
    """A page of one line, which fills it."""
    height, width = reading.image.shape
    box = (0.0, 0.0, float(width), float(height))
    prediction = reading.prediction
    if isinstance(prediction, Prediction):
        word = Word(prediction.text, box, prediction.confidence, tuple(prediction.top[1:]))
        words = (word,)
    else:
        words = tuple(
            Word(word.text, tuple(map(float, place)), word.confidence, tuple(word.alternatives))
            for word, place in zip(prediction.words, reading.boxes, strict=True)
        )
    line = Line(prediction.text, box, prediction.confidence, words)
    about = {"number": reading.number, "frame": reading.frame, "dpi": reading.dpi}
    return Page(width, height, (Block((line,), box),), reading.file, **about)


def _page(values: dict[str, Any]) -> Page:
    blocks = tuple(
        Block(tuple(map(_line, block["lines"])), tuple(block["box"]), block["kind"])
        for block in values["blocks"]
    )
    return Page(**values | {"blocks": blocks, "notes": tuple(values["notes"])})


def _line(values: dict[str, Any]) -> Line:
    places = {name: _points(values[name]) for name in ("polygon", "baseline")}
    words = tuple(map(_word, values["words"]))
    return Line(**values | {"box": tuple(values["box"]), "words": words} | places)


def _word(values: dict[str, Any]) -> Word:
    characters = tuple(
        Character(c["text"], tuple(c["box"]), c["confidence"]) for c in values["characters"]
    )
    return Word(
        values["text"],
        tuple(values["box"]),
        values["confidence"],
        tuple((text, p) for text, p in values["alternatives"]),
        characters,
        _points(values["baseline"]),
    )


def _points(values) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y in values)
