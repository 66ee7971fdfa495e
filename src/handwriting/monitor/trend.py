"""The course of error and confidence, by day or by week."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from handwriting.monitor.readings import Readings
from handwriting.monitor.scores import NAN, score

LONGEST_BY_DAY = 21  # days; what lasts longer is shown by week


@dataclass(frozen=True)
class Period:
    """A day, or a week from its Monday (UTC), in which something was read.

    Attributes:
        start: its first day.
        n, corrected, changed: readings, those with a correction, and those it changed.
        error, low, high: on corrected readings, see `Score`.
        confidence: median; NaN where none is known.
        confidence_low, confidence_high: between them lie 80 % of the confidences.
    """

    start: date
    n: int
    corrected: int
    changed: int
    error: float
    low: float
    high: float
    confidence: float
    confidence_low: float
    confidence_high: float


def trend(readings: Readings, chosen: np.ndarray) -> tuple[str, list[Period]]:
    """`day` or `week`, and the periods with readings, oldest first.

    Args:
        chosen: (N,) bool.
    """
    days = [datetime.fromtimestamp(value, UTC).date() for value in readings.seconds[chosen]]
    if not days:
        return "day", []
    by_day = (days[-1] - days[0]).days < LONGEST_BY_DAY
    starts = days if by_day else [day - timedelta(days=day.weekday()) for day in days]
    numbers = np.array([start.toordinal() for start in starts])
    rows = np.flatnonzero(chosen)
    periods = [_period(readings, n, rows[numbers == n]) for n in np.unique(numbers)]
    return "day" if by_day else "week", periods


def _period(readings: Readings, day: int, rows: np.ndarray) -> Period:
    scored = score(readings, rows)
    confidence = readings.confidence[rows]
    known = confidence[np.isfinite(confidence)]
    spread = np.percentile(known, (50, 10, 90)).tolist() if len(known) else [NAN] * 3
    return Period(
        date.fromordinal(int(day)),
        len(rows),
        scored.n,
        int(readings.changed[rows].sum()),
        scored.error,
        scored.low,
        scored.high,
        *spread,
    )
