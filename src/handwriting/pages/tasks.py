"""What there is to read: every page of every file, and what is known of it beforehand."""

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from handwriting.errors import UserError
from handwriting.pages.selection import Ranges
from handwriting.pages.sources import STDIN, count_pages

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".pgm", ".ppm"}
SUFFIXES |= {".pdf"}


@dataclass(frozen=True)
class Task:
    """A page to read.

    Attributes:
        file: as the user named it.
        path: where its bytes are.
        number: of the page in the file, from 1.
        visual: what the name of a picture of the reading begins and ends with; the model's
            name stands between.
        error: why there is nothing to read; else None.
    """

    file: str
    path: str
    number: int = 1
    visual: tuple[str, str] = ("", "")
    error: str | None = None


@contextmanager
def find_files(arguments: Iterable[str]) -> Iterator[list[tuple[str, str]]]:
    """Pairs of a name and a path: each argument, or for a folder the pictures and PDFs in it.

    stdin is kept in a temporary file meanwhile, so that its pages can be read in any order.
    A folder without pictures is passed on as it is: reading it says what is wrong.
    """
    with ExitStack() as stack:
        spooled, files = None, []
        for argument in arguments:
            if argument == STDIN:
                spooled = spooled or _spool(stack)
                files.append((STDIN, spooled))
            elif os.path.isdir(argument):
                inside = _pictures(Path(argument)) or [argument]
                files.extend((path, path) for path in inside)
            else:
                files.append((argument, argument))
        yield files


def _spool(stack: ExitStack) -> str:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="handwriting-"))
    spooled = os.path.join(folder, "stdin")
    with open(spooled, "wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return spooled


def _pictures(folder: Path) -> list[str]:
    try:
        names = sorted(os.listdir(folder), key=_natural)
    except OSError:
        return []
    return [str(folder / name) for name in names if Path(name).suffix.lower() in SUFFIXES]


def _natural(name: str) -> list:
    """To sort by: numbers in names count as numbers.

    >>> sorted(["p10", "p9", "q1"], key=_natural)
    ['p9', 'p10', 'q1']
    """
    parts = re.split(r"(\d+)", name)
    return [(int(part), part) if i % 2 else (0, part) for i, part in enumerate(parts)]


def list_tasks(files: Sequence[tuple[str, str]], pages: Ranges) -> list[Task]:
    """The pages of all files, in order; a file that cannot be read is one task with an error."""
    tasks, stems = [], Counter()
    for file, path in files:
        stem = "stdin" if file == STDIN else Path(file).stem
        stems[stem] += 1
        try:
            numbers = count_pages(file, pages, path)
        except UserError as error:
            tasks.append(Task(file, path, error=str(error)))
            continue
        again = f"_{stems[stem]}" if stems[stem] > 1 else ""
        for number in numbers:
            where = f"_p{number:03d}" if number > 1 or len(numbers) > 1 else ""
            tasks.append(Task(file, path, number, (f"{stem}{where}", again)))
    return tasks


def task_key(task: Task, settings: str) -> str:
    """Changes whenever the page would be read anew: with the file, or what it is read with."""
    try:
        state = os.stat(task.path)
    except OSError:
        return ""
    place = os.path.realpath(task.path)
    facts = [place, state.st_size, state.st_mtime_ns, task.number, settings]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]
