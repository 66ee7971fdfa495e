"""What one visitor reads and corrects: pages, their pictures, and the texts as they are now."""

import base64
import io
import json
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from handwriting.app.readings import PageReading, changes, corrected_document
from handwriting.document import Box, Document, Line, mean_confidence, words_of
from handwriting.errors import UserError
from handwriting.export import EXPORTERS, export

# Longer side of the picture that goes to the browser, and its JPEG quality.
VIEW_SIDE, VIEW_QUALITY = 1600, 80
# Words below this probability of being right are marked.
DOUBTFUL = 0.6
LONGEST_LINE = 2000
FORMATS = ("text", "docx", "pdf", "alto", "json")


@dataclass
class Session:
    """One reading of some files.

    Attributes:
        folder: holds the pictures and what was made for downloading; removed by `close`.
        readings: of each page.
        texts: of each line of each page as they are now.
    """

    folder: Path
    readings: tuple[PageReading, ...]
    document: Document
    texts: list[list[str]] = field(default_factory=list)

    @property
    def plain_text(self) -> str:
        """All of it as corrected."""
        pages = corrected_document(self.document, self.texts).pages
        return "\n\n".join(page.text for page in pages)

    def edit(self, edits: str) -> None:
        """Take over what the browser shows: JSON {"page": number, "texts": [...]}.

        Anything that does not fit the page is left alone.
        """
        try:
            values = json.loads(edits or "{}")
            page, texts = values["page"], values["texts"]
            fits = isinstance(page, int) and len(texts) == len(self.texts[page])
        except (ValueError, TypeError, KeyError, IndexError, RecursionError):
            return
        if fits and page >= 0 and all(isinstance(text, str) for text in texts):
            self.texts[page] = [_one_line(text) for text in texts]

    def changed_lines(self, page: int) -> list[int]:
        """Numbers of the lines of a page whose text is another than was read."""
        return [c.line for c in changes(self.document, self.texts) if c.page == page]

    def view(self, page: int) -> dict:
        """What the browser needs to show a page: its picture, and its lines with their places."""
        reading = self.readings[page]
        picture, scale = _picture(reading)
        lines = zip(reading.page.lines, self.texts[page], strict=True)
        return {
            "page": page,
            "pages": len(self.readings),
            "picture": picture,
            "width": round(reading.page.width * scale),
            "height": round(reading.page.height * scale),
            "confidence": mean_confidence(reading.page.lines),
            "lines": [_line_view(line, text, scale) for line, text in lines],
        }

    def write(self, format: str) -> Path:
        """The document as corrected, as one file; several of one page each become a ZIP.

        Raises:
            UserError: no such format.
        """
        if format not in FORMATS:
            raise UserError(f"{format[:40]!a}: no such format; choose one of {', '.join(FORMATS)}")
        target = self.folder / "download"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        document = corrected_document(self.document, self.texts)
        options = {"images": [r.picture for r in self.readings]} if format == "pdf" else {}
        suffix = EXPORTERS[format].suffix
        files = export(document, format, target / f"handwriting{suffix}", **options)
        if len(files) == 1:
            return files[0]
        archive = self.folder / f"handwriting-{format}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
            for file in files:
                bundle.write(file, file.name)
        return archive

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def new_session(folder: Path, readings: Sequence[PageReading]) -> Session:
    """A session in which nothing was corrected yet."""
    first = readings[0]
    document = Document(
        tuple(reading.page for reading in readings),
        datetime.now(UTC),
        model=first.model,
        model_version=first.model_hash[:12],
    )
    texts = [[line.text for line in reading.page.lines] for reading in readings]
    return Session(folder, tuple(readings), document, texts)


def _one_line(text: str) -> str:
    return " ".join(text[:LONGEST_LINE].encode("utf-8", "ignore").decode().split())


def _picture(reading: PageReading) -> tuple[str, float]:
    """A data address of the picture as a browser shows it, and its scale."""
    with Image.open(reading.picture) as image:
        image.draft(image.mode, (VIEW_SIDE, VIEW_SIDE))
        image.thumbnail((VIEW_SIDE, VIEW_SIDE))
        buffer = io.BytesIO()
        image.save(buffer, format="JPEG", quality=VIEW_QUALITY)
        scale = image.width / reading.page.width
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}", scale


def _line_view(line: Line, text: str, scale: float) -> dict:
    x0, y0, x1, y1 = line.box
    outline = line.polygon or ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    words = [word for word in words_of(line) if _is_doubtful(word.confidence)]
    return {
        "text": text,
        "read": line.text,
        "confidence": line.confidence,
        "box": [round(side * scale, 1) for side in line.box],
        "outline": " ".join(f"{x * scale:.1f},{y * scale:.1f}" for x, y in outline),
        "doubtful": [
            {
                "text": word.text,
                "box": [round(side * scale, 1) for side in _within(word.box, line.box)],
                "others": [other for other, _ in word.alternatives[:4] if other],
            }
            for word in words
        ],
    }


def _within(box: Box, line: Box) -> Box:
    """A word's box no higher than its line: one that reaches into the next hides it."""
    x0, y0, x1, y1 = box
    return x0, max(y0, line[1]), x1, min(y1, line[3])


def _is_doubtful(confidence: float | None) -> bool:
    return confidence is not None and confidence < DOUBTFUL
