"""Reading tasks in several processes, whatever becomes of one of them."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait

from handwriting.errors import UserError
from handwriting.images.sources import one_line
from handwriting.machine import available_cores
from handwriting.pages.outcome import Outcome
from handwriting.pages.reading import Settings, make_reader, read_tasks
from handwriting.pages.tasks import Task

# Less than this, in bytes of pictures, is read before a second process has started.
LEAST_BYTES = 4_000_000
FEWEST = 4
PDF_PAGE_BYTES = 1_000_000  # that a page of a PDF counts for
MEMORY = 1_000_000_000  # that a process may need
MOST_IN_CHUNK, CHUNKS_EACH = 16, 4

Numbered = tuple[int, Task]
Work = Callable[[Connection, Settings], None]


def worker_count(jobs: int | None, tasks: Sequence[Task]) -> int:
    """Processes to start; 1 = none but this one.

    Args:
        jobs: as asked for; None = what the machine has cores and memory for, if there is
            enough to do.
    """
    if jobs is not None:
        return max(1, min(jobs, len(tasks)))
    if len(tasks) < FEWEST or sum(map(_size, tasks)) < LEAST_BYTES:
        return 1
    return max(1, min(available_cores(), len(tasks), _memory() // MEMORY))


def _size(task: Task) -> int:
    if task.path.lower().endswith(".pdf"):
        return PDF_PAGE_BYTES
    try:
        return os.path.getsize(task.path)
    except OSError:
        return 0


def _memory() -> int:
    """Bytes of the machine, as far as it tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return available_cores() * MEMORY


def read_in_parallel(
    tasks: Sequence[Numbered], settings: Settings, jobs: int, work: Work | None = None
) -> Iterator[tuple[int, Outcome]]:
    """Each task's number with what became of it, as they are done.

    A page that kills its process becomes an error, and a new process goes on with the rest.

    Args:
        work: what each process does, if not `answer`.
    """
    work = work or answer
    todo, workers = deque(_chunks(tasks, jobs)), []
    try:
        workers += [_Worker(settings, work) for _ in range(min(jobs, len(todo)))]
        for worker in workers:
            worker.give(todo)
        while any(worker.chunk for worker in workers):
            busy = {worker.pipe: worker for worker in workers if worker.chunk}
            for pipe in wait(list(busy)):
                worker = busy[pipe]
                try:
                    yield worker.take()
                except (EOFError, OSError):
                    number, task = worker.chunk.popleft()
                    yield number, _died(task)
                    if worker.chunk:
                        todo.appendleft(worker.chunk)
                    worker.end()
                    workers.remove(worker)
                    if not todo:
                        continue
                    workers.append(worker := _Worker(settings, work))
                if not worker.chunk:
                    worker.give(todo)
    finally:
        for worker in workers:
            worker.end()


def _died(task: Task) -> Outcome:
    cause = "reading it ended its process; is there enough memory?"
    return Outcome(task.file, task.number, f"{one_line(task.file)}: page {task.number}: {cause}")


def _chunks(tasks: Sequence[Numbered], jobs: int) -> Iterator[deque[Numbered]]:
    """Small enough that no process is left waiting at the end, and none holds many pages."""
    size = min(max(1, len(tasks) // (CHUNKS_EACH * jobs)), MOST_IN_CHUNK)
    return (deque(tasks[start : start + size]) for start in range(0, len(tasks), size))


class _Worker:
    """A process that reads chunks of tasks.

    Attributes:
        chunk: what it has still to answer, in order.
        pipe: where the answers come from.
    """

    def __init__(self, settings: Settings, work: Work):
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=work, args=(other, settings), daemon=True)
        with _deaf_to_interrupts():
            self.process.start()
        other.close()
        self.chunk: deque[Numbered] = deque()

    def give(self, todo: deque[deque[Numbered]]) -> None:
        if todo:
            self.chunk = todo.popleft()
            with suppress(OSError):  # it is dead, which `take` finds out
                self.pipe.send([task for _, task in self.chunk])

    def take(self) -> tuple[int, Outcome]:
        answer = self.pipe.recv()
        if isinstance(answer, UserError):
            raise answer
        return self.chunk.popleft()[0], answer

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


@contextmanager
def _deaf_to_interrupts():
    """Processes started inside leave Ctrl-C to this one."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # not the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def answer(pipe: Connection, settings: Settings) -> None:
    """Answer chunks of tasks until there are no more, or nobody to ask for them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        try:
            reader = make_reader(settings, threads=1)
            while True:
                for outcome in read_tasks(reader, pipe.recv(), settings):
                    pipe.send(outcome)
        except UserError as error:
            pipe.send(error)
