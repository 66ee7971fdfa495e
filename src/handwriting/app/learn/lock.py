"""A lock on the folder of the learning: whoever holds it may change what lies there."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: see `learner.missing`
    fcntl = None

AVAILABLE = fcntl is not None
PAUSE = 0.05


class HeldError(Exception):
    """Another process, or another thread of this one, holds the lock."""


@contextlib.contextmanager
def held(path: Path, seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock; the file then holds the number of this process.

    The system lets go of it when the process ends, however it ends: a file left behind by one
    that was killed locks nothing, whoever has its number now.

    Args:
        seconds: how long to wait for it.

    Raises:
        HeldError: it is held.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(file, time.monotonic() + seconds)
        os.truncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(file)


def _acquire(file: int, end: float) -> None:
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise HeldError from None
        time.sleep(PAUSE)
