"""Processes that read, so that a picture that hangs or crashes a decoder stops nobody else."""

import contextlib
import ctypes
import logging
import multiprocessing
import os
import queue
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial

from handwriting.app.limits import Limits
from handwriting.app.settings import Settings
from handwriting.errors import UserError

logger = logging.getLogger(__name__)

# `spawn` because the server runs threads, which do not survive a fork.
_CONTEXT = multiprocessing.get_context("spawn")
START_SECONDS = 60.0
# The second is started while the first is busy: one slow picture holds nobody up.
CHARACTER_WORKERS = 2
LONG_CALL = 0.2  # seconds: pages and photos, whose memory is worth giving back
OK, MISTAKE, FAULT = "ok", "mistake", "fault"


class Worker:
    """One process that answers one call at a time, started when it is first needed.

    Args:
        make: makes the object whose methods are called, in the process; picklable.
    """

    def __init__(self, make: Callable[[], object]):
        self._make = make
        self._process = None
        self._pipe = None

    def call(self, seconds: float, method: str, *args, **kwargs):
        """Call a method of the object.

        Raises:
            UserError: of the method; or it took too long, or the process died. The process is
                then gone and its memory free; the next call starts another.
        """
        try:
            self._start()
            self._pipe.send((method, args, kwargs))
            if not self._pipe.poll(seconds):
                raise UserError(f"took longer than {seconds:g} seconds; try a smaller picture")
            state, value = self._pipe.recv()
        except (EOFError, OSError):
            self.stop()
            raise UserError("the reading broke off; try again, or another picture") from None
        except BaseException:
            self.stop()
            raise
        if state == MISTAKE:
            raise UserError(value)
        if state == FAULT:
            logger.error("%s failed:\n%s", method, value)
            raise UserError("something went wrong on the server; its log says what")
        return value

    def _start(self) -> None:
        if self._process is not None and self._process.is_alive():
            return
        self.stop()
        self._pipe, other = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_serve, args=(other, self._make), daemon=True)
        self._process.start()
        other.close()
        # Waiting for the start here keeps it out of the time limit of the call.
        if not self._pipe.poll(START_SECONDS):
            raise UserError("the server is overloaded; try again in a minute")
        self._pipe.recv()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
        self._process = self._pipe = None


def _serve(pipe, make: Callable[[], object]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this
    service = make()
    pipe.send((OK, None))
    while True:
        try:
            method, args, kwargs = pipe.recv()
        except (EOFError, OSError):
            return  # the server is gone
        started = time.monotonic()
        with contextlib.suppress(BrokenPipeError):
            pipe.send(_answer(service, method, args, kwargs))
        if time.monotonic() - started > LONG_CALL:
            _give_memory_back()


def _give_memory_back() -> None:
    """Return to the system what glibc keeps of freed pictures: about 50 MB after a page."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim:
        trim(0)


def _answer(service, method: str, args: tuple, kwargs: dict) -> tuple[str, object]:
    try:
        return OK, getattr(service, method)(*args, **kwargs)
    except UserError as error:
        return MISTAKE, str(error)
    except Exception:
        return FAULT, traceback.format_exc()


class Pool:
    """Workers of one kind; the one that was used last is used first, others start when needed.

    Args:
        waiting: how many calls may wait for a worker.
    """

    def __init__(self, make: Callable[[], object], size: int, waiting: int):
        self._workers = [Worker(make) for _ in range(size)]
        self._free: queue.LifoQueue[Worker] = queue.LifoQueue()
        for worker in reversed(self._workers):
            self._free.put(worker)
        self._places = threading.BoundedSemaphore(size + waiting)

    def call(self, seconds: float, method: str, *args, **kwargs):
        """Call a method in a worker; see `Worker.call`."""
        with self._borrow() as worker:
            return worker.call(seconds, method, *args, **kwargs)

    @contextlib.contextmanager
    def _borrow(self) -> Iterator[Worker]:
        if not self._places.acquire(blocking=False):
            raise UserError("too many readings are waiting; try again in a minute")
        try:
            worker = self._free.get()
            try:
                yield worker
            finally:
                self._free.put(worker)
        finally:
            self._places.release()

    @property
    def pids(self) -> list[int]:
        """Of the processes that run."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    def stop(self) -> None:
        for worker in self._workers:
            worker.stop()


def make_service(limits: Limits):
    """A `service.Service`; the server itself imports neither it nor ONNX Runtime."""
    from handwriting.app.service import Service

    return Service(limits)


class RemoteService:
    """The methods of `service.Service`, each with its time limit, in processes of their own.

    Characters have a process to themselves: they are read at once, however long the pages
    that others read.
    """

    def __init__(self, settings: Settings, make: Callable[[], object] | None = None):
        limits = settings.limits
        make = make or partial(make_service, limits)
        self._limits = limits
        self.characters = Pool(make, CHARACTER_WORKERS, waiting=200)
        self.pages = Pool(make, settings.workers, limits.waiting)

    def warm(self, characters, lines) -> None:
        """Start the first worker of each kind and load its models, in the background."""
        for pool, names in ((self.characters, characters), (self.pages, lines)):
            call = threading.Thread(
                target=_quietly, args=(pool.call, START_SECONDS, "prepare", names), daemon=True
            )
            call.start()

    def character(self, *args, **kwargs):
        return self.characters.call(self._limits.character_seconds, "character", *args, **kwargs)

    def count(self, *args, **kwargs):
        return self.pages.call(self._limits.seconds, "count", *args, **kwargs)

    def page(self, *args, **kwargs):
        return self.pages.call(self._limits.seconds, "page", *args, **kwargs)

    def cut(self, *args, **kwargs):
        return self.pages.call(self._limits.seconds, "cut", *args, **kwargs)

    def stop(self) -> None:
        self.characters.stop()
        self.pages.stop()


def _quietly(call, *args) -> None:
    started = time.monotonic()
    try:
        loaded = call(*args)
        logger.info("loaded %s in %.1f s", ", ".join(loaded), time.monotonic() - started)
    except UserError as error:
        logger.error("%s", error)
