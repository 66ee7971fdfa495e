"""A run of the learning as it is known on disk: one JSON file, replaced as a whole."""

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path

# What is learned, and the model that it begins with and is read with.
BASES = {"lines": "lines", "characters": "characters"}
# A candidate waits in DONE until a person says ACCEPTED or DISCARDED.
RUNNING, DONE, FAILED = "running", "done", "failed"
ACCEPTED, DISCARDED = "accepted", "discarded"


@dataclass(frozen=True)
class Run:
    """A run from its start to what became of it.

    Attributes:
        id: told apart by it.
        kind: a key of `BASES`.
        hand: whose hand it is, a part of the version's name.
        minutes: of processor time, all cores together.
        state: `running`, `done`, `failed`, `accepted` or `discarded`.
        pid: of the process, 0 before it has begun.
        share, doing: how far it is, 0 … 1, and what it does.
        started, changed: when it began and when this was written, seconds since 1970.
        message: of a run that failed, one line.
        result: the fields of `finetune.FinetuneResult` but the examples.
        examples: held-out corrections read otherwise: `picture` (a file in the examples'
            folder), `reference`, `before`, `after`.
    """

    id: str
    kind: str
    hand: str
    minutes: float
    state: str = RUNNING
    pid: int = 0
    share: float = 0.0
    doing: str = "starting"
    started: float = 0.0
    changed: float = 0.0
    message: str = ""
    result: dict = field(default_factory=dict)
    examples: list[dict] = field(default_factory=list)

    @property
    def version(self) -> str:
        """The name of the candidate; "" where there is none."""
        return self.result.get("name", "")

    @property
    def seconds_left(self) -> float | None:
        """From how long it took so far; None while that says nothing yet."""
        if self.share < 0.08:
            return None
        return (self.changed - self.started) * (1 - self.share) / self.share


@dataclass(frozen=True)
class Places:
    """Where everything of the learning lies, in the folder of the corrections.

    Attributes:
        folder: of all of it.
        state: the run.
        lock: held by the process that learns.
        log: what that process printed.
        candidate: what a run made and needs until it is accepted or discarded.
        models: in that, the candidate version, out of reach of everything that reads.
        examples: pictures of the examples.
        learned: which corrections it has learned from.
        in_use: the versions that are read with.
    """

    folder: Path

    state = property(lambda self: self.folder / "run.json")
    lock = property(lambda self: self.folder / "lock")
    log = property(lambda self: self.folder / "log.txt")
    in_use = property(lambda self: self.folder / "in_use.json")
    candidate = property(lambda self: self.folder / "candidate")
    models = property(lambda self: self.candidate / "models")
    examples = property(lambda self: self.candidate / "examples")
    learned = property(lambda self: self.candidate / "learned.json")


def now() -> float:
    return datetime.now(UTC).timestamp()


def read_run(places: Places) -> Run | None:
    """The newest run; None where there is none, or nothing that can be understood."""
    values = read_json(places.state)
    known = {item.name for item in fields(Run)}
    try:
        run = Run(**{name: value for name, value in values.items() if name in known})
        return run if run.kind in BASES else None
    except (TypeError, AttributeError):
        return None


def write_run(places: Places, run: Run) -> Run:
    write_json(places.state, asdict(run))
    return run


def read_json(path: Path):
    """What the file holds; None where it is missing or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_json(path: Path, value) -> None:
    """Replace the file as a whole: a reader finds the old or the new."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            # Scores may be numpy's numbers.
            json.dump(value, file, ensure_ascii=False, indent=1, default=lambda v: v.item())
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
