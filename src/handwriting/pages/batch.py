"""Reading many pages: what is done is not done again, and comes out in order."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from handwriting import __version__
from handwriting.cards import card_path
from handwriting.pages.log import Log
from handwriting.pages.outcome import Outcome
from handwriting.pages.reading import Settings, read_tasks
from handwriting.pages.tasks import Task, task_key
from handwriting.pages.workers import read_in_parallel
from handwriting.reader import Reader


def fingerprint(settings: Settings, reader: Reader) -> str:
    """Changes with the models, their files, the settings and this program."""
    cards = [card_path(model).read_bytes() for model in reader.models]
    hashes = [hashlib.sha256(card).hexdigest() for card in cards]
    return json.dumps([asdict(settings), hashes, __version__])


def document_key(tasks: Sequence[Task], settings: Settings, reader: Reader, format: str) -> str:
    """Changes whenever a document of these pages would be written anew."""
    marks = fingerprint(settings, reader)
    keys = [task_key(task, marks) for task in tasks]
    return hashlib.sha256(json.dumps([keys, format]).encode()).hexdigest()[:32]


def read_batch(
    tasks: Sequence[Task],
    settings: Settings,
    reader: Reader,
    jobs: int = 1,
    log: Log | None = None,
    on_done=lambda: None,
) -> Iterator[Outcome]:
    """What became of each task, in order.

    Args:
        reader: reads them if `jobs` is 1; other processes make their own.
        log: of an earlier run with the same pages; this one is added to it.
        on_done: called for each page that is finished, in whatever order.

    Raises:
        UserError: the log or a picture of a reading cannot be written.
    """
    marks = fingerprint(settings, reader) if log else ""
    keys = [task_key(task, marks) if log and not task.error else "" for task in tasks]
    known = {i for i, key in enumerate(keys) if key and key in log}
    todo = [(i, task) for i, task in enumerate(tasks) if task.error is None and i not in known]
    results, found = _read(todo, settings, reader, jobs), {}
    try:
        for i, task in enumerate(tasks):
            if task.error is not None:
                outcome = Outcome(task.file, task.number, task.error)
            elif i in known:
                outcome = log.page(keys[i])
            else:
                while i not in found:
                    number, done = next(results)
                    if log:
                        log.add_page(keys[number], done)
                    found[number] = done
                    on_done()
                outcome = found.pop(i)
            if i in known or task.error is not None:
                on_done()
            yield outcome
    finally:
        results.close()


def _read(
    todo: Sequence[tuple[int, Task]], settings: Settings, reader: Reader, jobs: int
) -> Iterator[tuple[int, Outcome]]:
    if jobs > 1:
        yield from read_in_parallel(todo, settings, jobs)
        return
    outcomes = read_tasks(reader, [task for _, task in todo], settings)
    for (number, _), outcome in zip(todo, outcomes, strict=True):
        yield number, outcome
