"""Whether a new version may take the place of its base."""

from dataclasses import dataclass

# The most that the general test may lose, as a fraction: half a point of CER or accuracy.
TOLERANCE = 0.005


@dataclass(frozen=True)
class Scores:
    """A metric before and after, on held-out corrections and on the general test.

    Attributes:
        metric: `CER`, smaller is better, or `accuracy`.
    """

    metric: str
    before: float
    after: float
    general_before: float
    general_after: float

    @property
    def gain(self) -> float:
        """On held-out corrections; positive is better."""
        return self._better(self.before, self.after)

    @property
    def general_loss(self) -> float:
        """On the general test; positive is worse."""
        return -self._better(self.general_before, self.general_after)

    def _better(self, before: float, after: float) -> float:
        return before - after if self.metric == "CER" else after - before


def judge(scores: Scores) -> tuple[bool, str]:
    """Whether the version is accepted, and why.

    Refused when the held-out corrections are read no better, or when the general test loses
    more than `TOLERANCE`.
    """
    held_out = f"held-out corrections: {_change(scores.metric, scores.before, scores.after)}"
    general = f"general test: {_change(scores.metric, scores.general_before, scores.general_after)}"
    if scores.gain <= 0:
        return False, f"refused, no better on {held_out}; {general}"
    if scores.general_loss > TOLERANCE + 1e-9:
        return False, (
            f"refused, more than {100 * TOLERANCE:.1f} points lost on the {general}; {held_out}"
        )
    return True, f"accepted; {held_out}; {general}"


def _change(metric: str, before: float, after: float) -> str:
    return f"{metric} {100 * before:.1f} % before, {100 * after:.1f} % after"
