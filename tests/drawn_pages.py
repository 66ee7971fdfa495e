"""Whole pages drawn with a simple font, and tables to photograph them on, for tests."""

import cv2
import numpy as np

TEXT = (
    "the baker held a light before the old bridge until his brother led the goat back "
    "that day nobody had told the children where the blue kite fell behind the shed but "
    "all of them looked for it till the bells rang and the lamps were lit along the quay"
)
WORDS = TEXT.split()
FONT = cv2.FONT_HERSHEY_COMPLEX


def draw_full_page(lines=18, width=640, spacing=44, paper=225, ink=45, seed=0) -> np.ndarray:
    """A page of writing with margins: (H, W) uint8, dark ink."""
    rng = np.random.default_rng(seed)
    page = np.full((spacing * (lines + 3), width), paper, np.uint8)
    for number in range(lines):
        words = [WORDS[int(i)] for i in rng.integers(len(WORDS), size=20)]
        text = words.pop()
        while words and text_width(f"{text} {words[-1]}") < width - 110 - 90 * rng.random():
            text += f" {words.pop()}"
        y = spacing * (number + 2)
        cv2.putText(page, text, (50, y), FONT, 0.75, int(ink), 2, cv2.LINE_AA)
    return page


def text_width(text: str) -> int:
    return cv2.getTextSize(text, FONT, 0.75, 2)[0][0]


def rule(page: np.ndarray, spacing=44, shade=150, squared=False) -> np.ndarray:
    """The page on ruled or squared paper."""
    ruled = page.copy()
    ruled[spacing + 4 :: spacing] = np.minimum(ruled[spacing + 4 :: spacing], shade)
    if squared:
        ruled[:, 20::spacing] = np.minimum(ruled[:, 20::spacing], shade)
    return ruled


def place(page: np.ndarray, corners, size, ground=70) -> np.ndarray:
    """The page with its corners (4, 2) at these points of a plain table (width, height)."""
    height, width = page.shape
    own = np.float32([[0, 0], [width, 0], [width, height], [0, height]]) - 0.5
    matrix = cv2.getPerspectiveTransform(own, np.float32(corners))
    picture = np.full(size[::-1], ground, np.uint8)
    return cv2.warpPerspective(
        page, matrix, size, dst=picture, borderMode=cv2.BORDER_TRANSPARENT, flags=cv2.INTER_AREA
    )
