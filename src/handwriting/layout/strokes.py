"""The ink of one line."""

from typing import NamedTuple

import numpy as np

BODY = 0.45  # distances between lines from the middle of a line to the ends of most letters


class Strokes(NamedTuple):
    """Columns and rows of a line's ink, and the line's course through it, on the level page.

    Attributes:
        x, y: (N,) int, N at least 1.
        firm: (N,) bool, a letter's, in a connected part that belongs to this line alone.
        left: column of the first point of the course.
        course: (W,) float64, the row of the line's middle in each column from `left`.
    """

    x: np.ndarray
    y: np.ndarray
    firm: np.ndarray
    left: int
    course: np.ndarray

    @property
    def right(self) -> int:
        """The last column."""
        return self.left + len(self.course) - 1

    @property
    def offset(self) -> np.ndarray:
        """Rows below the course, of each pixel."""
        return self.y - self.course[self.x - self.left]

    @property
    def middle(self) -> float:
        """The course's mean row."""
        return float(self.course.mean())

    def edges(self, below: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Columns with ink, (K,) int from 0, and the least and greatest of `below` in each.

        Args:
            below: (N,) a height for each pixel.
        """
        low, high = np.full(len(self.course), np.inf), np.full(len(self.course), -np.inf)
        np.minimum.at(low, self.x - self.left, below)
        np.maximum.at(high, self.x - self.left, below)
        columns = np.flatnonzero(np.isfinite(low))
        return columns, low[columns], high[columns]

    def take(self, which: np.ndarray) -> "Strokes":
        """Some of the pixels, and the course as far as they reach."""
        x, y, firm = self.x[which], self.y[which], self.firm[which]
        first, last = int(x.min()), int(x.max())
        return Strokes(x, y, firm, first, self.course[first - self.left : last - self.left + 1])

    def between(self, first: int, last: int) -> "Strokes":
        """The pixels in columns first … last."""
        return self.take((self.x >= first) & (self.x <= last))

    def body(self, spacing: float) -> "Strokes":
        """Without doubtful ink off the line's middle: dashes and pieces of what is cut through."""
        return self.take(self.firm | (np.abs(self.offset) < BODY * spacing))

    def with_ink(self, other: "Strokes") -> "Strokes":
        """With another's pixels; the course goes on level where they reach beyond its ends."""
        before, after = max(0, self.left - other.left), max(0, other.right - self.right)
        course = np.pad(self.course, (before, after), mode="edge")
        pairs = zip(self[:3], other[:3], strict=True)
        return Strokes(*(np.concatenate(pair) for pair in pairs), self.left - before, course)

    def moved(self, down: float) -> "Strokes":
        """With the course moved by some rows; the ink stays."""
        return self._replace(course=self.course + down)
