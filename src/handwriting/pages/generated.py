"""Pages drawn by a program, with their ground truth, in the files of the handwritten pages.

For tests and trials without a download. Lines of words are set in OpenCV's script fonts,
level but for a slope of the whole page. They are far easier than handwriting: scores on them
say that the code runs, nothing more.
"""

import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from handwriting.document import Block, Document, Line, Page, enclosing_box
from handwriting.export import export
from handwriting.lines.generated import FONTS, SENTENCES

# Folders of `data/pages`, the languages of their pages and how many there are by default.
PAGES = {"copiste": ("fr", 2), "hooker": ("en", 1)}
WIDTH, MARGIN, SPACING, LINES = 1000, 90, 56, 14  # pixels, and lines of a page
PAPER, INK, NOISE = 228, 55, 3.0
SIZE, ASCENDER, DESCENDER = 1.0, 24, 10  # of the font, and pixels above and below the baseline
SLOPE = 0.012  # of the lines, at most
_QUALITY = (cv2.IMWRITE_JPEG_QUALITY, 80)


def draw_page(language: str, seed, file: str = "") -> tuple[np.ndarray, Page]:
    """Some sentences on paper.

    Args:
        language: one of `lines.generated.SENTENCES`.
        seed: of everything left to chance.
        file: name of the picture.

    Returns:
        (H, W) uint8, dark ink; and what is written, with the place of every line.
    """
    rng = np.random.default_rng(seed)
    height = SPACING * (LINES + 3)
    sheet = np.full((height, WIDTH), PAPER, np.uint8)
    font, slope = FONTS[int(rng.integers(len(FONTS)))], rng.uniform(-SLOPE, SLOPE)
    words = _plain(" ".join(SENTENCES[language])).split()
    words = words[int(rng.integers(len(words))) :] + 2 * words
    lines = []
    for number in range(LINES):
        text, words = _fitting(words, font, WIDTH - 2 * MARGIN - 60 * rng.random())
        width = _width(text, font)
        cv2.putText(sheet, text, (MARGIN, SPACING * (number + 2)), font, SIZE, INK, 2, cv2.LINE_AA)
        lines.append(_line(text, SPACING * (number + 2), width, slope))
    shear = np.float32([[1, 0, 0], [slope, 1, 0]])
    sheet = cv2.warpAffine(sheet, shear, (WIDTH, height), borderValue=PAPER)
    noisy = sheet + rng.normal(0, NOISE, sheet.shape)
    block = Block(tuple(lines), enclosing_box(line.box for line in lines))
    page = Page(WIDTH, height, (block,), file, language=language)
    return np.clip(noisy, 0, 255).astype(np.uint8), page


def _fitting(words: list[str], font: int, room: float) -> tuple[str, list[str]]:
    """As many words as fit, and the rest."""
    count = 1
    while count < len(words) and _width(" ".join(words[: count + 1]), font) < room:
        count += 1
    return " ".join(words[:count]), words[count:]


def _width(text: str, font: int) -> int:
    return cv2.getTextSize(text, font, SIZE, 2)[0][0]


def _line(text: str, base: int, width: int, slope: float) -> Line:
    left, right = float(MARGIN), float(MARGIN + width)
    corners = [
        (x, base + slope * x + off)
        for off, ends in ((-ASCENDER, (left, right)), (DESCENDER, (right, left)))
        for x in ends
    ]
    tops = [y for _, y in corners]
    baseline = tuple((x, base + slope * x) for x in (left, right))
    box = (left, min(tops), right, max(tops))
    return Line(text, box, polygon=tuple(corners), baseline=baseline)


def _plain(text: str) -> str:
    """ASCII alone: what every version of OpenCV can draw."""
    return unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()


def write_generated_pages(folder: Path, seed: int = 0) -> None:
    """Write `pages/NAME/drawn_1.jpg`, its ALTO file and so on, and a table of their splits.

    Args:
        folder: a data folder, to be named in `HANDWRITING_DATA`. Never one with real data:
            files of the same names are overwritten.
    """
    root, rows = Path(folder) / "pages", ["| page | split |", "|---|---|"]
    for number, (name, (language, count)) in enumerate(PAGES.items()):
        (root / name).mkdir(parents=True, exist_ok=True)
        for page_number in range(1, count + 1):
            file = root / name / f"drawn_{page_number}.jpg"
            picture, page = draw_page(language, [seed, number, page_number], file.name)
            cv2.imwrite(str(file), picture, _QUALITY)
            truth = Document((page,), datetime(2000, 1, 1, tzinfo=UTC))
            export(truth, "alto", file.with_suffix(".xml"))
            rows.append(f"| {name}/{file.stem} | validation |")
    (root / "README.md").write_text("\n".join(rows) + "\n", encoding="utf-8")
