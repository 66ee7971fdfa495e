"""What one request may ask for, and the messages of those that ask for more."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from handwriting.errors import UserError
from handwriting.images.sources import fail

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Limits on one request.

    Attributes:
        megabytes: of one file.
        megapixels: of one picture or page.
        pages, files: of one reading.
        seconds: for one page; its process is ended then.
        character_seconds: for one character.
        waiting: how many page readings may wait their turn.
    """

    megabytes: int = 20
    megapixels: int = 50
    pages: int = 50
    files: int = 20
    seconds: int = 120
    character_seconds: int = 10
    waiting: int = 50

    @property
    def bytes(self) -> int:
        return self.megabytes * MEGABYTE

    def check_bytes(self, count: int, name: str) -> None:
        """Refuse a file that is empty or too big, by its number of bytes."""
        if not count:
            raise fail(name, "the file is empty", "choose another")
        if count > self.bytes:
            size = f"{count / MEGABYTE:.1f} MB are too many"
            raise fail(name, size, f"at most {self.megabytes} MB; save it smaller or as JPEG")

    def check_size(self, width: int, height: int, name: str) -> None:
        """Refuse a picture with too many pixels."""
        if width * height > self.megapixels * 1_000_000:
            cause = f"{width:,} × {height:,} pixels are too many"
            raise fail(name, cause, f"at most {self.megapixels} million; make it smaller")

    def check_picture(self, data: bytes, name: str) -> None:
        """Refuse a picture by its bytes and by the size in its header, before it is decoded.

        What is no picture at all passes: reading it says what is wrong.
        """
        self.check_bytes(len(data), name)
        try:
            with Image.open(io.BytesIO(data)) as image:
                size = image.size
        except Exception:  # Pillow raises nearly anything on damaged files
            return
        self.check_size(*size, name)

    def check_files(self, count: int) -> None:
        if count > self.files:
            raise UserError(f"{count} files are too many at once; choose at most {self.files}")

    def check_pages(self, count: int) -> None:
        if count > self.pages:
            raise UserError(f"{count} pages are too many at once; at most {self.pages} are read")


def read_upload(path: str | Path, folder: Path, limits: Limits, name: str) -> bytes:
    """The bytes of an uploaded file.

    Args:
        path: as the web framework hands it over.
        folder: of the uploads; nothing outside it is opened, by way of a link either.
        name: for messages; never used as a path.

    Raises:
        UserError: not in the folder, no plain file, empty or too big.
    """
    real = Path(path).resolve()
    if not real.is_relative_to(folder.resolve()) or not real.is_file() or Path(path).is_symlink():
        raise fail(name, "was not uploaded here", "upload the file again")
    limits.check_bytes(real.stat().st_size, name)
    return real.read_bytes()
