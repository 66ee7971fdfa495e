"""What a person at the terminal is told: errors, remarks, and a summary at the end."""

import sys
import time

from tqdm import tqdm

from handwriting.images.sources import one_line
from handwriting.pages.outcome import Outcome

ERROR_STATUS = 2


class Report:
    """Lines on stderr, and the exit status.

    Args:
        top: how many other readings to name; None names none.

    Attributes:
        already: pages that an earlier run had finished.
    """

    def __init__(self, top: int | None = None):
        self.top = top
        self.pages = self.pictures = self.lines = self.errors = self.already = 0
        self._start = time.perf_counter()

    def add(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self.errors += 1
            _say(f"error: {outcome.error}")
            return
        self.pictures += 1
        self.pages += outcome.is_page
        self.lines += len(outcome.page.lines)
        if self.top:
            for line in alternatives(outcome, self.top):
                _say(line)
        if outcome.remark:
            _say(f"note: {outcome.remark}")
        for visual in outcome.visuals:
            _say(f"picture: {visual}")

    def finish(self) -> int:
        """The exit status, after a summary where there were several pages."""
        if self.pages + self.already > 1:
            _say(f"done: {self.summary()}")
        return ERROR_STATUS if self.errors else 0

    def summary(self) -> str:
        """Pages, lines, seconds and errors."""
        seconds = time.perf_counter() - self._start
        parts = [
            f"{_count(self.pictures, 'page')} with {_count(self.lines, 'line')} in {seconds:.1f} s"
        ]
        if self.already:
            parts.append(f"{self.already} finished before")
        return ", ".join([*parts, _count(self.errors, "error")])


def alternatives(outcome: Outcome, count: int) -> list[str]:
    """The most probable classes, or other readings of each word, for a person to look at."""
    name = one_line(outcome.file)
    if outcome.top is not None:
        return [f"{name}: {_ranked(outcome.top)}"]
    found = []
    for number, line in enumerate(outcome.page.lines, 1):
        words = (_ranked(word.alternatives[:count]) for word in line.words if word.alternatives)
        where = f"{name}: line {number}" if outcome.is_page else name
        found.append(f"{where}: {' | '.join(words) or 'no other reading'}")
    return found


def _ranked(readings) -> str:
    return "  ".join(f"{text} {probability:.1%}" for text, probability in readings)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _say(line: str) -> None:
    tqdm.write(line, file=sys.stderr)  # does not tear a progress bar
