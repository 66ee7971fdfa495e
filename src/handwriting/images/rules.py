"""Ruled and squared paper: find the printed lines and take them out of the picture."""

import cv2
import numpy as np

# Printed lines are thinner than this share of the picture's side; pen strokes may be too.
THICKEST_RULE = 0.014
STEEPEST = 0.14  # slope of a photographed line, in radians
SUPPORT = 0.6  # share of the columns in which a line must be seen
FAINTEST = 10  # grey levels between paper and line
REACH = 4  # pixels that a line may bend away from a straight one


def remove_rules(flat: np.ndarray) -> np.ndarray:
    """Erase thin straight lines that cross the whole picture, keeping strokes that cross them.

    Args:
        flat: (H, W) uint8, evenly lit, dark ink.

    Returns:
        A copy with each line replaced by what lies on its two sides: paper stays paper, and
        a stroke is closed again where it crossed.
    """
    rows = _remove_horizontal(flat)
    columns = _remove_horizontal(np.ascontiguousarray(rows.T))
    return np.ascontiguousarray(columns.T)


def _remove_horizontal(gray: np.ndarray) -> np.ndarray:
    thin = _thin_rows(gray)
    level = max(FAINTEST, 3.0 * float(np.median(thin)))
    lines = _straight_lines((thin > level).astype(np.uint8))
    result = gray.copy()
    for straight in lines:
        bent = _follow(thin, straight, level)
        if bent is not None:
            _erase(result, thin, bent, level)
    return result


def _thin_rows(gray: np.ndarray) -> np.ndarray:
    """Darkness of structures thin from top to bottom, (H, W) uint8."""
    reach = 2 * max(3, round(max(gray.shape) * THICKEST_RULE)) + 1
    smooth = cv2.blur(gray, (9, 1))
    kernel = np.ones((reach, 1), np.uint8)
    return cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, kernel)


def _straight_lines(mask: np.ndarray) -> list[np.ndarray]:
    """Row of each nearly horizontal line at every column, float arrays (W,), strongest first."""
    width = mask.shape[1]
    middle = np.pi / 2
    found = cv2.HoughLines(
        mask,
        1,
        np.pi / 480,
        int(SUPPORT * width * 0.6),
        min_theta=middle - STEEPEST,
        max_theta=middle + STEEPEST,
    )
    columns, lines = np.arange(width), []
    for rho, theta in () if found is None else found.reshape(-1, 2)[:2000]:
        rows = (rho - columns * np.cos(theta)) / np.sin(theta)
        ends = rows[[0, width // 2, -1]]
        # Hough answers each line many times over; the first answer is the best.
        if all(np.abs(ends - other[[0, width // 2, -1]]).min() > REACH for other in lines):
            lines.append(rows)
    return lines


def _window(rows: np.ndarray, reach: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices (2 * reach + 1, W) of the pixels around a line."""
    offsets = np.arange(-reach, reach + 1)[:, None]
    index = np.rint(rows).astype(int) + offsets
    return index.clip(0, height - 1), np.arange(rows.size)[None]


def _follow(thin: np.ndarray, rows: np.ndarray, level: float) -> np.ndarray | None:
    """Bend a straight line along the dark pixels near it; None if it does not cross the picture."""
    band = thin[_window(rows, REACH, thin.shape[0])]
    best = band.argmax(axis=0)
    seen = band.max(axis=0) > level
    tenth = max(1, rows.size // 10)
    if seen.mean() < SUPPORT or min(seen[:tenth].mean(), seen[-tenth:].mean()) < 0.3:
        return None
    columns = np.arange(rows.size)
    offset = best - float(REACH)
    for _ in range(2):
        fit = np.polyval(np.polyfit(columns[seen], offset[seen], 2), columns)
        near = seen & (np.abs(offset - fit) < 2)
        if near.mean() < SUPPORT * 0.8:
            return None
        seen = near
    return rows + fit


def _erase(gray: np.ndarray, thin: np.ndarray, rows: np.ndarray, level: float) -> None:
    """Fill the line, in place, with the straight blend of the pixels above and below it."""
    height = gray.shape[0]
    profile = np.median(thin[_window(rows, 2 * REACH, height)], axis=1)
    half = max(1, int((profile > level / 3).sum()) // 2 + 1)
    index, columns = _window(rows, half + 1, height)
    above, below = gray[index[0], columns[0]], gray[index[-1], columns[0]]
    share = np.linspace(0, 1, 2 * half + 3)[:, None]
    blend = (above * (1 - share) + below * share).astype(np.uint8)
    gray[index, columns] = np.maximum(gray[index, columns], blend)
