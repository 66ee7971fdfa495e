"""The report of a deployed model, version by version."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from handwriting.cards import read_card
from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore
from handwriting.monitor.drift import EDGES, Drift, measure_drift
from handwriting.monitor.readings import Readings, collect
from handwriting.monitor.scores import Calibration, Rise, Score, calibrations, error_rise, score
from handwriting.monitor.trend import Period, trend
from handwriting.monitor.verdict import Limits, Verdict, judge

PRESENT, OTHER_VERSION, GONE = "present", "another version has its name now", "its files are gone"
# Of the corrections: where fewer confirm a reading, only errors were corrected.
FEW_CONFIRMED = 0.05


@dataclass(frozen=True)
class VersionReport:
    """One model version.

    Attributes:
        model, model_hash, kind: which.
        files: whether the model that read this is still in the models folder.
        n, corrected, changed: readings, those with a correction, and those it changed.
        first, last: times of the readings counted, UTC; None without any.
        score: the error on corrected readings.
        calibration: of whole readings, and of words where known.
        drift, rise: None where there are too few readings.
        histogram: readings by bin of confidence (`drift.EDGES`), in the reference window and
            in the current one.
        period, trend: `day` or `week`, and the course of both.
        unused: corrections of this family of models that none has learned from.
        verdict: None of a version that a newer one has replaced.
        remarks: what to keep in mind when reading the numbers.
    """

    model: str
    model_hash: str
    kind: str
    files: str
    n: int
    corrected: int
    changed: int
    first: datetime | None
    last: datetime | None
    score: Score
    calibration: tuple[Calibration, ...]
    drift: Drift | None
    rise: Rise | None
    histogram: tuple[tuple[int, ...], tuple[int, ...]]
    period: str
    trend: tuple[Period, ...]
    unused: int
    verdict: Verdict | None
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class WatchReport:
    """All model versions of a store, in the order in which they came into use."""

    store: Path
    versions: tuple[VersionReport, ...]

    @property
    def due(self) -> bool:
        """Whether retraining is due for any model in use."""
        return any(version.verdict and version.verdict.due for version in self.versions)


def watch(
    store: FeedbackStore,
    since: datetime | None = None,
    reference: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> WatchReport:
    """Report on every model version that has readings.

    The current window is what a version read since `since`, and at most the last
    `limits.window` readings; the reference is what it read before, at most the same number.
    Without `since`, or where it read nothing before, its readings are cut in two halves: the
    first ones of the earlier half against the last ones of the later half.

    Args:
        since: scores, calibration and course count only what was read from then on; a time
            without a zone is local.
        reference: a model whose confidences are the reference for all others.

    Raises:
        UserError: the reference has no readings.
    """
    found = collect(store)
    others = _reference(found, reference, store.folder)
    newest = {(r.family, r.kind): r for r in sorted(found, key=lambda r: r.seconds[-1])}
    unused = {key: sum(r.unused for r in found if (r.family, r.kind) == key) for key in newest}
    start = since.timestamp() if since else None
    return WatchReport(
        store.folder,
        tuple(
            _version(
                readings,
                start,
                None if readings.model == reference else others,
                unused[readings.family, readings.kind],
                newest[readings.family, readings.kind] is readings,
                limits,
            )
            for readings in found
        ),
    )


def _reference(found: list[Readings], name: str | None, folder: Path) -> np.ndarray | None:
    if name is None:
        return None
    parts = [readings.confidences for readings in found if readings.model == name]
    if not parts or not len(np.concatenate(parts)):
        there = ", ".join(sorted({readings.model for readings in found})) or "none"
        raise UserError(f"{folder}: no readings of {name}; models there: {there}")
    return np.concatenate(parts)


def _version(
    readings: Readings,
    start: float | None,
    others: np.ndarray | None,
    unused: int,
    in_use: bool,
    limits: Limits,
) -> VersionReport:
    chosen = np.ones(len(readings), bool) if start is None else readings.seconds >= start
    halves = bool(chosen.all())
    before, now = windows(np.isfinite(readings.confidence), chosen, halves, limits.window)
    old = readings.confidence[before] if others is None else others[-limits.window :]
    new = readings.confidence[now]
    drift = None
    if min(len(old), len(new)) >= limits.least:
        drift = measure_drift(old, new)
    rise = _rise(readings, chosen, halves, limits)
    times = [datetime.fromtimestamp(value, UTC) for value in readings.seconds[chosen]]
    return VersionReport(
        readings.model,
        readings.model_hash,
        readings.kind,
        model_files(readings.model, readings.model_hash),
        int(chosen.sum()),
        int(readings.corrected[chosen].sum()),
        int(readings.changed[chosen].sum()),
        times[0] if times else None,
        times[-1] if times else None,
        score(readings, chosen),
        tuple(calibrations(readings, chosen)),
        drift,
        rise,
        tuple(tuple(np.histogram(window, EDGES)[0].tolist()) for window in (old, new)),
        *_trend(readings, chosen),
        unused,
        judge(drift, rise, unused, limits) if in_use else None,
        tuple(_remarks(readings, chosen)),
    )


def _trend(readings: Readings, chosen: np.ndarray) -> tuple[str, tuple[Period, ...]]:
    name, periods = trend(readings, chosen)
    return name, tuple(periods)


def windows(
    usable: np.ndarray, chosen: np.ndarray, halves: bool, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the reference and of the current window, disjoint, at most `most` each.

    Args:
        usable: (N,) bool, readings that can be compared.
        chosen: (N,) bool, those of the period that is looked at.
        halves: cut that period in two; else it is the current window, and the reference is
            what came before.

    >>> windows(np.ones(7, bool), np.ones(7, bool), True, 2)
    (array([0, 1]), array([5, 6]))
    >>> windows(np.ones(7, bool), np.arange(7) > 3, False, 2)
    (array([2, 3]), array([5, 6]))
    """
    rows = np.flatnonzero(usable & chosen)
    if halves:
        size = min(most, len(rows) // 2)
        return rows[:size], rows[len(rows) - size :]
    return np.flatnonzero(usable & ~chosen)[-most:], rows[-most:]


def _rise(readings: Readings, chosen: np.ndarray, halves: bool, limits: Limits) -> Rise | None:
    rows = windows(readings.corrected, chosen, halves, limits.window)
    if min(map(len, rows)) < limits.least_corrected:
        return None
    masks = [np.isin(np.arange(len(readings)), part) for part in rows]
    return error_rise(readings, *masks)


def model_files(model: str, model_hash: str) -> str:
    """Whether the files of this very version are in the models folder; hashes may be cut."""
    try:
        hashes = read_card(model).files.values()
    except UserError:
        return GONE
    return PRESENT if any(value.startswith(model_hash) for value in hashes) else OTHER_VERSION


def _remarks(readings: Readings, chosen: np.ndarray) -> list[str]:
    remarks = []
    corrected = int(readings.corrected[chosen].sum())
    confirmed = corrected - int(readings.changed[chosen].sum())
    if corrected and confirmed < FEW_CONFIRMED * corrected:
        remarks.append(
            f"only errors were corrected ({confirmed} of {corrected} corrections confirm the "
            "reading): the sample is biased, the error on it far above that of all readings, "
            "and its calibration worse"
        )
    elif corrected:
        remarks.append(
            f"people chose what to correct ({confirmed} of {corrected} corrections confirm the "
            "reading): the sample is biased unless they checked all of it"
        )
    if len(readings.confidences) < len(readings):
        missing = len(readings) - len(readings.confidences)
        remarks.append(f"{missing:,} readings without a confidence are left out of drift")
    return remarks
