"""Is retraining due? Limits, and a plain answer with reasons."""

from dataclasses import dataclass

from handwriting.monitor.drift import Drift
from handwriting.monitor.scores import Rise

DUE, NOT_DUE, TOO_FEW = "retraining is due", "no sign that retraining is due", "too few to tell"


@dataclass(frozen=True)
class Limits:
    """When a change counts.

    With the defaults, data that do not change raise an alarm of drift in about 1 of 50 looks
    (1 % each for the two measures, which often agree), however many readings there are.

    Attributes:
        psi: the population stability index beyond which a change is large by custom; in
            small windows it must also pass what chance gives (`Drift.psi_chance`).
        ks_p, ks_distance: the test of Kolmogorov and Smirnov counts below this p, if the
            distributions are apart by that much as well: in large windows, tiny changes that
            do no harm have a small p.
        error_rise: of the error on corrected readings; counts if the lower end of its 95 %
            interval is beyond this.
        corrections: so many that no model has learned from are worth a fine-tuning: with
            about 40 lines a hand is learned noticeably.
        window: most readings in the reference and in the current window.
        least: fewest readings in each for a word on drift.
        least_corrected: fewest corrected ones in each for a word on the error.
    """

    psi: float = 0.25
    ks_p: float = 0.01
    ks_distance: float = 0.1
    error_rise: float = 0.02
    corrections: int = 40
    window: int = 500
    least: int = 100
    least_corrected: int = 30


@dataclass(frozen=True)
class Verdict:
    """The answer, and sentences that say why."""

    answer: str
    reasons: tuple[str, ...]

    @property
    def due(self) -> bool:
        return self.answer == DUE


def judge(drift: Drift | None, rise: Rise | None, unused: int, limits: Limits) -> Verdict:
    """An answer from what is known.

    Args:
        drift, rise: None where there are too few readings for them.
        unused: corrections that no model has learned from.
    """
    alarms = [*_drift_alarms(drift, limits), *_rise_alarms(rise, limits)]
    if unused >= limits.corrections:
        alarms.append(
            f"{unused:,} corrections that no model has learned from ({limits.corrections} suffice)"
        )
    if alarms:
        return Verdict(DUE, tuple(alarms))
    gaps = []
    if drift is None:
        gaps.append(f"drift needs {limits.least} readings before and {limits.least} after")
    if rise is None:
        gaps.append(
            f"the error over time needs {limits.least_corrected} corrected readings before and "
            f"{limits.least_corrected} after"
        )
    answer = TOO_FEW if drift is None and rise is None else NOT_DUE
    return Verdict(answer, tuple(gaps))


def _drift_alarms(drift: Drift | None, limits: Limits) -> list[str]:
    if drift is None:
        return []
    alarms = []
    means = f"mean {drift.reference_mean:.2f} before, {drift.current_mean:.2f} now"
    bound = max(limits.psi, drift.psi_chance)
    if drift.psi > bound:
        alarms.append(f"confidences moved: PSI {drift.psi:.2f} > {bound:.2f} ({means})")
    if drift.ks_p < limits.ks_p and drift.ks_distance >= limits.ks_distance:
        alarms.append(
            f"confidences differ: Kolmogorov-Smirnov distance {drift.ks_distance:.2f}, "
            f"p = {drift.ks_p:.1g} < {limits.ks_p:g} ({means})"
        )
    return alarms


def _rise_alarms(rise: Rise | None, limits: Limits) -> list[str]:
    if rise is None or not rise.low > limits.error_rise:
        return []
    return [
        f"the error on corrected readings rose from {rise.reference_error:.1%} to "
        f"{rise.current_error:.1%}, by {rise.low:.1%} to {rise.high:.1%} "
        f"(more than {limits.error_rise:.0%})"
    ]
