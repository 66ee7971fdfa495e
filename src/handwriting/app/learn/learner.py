"""Learning from corrections as the server sees it: start, look, stop, accept, discard."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec

from handwriting import paths
from handwriting.app.learn import lock
from handwriting.app.learn.lock import HeldError, held
from handwriting.app.learn.run import (
    ACCEPTED,
    BASES,
    DISCARDED,
    DONE,
    FAILED,
    RUNNING,
    Places,
    Run,
    now,
    read_json,
    read_run,
    write_run,
)
from handwriting.app.learn.versions import VersionsInUse, add_version
from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore
from handwriting.finetune.versions import check_user

COMMAND = (sys.executable, "-m", "handwriting.app.learn.worker")
NEEDED = ("tensorflow", "keras", "tf2onnx", "pandas", "pyarrow")
LONGEST_MINUTES = 120.0
BUSY = "learning is under way already; wait for it, or stop it"
BROKE_OFF = "the learning broke off: its process was ended; nothing has changed, start it again"
# A lock that the server itself holds is held for a moment.
PATIENCE = 5.0


def missing() -> str:
    """What keeps this machine from learning, in one line; "" where nothing does."""
    if not lock.AVAILABLE:
        return "Learning here needs Linux or macOS; `python src/finetune.py` does it elsewhere."
    if not all(map(find_spec, NEEDED)):
        return "To learn from corrections, install TensorFlow: `pip install -r requirements.txt`."
    return ""


class Learner:
    """One run at a time over a store of corrections; whatever counts is on the disk.

    Any number of servers may look at the same store: the process that learns, and whoever
    changes what it left, holds the lock.

    Args:
        store: of the corrections.
        versions: told what is accepted.
        command: starts the process that learns; the store's folder, the models folder and
            the id of the run come behind it.
    """

    def __init__(
        self, store: FeedbackStore, versions: VersionsInUse, command: Sequence[str] = COMMAND
    ):
        self.store = store
        self.versions = versions
        self.places = Places(store.folder.resolve() / "learning")
        self._command = tuple(command)
        self._process: subprocess.Popen | None = None
        self._one = threading.Lock()

    def start(self, kind: str, hand: str, minutes: float) -> Run:
        """Begin to learn from all corrections of a kind, starting from the model as it came.

        Args:
            kind: `lines` or `characters`.
            hand: a name for whose it is, a part of the version's name.
            minutes: of processor time.

        Raises:
            UserError: one is running or waits to be accepted, or there is nothing to learn.
        """
        hand = hand.strip()
        self._check(kind, hand, minutes)
        with self._one:
            before = self.status()
            if self._alive() or (before is not None and before.state == RUNNING):
                raise UserError(BUSY)
            return self._begin(kind, hand, minutes)

    def _begin(self, kind: str, hand: str, minutes: float) -> Run:
        with self._changing():
            before = self._looked_at()
            if before is not None and before.state == DONE:
                raise UserError("accept or discard what was learned before; then start again")
            shutil.rmtree(self.places.candidate, ignore_errors=True)
            id, moment = secrets.token_hex(8), now()
            run = Run(id, kind, hand, float(minutes), started=moment, changed=moment)
            write_run(self.places, run)
            self._launch(id)
        return run

    def _check(self, kind: str, hand: str, minutes: float) -> None:
        if kind not in BASES:
            raise UserError(f"{kind[:20]!a}: choose lines or characters")
        if reason := missing():
            raise UserError(reason)
        check_user(hand)
        if not 0 < minutes <= LONGEST_MINUTES:
            raise UserError(f"minutes: more than 0 and at most {LONGEST_MINUTES:g}")
        if not self.corrected(kind):
            raise UserError(f"no corrected {kind} yet; correct some and save them first")

    def corrected(self, kind: str) -> int:
        """How many corrected readings of a kind there are."""
        kinds = self.store.counts()["kinds"]
        return kinds.get(kind.removesuffix("s"), {}).get("corrected", 0)

    def status(self) -> Run | None:
        """The newest run as it is now; None where there never was one."""
        run = read_run(self.places)
        if run is None or run.state != RUNNING or self._alive():
            return run
        try:
            with held(self.places.lock):
                return self._looked_at()
        except (HeldError, OSError):
            return read_run(self.places)

    def stop(self) -> None:
        """End the process that learns; nothing is left of its run."""
        run = self.status()
        if run is None or run.state != RUNNING:
            return
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
        elif run.pid:
            # Another server's, before a restart. It holds the lock, so that the number is its.
            with suppress(ProcessLookupError):
                os.kill(run.pid, signal.SIGTERM)
        with self._changing():
            run = read_run(self.places)
            if run is not None and run.state == RUNNING:
                self._end(replace(run, state=DISCARDED))

    def accept(self) -> str:
        """Put the candidate among the models and read with it; its name.

        Raises:
            UserError: none waits, or it cannot be put there. It then still waits.
        """
        with self._changing():
            run = self._waiting()
            if not run.version:
                raise UserError("this run made no version: it did not pass the check; discard it")
            add_version(self.places.models, run.version)
            self.store.mark_used(self._learned(), run.version)
            self.versions.use(run.version)
            self._end(replace(run, state=ACCEPTED))
        return run.version

    def discard(self) -> None:
        """Forget what was learned; the models are as they were.

        Raises:
            UserError: nothing waits.
        """
        with self._changing():
            self._end(replace(self._waiting(), state=DISCARDED))

    def forget_deleted(self) -> None:
        """End a run, or discard its candidate, if a reading it learns from was deleted."""
        kept = {item.id for item in self.store.items(corrected=True)}
        if all(id in kept for id, _ in read_json(self.places.learned) or []):
            return
        self.stop()
        with suppress(UserError):
            self.discard()

    def _waiting(self) -> Run:
        run = self._looked_at()
        if run is None or run.state != DONE:
            raise UserError("nothing waits to be accepted or discarded")
        return run

    def _learned(self) -> list[str]:
        """Readings whose newest correction is still the one that was learned from."""
        pairs = read_json(self.places.learned) or []
        numbers = {item.id: item.correction_number for item in self.store.items(corrected=True)}
        return [id for id, number in pairs if numbers.get(id) == number]

    def _looked_at(self) -> Run | None:
        """The run, with the lock held: a process that should be running is gone."""
        run = read_run(self.places)
        if run is not None and run.state == RUNNING:
            run = self._end(replace(run, state=FAILED, message=BROKE_OFF))
        return run

    def _end(self, run: Run) -> Run:
        write_run(self.places, replace(run, changed=now()))
        # After the state: what is left of a candidate does no harm, a missing one would.
        shutil.rmtree(self.places.candidate, ignore_errors=True)
        return run

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock, with messages for people."""
        try:
            with held(self.places.lock, PATIENCE):
                yield
        except HeldError:
            raise UserError(BUSY) from None
        except OSError as error:
            cause = error.strerror or error
            raise UserError(f"{self.places.folder}: cannot be written ({cause})") from None

    def _launch(self, id: str) -> None:
        arguments = [str(self.places.folder.parent), str(paths.models_dir()), id]
        with open(self.places.log, "w", encoding="utf-8") as log:
            # A session of its own: Ctrl-C, and the end of the server, are not its end.
            self._process = subprocess.Popen(
                [*self._command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _alive(self) -> bool:
        return self._process is not None and self._process.poll() is None
