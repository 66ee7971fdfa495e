"""Grey levels and frame that every stored line shares, cut from a page or given as a picture."""

import cv2
import numpy as np

from handwriting.lines.data import LINE_HEIGHT, PAPER

MARGIN = 0.045  # of the height, above and below the writing
END_MARGIN = 0.12  # of the height, to the left and to the right
# Ink and paper differ by at least this; faint writing is strengthened, but not without bound.
CONTRAST = 110
MOST_GAIN = 2.5
# Wider lines are squeezed: OpenCV turns and bends pictures of up to 32,767 columns.
WIDEST = 32_000
# Paper with nothing darker on it than this is blank.
FAINTEST = 14
DARK = 0.4  # of the contrast between paper and ink: what is darker is ink
PAPER_SHARE = 0.85  # of the pixels are darker than what counts as paper: it has texture, too
INK_SHARE = 0.01  # of the pixels are darker than what counts as ink
OUTLIERS = 0.0035  # of the ink may stick out above, and as much below
BANDS = 3  # rows of tiles: a shadow's edge may run along a line
TILE = 16  # samples a side in which the paper is looked for
MOST_TILES = 400  # along a line


def flatten_paper(gray: np.ndarray, inside: np.ndarray | None = None, bands: int = BANDS):
    """Divide by the paper's grey along the line, so that it becomes `PAPER` everywhere.

    Args:
        gray: (h, w) uint8, dark ink.
        inside: (h, w) bool, where the paper is looked for; None for everywhere.
        bands: rows of tiles in which it is measured.

    Returns:
        (h, w) uint8.
    """
    height, width = gray.shape
    count = max(1, min(round(2 * width / height), MOST_TILES))
    size = count * TILE, bands * TILE
    sample = cv2.resize(gray, size, interpolation=cv2.INTER_NEAREST)
    if inside is None:
        valid = np.ones(sample.shape, bool)
    else:
        valid = cv2.resize(inside.view(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    paper = _paper_levels(sample, valid, bands, count)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(gray.astype(np.float32), np.maximum(paper, 8), scale=PAPER, dtype=cv2.CV_8U)


def _paper_levels(sample, valid, bands: int, count: int) -> np.ndarray:
    """Grey of the paper in each tile of a sample, (bands, count) float32."""
    along = _fill_gaps(*_tile_levels(sample, valid, 1, count))
    if bands > 1:
        levels, known = _tile_levels(sample, valid, bands, count)
        along = np.where(known, levels, along)
    padded = np.pad(along, ((0, 0), (1, 1)), mode="edge")
    # A tile full of ink must not pass for dark paper, nor a bright spot for all of it.
    return np.median([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], axis=0)


def _tile_levels(sample, valid, bands: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Bright percentile of each tile, (bands, count) float32, and which tiles hold enough."""

    def tiles(pixels):
        split = pixels.reshape(bands, -1, count, TILE).swapaxes(1, 2)
        return split.reshape(bands, count, -1)

    pixels = np.sort(tiles(np.where(valid, sample, 0)), axis=2)
    total, number = pixels.shape[2], tiles(valid).sum(axis=2)
    place = total - 1 - np.rint((1 - PAPER_SHARE) * number).astype(int)
    levels = np.take_along_axis(pixels, place.clip(0)[..., None], axis=2)[..., 0]
    return levels.astype(np.float32), number > total // 12


def _fill_gaps(levels: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Levels (1, count), those of empty tiles from their neighbours."""
    if not known.any():
        return np.full_like(levels, max(float(levels.max()), 1))
    columns = np.arange(levels.shape[1])
    seen = known[0]
    return np.interp(columns, columns[seen], levels[0, seen])[None].astype(np.float32)


def ink_level(flat: np.ndarray, inside=None, share: float = INK_SHARE) -> float:
    """Grey that a share of the flattened pixels stays below; `PAPER` where there are none."""
    mask = None if inside is None else inside.view(np.uint8)
    total = np.cumsum(cv2.calcHist([flat], [0], mask, [256], [0, 256]))
    return float(np.searchsorted(total, share * total[-1])) if total[-1] else float(PAPER)


def ink_rows(ink: np.ndarray) -> tuple[int, int]:
    """First row of the ink and the row behind its last, few outliers left aside."""
    total = np.cumsum(ink.sum(axis=1))
    first, last = np.searchsorted(total, np.array([OUTLIERS, 1 - OUTLIERS]) * total[-1])
    return int(first), int(last) + 1


def strengthen(flat: np.ndarray, ink: float) -> np.ndarray:
    """Raise the contrast to `CONTRAST` where the grey `ink` is nearer than that to the paper."""
    gain = min(max(CONTRAST / max(PAPER - ink, 1), 1), MOST_GAIN)
    table = PAPER - gain * (PAPER - np.arange(256))
    return cv2.LUT(flat, np.rint(table).clip(0, 255).astype(np.uint8))


def frame_line(flat: np.ndarray, top: int, bottom: int, left: int, right: int) -> np.ndarray:
    """The box of the writing, with its margins of paper, at the height of all lines.

    Args:
        flat: (h, w) uint8, paper near `PAPER`.
        top, bottom, left, right: the box, ends excluded; it may reach beyond the picture.

    Returns:
        (64, W) uint8, W at most 32,000.
    """
    top, bottom, left, right = with_margins(top, bottom, left, right)
    rows, columns = flat.shape
    around = max(-top, 0), max(bottom - rows, 0), max(-left, 0), max(right - columns, 0)
    inner = flat[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    padded = cv2.copyMakeBorder(inner, *around, cv2.BORDER_CONSTANT, value=PAPER)
    return resize_line(padded)


def with_margins(top: int, bottom: int, left: int, right: int) -> tuple[int, int, int, int]:
    """The box that `frame_line` shows, in the same order."""
    height = (bottom - top) / (1 - 2 * MARGIN)
    margin, end = round(MARGIN * height), round(END_MARGIN * height)
    return top - margin, bottom + margin, left - end, right + end


def resize_line(gray: np.ndarray) -> np.ndarray:
    """(h, w) to (64, W) uint8, keeping the proportions up to the widest that is allowed."""
    height, width = gray.shape
    scale = LINE_HEIGHT / height
    size = max(1, min(round(width * scale), WIDEST)), LINE_HEIGHT
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(gray, size, interpolation=method)
