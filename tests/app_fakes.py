"""Recognition for tests of the application: answers at once, and always the same."""

from pathlib import Path

import numpy as np
from documents import make_block, make_line, make_page
from PIL import Image

from handwriting.app.readings import CharacterReading, PageReading
from handwriting.errors import UserError

MODELS = ("characters", "mnist")
TEXTS = ("the tide turns", "at five & a bit")


class FakeService:
    """Has the methods of `service.Service`.

    Attributes:
        pages: how many every file holds.
        calls: names of the methods called.
        asked: the models that were asked for.
    """

    def __init__(self, pages: int = 1):
        self.pages = pages
        self.calls: list[str] = []
        self.asked: list[str] = []

    def character(self, data: bytes, model: str, top: int = 5) -> CharacterReading:
        self.calls.append("character")
        self.asked.append(model)
        if not data.startswith(b"\x89PNG"):
            raise UserError("the picture: is not an image; save it as PNG")
        seen = np.zeros((28, 28), np.uint8)
        seen[4:24, 12:16] = 255
        ranked = (("1", 0.9), ("<b>7</b>", 0.06), ("l", 0.04))[:top]
        return CharacterReading("1", 0.9, ranked, model, "ab12", seen, 255 - seen)

    def count(self, path: Path, name: str) -> int:
        self.calls.append("count")
        if path.read_bytes()[:4] == b"bad!":
            raise UserError(f"{name}: is not an image; save it as PNG")
        return self.pages

    def page(self, path, index, folder, number=1, mode="auto", name="", model="lines"):
        self.calls.append("page")
        self.asked.append(model)
        first, second = (make_line(text, y=40 + 40 * n) for n, text in enumerate(TEXTS))
        page = make_page(make_block(first, second), file=name, number=number)
        picture = Path(folder) / f"{number}.jpg"
        Image.new("L", (page.width, page.height), 220).save(picture)
        return PageReading(page, picture, model, "cd34")

    def cut(self, picture, lines) -> list[np.ndarray]:
        self.calls.append("cut")
        return [np.full((64, 80 + 8 * n), 235 - n, np.uint8) for n, _ in enumerate(lines)]

    def stop(self) -> None:
        pass


def png(width: int = 20, height: int = 30) -> bytes:
    """A small grey PNG."""
    import io

    stream = io.BytesIO()
    Image.new("L", (width, height), 200).save(stream, format="PNG")
    return stream.getvalue()
