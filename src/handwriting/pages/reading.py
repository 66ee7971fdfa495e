"""Reading tasks in one process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from handwriting.pages.outcome import Outcome, outcome_of
from handwriting.pages.sources import PageSource, open_pages
from handwriting.pages.tasks import Task
from handwriting.reader import Reader


@dataclass(frozen=True)
class Settings:
    """What to read with.

    Attributes:
        model, language_model: see `Reader`.
        top: how many classes of a character to name.
        visuals: whether to write a picture of each reading.
    """

    model: str = "auto"
    language_model: bool = True
    top: int = 5
    visuals: bool = False


def make_reader(settings: Settings, threads: int = 0) -> Reader:
    """The reader that the settings ask for.

    Raises:
        UserError: see `Reader`.
    """
    return Reader(settings.model, settings.language_model, threads)


def read_tasks(reader: Reader, tasks: Sequence[Task], settings: Settings) -> Iterator[Outcome]:
    """Read pages, in order; none with an error of its own may be among them."""
    sources = (
        source
        for path, group in groupby(tasks, key=lambda task: (task.file, task.path))
        for source in _sources(list(group))
    )
    readings = reader.read_sources(sources, settings.top)
    for task, reading in zip(tasks, readings, strict=True):
        visuals: tuple[str, ...] = ()
        if settings.visuals and reading.error is None:
            from handwriting.pages.visuals import save_visuals  # takes a while

            visuals = tuple(map(str, save_visuals(reading, task.visual)))
        yield outcome_of(reading, visuals)


def _sources(tasks: list[Task]) -> Iterator[PageSource]:
    """A source for each page of one file, also where the file fails as a whole."""
    file, path = tasks[0].file, tasks[0].path
    found = open_pages(file, tuple((task.number, task.number) for task in tasks), path=path)
    failed = PageSource(file, error=f"{file}: is not as long as it was")
    for task in tasks:
        source = next(found, failed)
        failed = source if source.error else failed
        yield replace(source, number=task.number)
