"""The process that learns: `python -m handwriting.app.learn.worker STORE MODELS ID`.

Started by `learner.Learner`, which asks for the run in the state file first. TensorFlow is
imported here and nowhere in the server.
"""

import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from PIL import Image

from handwriting.app.learn.lock import HeldError, held
from handwriting.app.learn.run import (
    BASES,
    DONE,
    FAILED,
    RUNNING,
    Places,
    Run,
    now,
    read_run,
    write_json,
    write_run,
)
from handwriting.app.learn.versions import reserve_names
from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore
from handwriting.feedback.export import export_characters, export_lines
from handwriting.feedback.labels import newest_labels
from handwriting.finetune.result import ChangedExample, FinetuneResult
from handwriting.lines.charset import plain_text

NICENESS = 10
# Progress is written no more often than that, in seconds.
PAUSE = 1.0
# For the server, which looks whether the lock is held, to let go of it.
LOCK_SECONDS = 10.0
LINES_NAME, CHARACTERS_NAME = "corrections.parquet", "corrections"
# (base, data, user=…, minutes=…, progress=…) to a result, by kind.
Learn = Callable[..., FinetuneResult]


def finetune(kind: str) -> Learn:
    """The function that learns; imports TensorFlow."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if kind == "lines":
        from handwriting.finetune.lines import finetune_lines

        return finetune_lines
    from handwriting.finetune.characters import finetune_characters

    return finetune_characters


def work(store: Path, models: Path, id: str, choose: Callable[[str], Learn] = finetune) -> int:
    """Do the run that the state file asks for, unless another has been asked for since.

    Args:
        store: folder of the corrections.
        models: folder of the real models, which is only read.
        choose: from a kind to the function that learns.

    Returns:
        The exit status.
    """
    places = Places(store / "learning")
    try:
        with held(places.lock, LOCK_SECONDS):
            run = read_run(places)
            if run is None or run.id != id:
                return 1
            run = write_run(places, replace(run, state=RUNNING, pid=os.getpid(), changed=now()))
            return _finish(places, run, lambda: _learn(places, run, models, choose))
    except HeldError:
        return 1


def _finish(places: Places, run: Run, learn: Callable[[], FinetuneResult]) -> int:
    try:
        result = learn()
        examples = _save_examples(places, run.kind, result.changed_examples)
        values = asdict(replace(result, changed_examples=()))
        del values["changed_examples"]
        facts = {"state": DONE, "share": 1.0, "result": values, "examples": examples}
    except UserError as error:
        facts = {"state": FAILED, "message": str(error)}
    except Exception:
        traceback.print_exc()
        message = f"something went wrong while learning; {places.log} says what"
        facts = {"state": FAILED, "message": message}
    if facts["state"] == FAILED:
        shutil.rmtree(places.candidate, ignore_errors=True)
    write_run(places, replace(run, changed=now(), **facts))
    return 0 if facts["state"] == DONE else 1


def _learn(places: Places, run: Run, models: Path, choose) -> FinetuneResult:
    shutil.rmtree(places.candidate, ignore_errors=True)
    os.environ["HANDWRITING_MODELS"] = str(models)
    reserve_names(places.models)
    with FeedbackStore(store_folder(places), create=False, read_only=True) as store:
        data, notes = _take_corrections(places, run.kind, store)
    learn = choose(run.kind)
    # From here on, a model by name is the candidate; the base is given by its path.
    os.environ["HANDWRITING_MODELS"] = str(places.models)
    try:
        result = learn(
            models / f"{BASES[run.kind]}.json",
            data,
            user=run.hand,
            minutes=run.minutes,
            progress=_reporter(places, run),
        )
    finally:
        _remove(data)
    return replace(result, notes=(*notes, *result.notes))


def store_folder(places: Places) -> Path:
    return places.folder.parent


def _take_corrections(places: Places, kind: str, store: FeedbackStore):
    """Write what is to be learned from, and which corrections these are; path and notes."""
    one, clean = ("line", plain_text) if kind == "lines" else ("character", str.strip)
    items, _ = newest_labels(store, one, clean)
    write_json(places.learned, [[item.id, item.correction_number] for item in items.values()])
    name = LINES_NAME if kind == "lines" else CHARACTERS_NAME
    export = export_lines if kind == "lines" else export_characters
    report = export(store, places.candidate / name)
    notes = []
    if report.contradictory:
        notes.append(f"{report.contradictory} corrected differently twice: the newest counts")
    notes += [f"{count} left out: {why}" for why, count in report.skipped.items()]
    return report.path, notes


def _reporter(places: Places, run: Run) -> Callable[[float, str], None]:
    last, what = time.monotonic() - PAUSE, ""

    def report(share: float, doing: str) -> None:
        nonlocal last, what
        moment = time.monotonic()
        if doing == what and moment - last < PAUSE:
            return
        last, what = moment, doing
        write_run(places, replace(run, share=float(share), doing=doing, changed=now()))

    return report


def _save_examples(places: Places, kind: str, examples: Sequence[ChangedExample]) -> list[dict]:
    """Dark on light, as a person wants to see them."""
    places.examples.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, example in enumerate(examples):
        name = f"{number}.png"
        image = example.image if kind == "lines" else 255 - example.image
        Image.fromarray(np.ascontiguousarray(image, np.uint8)).save(places.examples / name)
        texts = {"reference": example.reference, "before": example.before, "after": example.after}
        rows.append({"picture": name} | texts)
    return rows


def _remove(data: Path) -> None:
    if data.is_dir():
        shutil.rmtree(data, ignore_errors=True)
    else:
        data.unlink(missing_ok=True)


def main(arguments: Sequence[str]) -> int:
    store, models, id = arguments
    if hasattr(os, "nice"):
        os.nice(NICENESS)  # whoever reads goes before
    return work(Path(store), Path(models), id)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
