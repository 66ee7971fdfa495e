"""Processor time, of all cores together: what a run may use and what it has used."""

import time


class Budget:
    """Counts from its making.

    Args:
        minutes: to be used in all.
    """

    def __init__(self, minutes: float):
        self.seconds = 60 * minutes
        self._start = time.process_time()

    @property
    def used(self) -> float:
        """Seconds."""
        return time.process_time() - self._start

    @property
    def left(self) -> float:
        """Seconds; 0 when it is spent."""
        return max(0.0, self.seconds - self.used)

    @property
    def share(self) -> float:
        """Of it that is used, 0 … 1."""
        return min(1.0, self.used / max(self.seconds, 1e-9))
