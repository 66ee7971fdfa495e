"""What `predict.py` does: inputs from the command line, readings to where they belong."""

import io
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import groupby
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from handwriting.errors import UserError
from handwriting.images.sources import one_line
from handwriting.pages import output
from handwriting.pages.batch import document_key, read_batch
from handwriting.pages.log import Log
from handwriting.pages.outcome import Outcome
from handwriting.pages.reading import Settings, make_reader
from handwriting.pages.report import Report
from handwriting.pages.selection import ALL, parse_pages
from handwriting.pages.tasks import Task, find_files, list_tasks
from handwriting.pages.workers import worker_count

FOLDER_LOG = ".handwriting.jsonl"


def run(args: Namespace) -> int:
    """Read what the arguments name and write it where they say; the exit status.

    Raises:
        UserError: nothing can be read or written at all. What is wrong with single pages
            is a line on stderr, and the status is then 2.
    """
    settings = Settings(args.model, args.language_model, args.top or 5, args.save_visual)
    pages = parse_pages(args.pages) if args.pages else ALL
    reader = make_reader(settings)
    with find_files(args.images) as files:
        output.check_target(args.output, args.format, files)
        tasks = list_tasks(files, pages)
        job = _Job(args, settings, reader, tasks)
        if output.is_folder(args.output):
            job.fill_folder()
        elif args.format in output.STREAMED:
            job.stream()
        else:
            job.write_document()
    return job.report.finish()


class _Job:
    """One call of the script."""

    def __init__(self, args: Namespace, settings: Settings, reader, tasks: Sequence[Task]):
        self.args, self.settings, self.reader, self.tasks = args, settings, reader, tasks
        self.places = {task.file: task.path for task in tasks}
        self.report = Report(args.top if args.format == "text" else None)

    def stream(self) -> None:
        """Text or JSON as it is read."""
        with self._log() as log, open_output(self.args.output) as file:
            is_first = True
            for outcome in self._outcomes(self.tasks, log):
                if outcome.error is None:
                    is_text = self.args.format == "text"
                    end = "" if is_text else "\n"
                    text = output.as_text(outcome, is_first) if is_text else output.as_json(outcome)
                    print(text, end=end, file=file)
                    is_first = False
                self.report.add(outcome)

    def write_document(self) -> None:
        """All pages of all files as one document."""
        target = self.args.output
        if target is None:
            output.check_pages(self.args.format, len(self.tasks))
        with self._log() as log:
            read = []
            for outcome in self._outcomes(self.tasks, log):
                self.report.add(outcome)
                if outcome.error is None:
                    read.append(outcome)
            if not read:
                return
            if target is not None:
                output.write_document(read, self.places, self.args.format, Path(target))
                return
        buffer = io.BytesIO()
        output.write_document(read, self.places, self.args.format, buffer)
        with open_output(None) as file:
            file.buffer.write(buffer.getbuffer())

    def fill_folder(self) -> None:
        """A document for each file; those that are there already stay."""
        folder = output.make_folder(self.args.output)
        tasks = list({(task.file, task.number): task for task in self.tasks}.values())
        targets = output.folder_targets(tasks, folder, self.args.format)
        with closing(Log(folder / FOLDER_LOG)) as log:
            keys = {
                file: document_key(list(pages), self.settings, self.reader, self.args.format)
                for file, pages in self._files(tasks)
            }
            todo = [task for task in tasks if not log.is_written(keys[task.file])]
            self.report.already += len(tasks) - len(todo)
            outcomes = self._outcomes(todo, log)
            for file, pages in self._files(todo):
                read = [next(outcomes) for _ in pages]
                for outcome in read:
                    self.report.add(outcome)
                files = self._write(file, read, targets[file])
                if files and not any(outcome.error for outcome in read):
                    log.add_document(keys[file], files)
            if not self.report.errors:
                log.shorten()

    def _write(self, file: str, read: Sequence[Outcome], target: Path) -> tuple[Path, ...]:
        """The files that became of the pages of one file; none if it cannot be written."""
        good = [outcome for outcome in read if outcome.error is None]
        try:
            return (
                output.write_document(good, self.places, self.args.format, target) if good else ()
            )
        except UserError as error:
            self.report.add(Outcome(file, error=str(error)))
            return ()

    @staticmethod
    def _files(tasks: Sequence[Task]):
        return groupby(tasks, key=lambda task: task.file)

    @contextmanager
    def _log(self) -> Iterator[Log | None]:
        """Of the pages of one output file, until it is complete."""
        path = self.args.output and Path(self.args.output)
        # What is no file, such as /dev/stdout, has no place beside it.
        if not path or len(self.tasks) < 2 or (path.exists() and not path.is_file()):
            yield None
            return
        with closing(Log(path.with_name(f".{path.name}.handwriting.jsonl"))) as log:
            yield log
            log.remove()

    def _outcomes(self, tasks: Sequence[Task], log: Log | None) -> Iterator[Outcome]:
        jobs = worker_count(self.args.jobs, tasks)
        to_terminal = self.args.output is None and sys.stdout.isatty()
        quiet = to_terminal or not sys.stderr.isatty()
        bar = tqdm(total=len(tasks), unit="page", leave=False, delay=1, disable=quiet)
        with bar:
            yield from read_batch(tasks, self.settings, self.reader, jobs, log, bar.update)


@contextmanager
def open_output(path: str | None) -> Iterator[TextIO]:
    """The file named, or stdout: UTF-8 on every system; closed at the end.

    Raises:
        UserError: it cannot be written, or the disk is full.
    """
    # A file name that is no valid Unicode must not stop the run; `\udcff` is valid JSON.
    options = {"encoding": "utf-8", "errors": "backslashreplace"}
    try:
        if path is None:
            sys.stdout.reconfigure(**options)
        with sys.stdout if path is None else open(path, "w", **options) as output:
            yield output
    except BrokenPipeError:
        raise
    except OSError as error:
        name = "stdout" if path is None else one_line(path)
        raise UserError(f"{name}: cannot be written ({error.strerror})") from None
