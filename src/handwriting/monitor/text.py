"""The report as text for people and as JSON for programs."""

import json
import math
from dataclasses import asdict
from datetime import date
from pathlib import Path

from handwriting.monitor.report import PRESENT, VersionReport, WatchReport
from handwriting.monitor.scores import Score
from handwriting.monitor.trend import Period

MOST_PERIODS = 8  # in the text of a version; JSON has them all
_RATES = {"line": "CER", "character": "error rate"}


def as_text(report: WatchReport) -> str:
    """A paragraph for each model version, the newest last."""
    if not report.versions:
        return f"{report.store}: no readings yet"
    return "\n\n".join(_version(version) for version in report.versions)


def as_json(report: WatchReport) -> str:
    """One object; unknown numbers are null, times ISO."""
    values = asdict(report) | {"due": report.due}
    return json.dumps(_plain(values), indent=1, ensure_ascii=False)


def _plain(value):
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


def _version(version: VersionReport) -> str:
    head = f"{version.model} ({version.kind}s, {version.model_hash[:8] or 'no hash'})"
    if version.files != PRESENT:
        head += f", {version.files}"
    if not version.n:
        return f"{head}: no readings in this period"
    span = f"{version.first:%Y-%m-%d} to {version.last:%Y-%m-%d}"
    rows = [("readings", f"{version.n:,}, {span}"), ("corrected", _corrected(version))]
    if version.score.n:
        rows.append((_RATES[version.kind], _score(version.score)))
    rows += [
        (
            "calibration",
            f"{entry.n:,} {entry.unit}: {entry.confidence:.1%} sure, {entry.right:.1%} right, "
            f"calibration error {entry.error:.3f}",
        )
        for entry in version.calibration
    ]
    rows.append(("drift", _drift(version)))
    if len(version.trend) > MOST_PERIODS:
        rows.append(("course", f"{len(version.trend)} {version.period}s, the latest of them:"))
    latest = version.trend[-MOST_PERIODS:]
    rows += [(f"{version.period} {period.start}", _period(period)) for period in latest]
    rows += [("note", remark) for remark in version.remarks]
    if version.verdict is None:
        rows.append(("verdict", "none: a newer version reads now"))
    else:
        rows.append(("verdict", version.verdict.answer))
        rows += [("", f"- {reason}") for reason in version.verdict.reasons]
    return "\n".join([head, *(f"  {name:<15} {text}" for name, text in rows)])


def _corrected(version: VersionReport) -> str:
    return (
        f"{version.corrected:,}, of which {version.changed:,} changed the text; "
        f"{version.unused:,} not learned from"
    )


def _score(score: Score) -> str:
    interval = f" [{score.low:.1%}, {score.high:.1%}]" if score.low == score.low else ""
    return (
        f"{score.error:.1%}{interval} on the {score.n:,} corrected readings; "
        f"{score.error_if_rest_right:.1%} of all if the others are right"
    )


def _drift(version: VersionReport) -> str:
    if version.drift is None:
        before, now = map(sum, version.histogram)
        return f"too few readings ({before:,} before, {now:,} now)"
    drift = version.drift
    test = f"KS distance {drift.ks_distance:.3f}, p = {drift.ks_p:.2g}"
    if drift.ks_p != drift.ks_p:
        test = "no KS test without the package scipy"
    return (
        f"PSI {drift.psi:.3f} (chance gives up to {drift.psi_chance:.3f}), {test}; "
        f"{drift.reference_n:,} readings before, {drift.current_n:,} now"
    )


def _period(period: Period) -> str:
    parts = [f"{period.n:,} readings"]
    if period.confidence == period.confidence:
        parts.append(f"median confidence {period.confidence:.2f}")
    if period.corrected:
        parts.append(f"error {period.error:.1%} on {period.corrected:,} corrected")
    return ", ".join(parts)
