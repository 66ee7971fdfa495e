"""Pictures of writing drawn with a simple font, and files of them, for tests of lines."""

import cv2
import numpy as np

FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_line(text="handy grip", scale=1.0, ink=40, paper=235, size=None) -> np.ndarray:
    """Text on a sheet of its own: (H, W) uint8, or with `size` (width, height)."""
    (width, height), below = cv2.getTextSize(text, FONT, scale, 2)
    width, height = size or (width + 20, height + below + 20)
    sheet = np.full((height, width), paper, np.uint8)
    cv2.putText(sheet, text, (10, height - below - 10), FONT, scale, int(ink), 2, cv2.LINE_AA)
    return sheet


def draw_page(texts, spacing=70, width=700, ink=40, paper=225):
    """A page of lines: (H, W) uint8, polygons (4, 2) and baselines (2, 2) of its lines."""
    page = np.full((spacing * (len(texts) + 1), width), paper, np.uint8)
    polygons, baselines = [], []
    for number, text in enumerate(texts, 1):
        y, right = number * spacing, 40 + cv2.getTextSize(text, FONT, 1, 2)[0][0]
        cv2.putText(page, text, (40, y), FONT, 1, int(ink), 2, cv2.LINE_AA)
        corners = [[34, y - 28], [right + 6, y - 28], [right + 6, y + 14], [34, y + 14]]
        polygons.append(np.array(corners, float))
        baselines.append(np.array([[40, y], [right, y]], float))
    return page, polygons, baselines


def ink_height(line: np.ndarray) -> int:
    """Rows between the first and the last with ink."""
    rows = np.flatnonzero((line < 170).any(axis=1))
    return int(rows[-1] - rows[0] + 1)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two lines, the second stretched to the width of the first."""
    other = cv2.resize(other, one.shape[::-1], interpolation=cv2.INTER_AREA)
    soft = [cv2.GaussianBlur(line, (0, 0), 1.5).ravel() for line in (one, other)]
    return float(np.corrcoef(*soft)[0, 1])


def save(file, picture=None):
    file.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(file), draw_line("salt") if picture is None else picture)


def write(file, text, encoding="utf-8"):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))


def texts(data) -> list[str]:
    return sorted(text for split in data.splits().values() for text in split.texts)
