"""Where readings go: a stream, one document, or a folder with a document for each file."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from handwriting.cards import read_card
from handwriting.document import Document, Page
from handwriting.errors import UserError
from handwriting.images.sources import fail, one_line
from handwriting.pages.outcome import Outcome
from handwriting.pages.sources import STDIN, open_picture
from handwriting.pages.tasks import Task

STREAMED = ("text", "json")
BINARY = ("pdf", "docx")
ONE_PAGE = ("alto", "page")
# As `export.EXPORTERS` has them, whose import takes longer than reading a character.
_SUFFIXES = {
    "text": ".txt",
    "markdown": ".md",
    "json": ".json",
    "alto": ".alto.xml",
    "page": ".page.xml",
    "hocr": ".hocr",
    "pdf": ".pdf",
    "docx": ".docx",
}
FORMATS = tuple(_SUFFIXES)


def is_folder(path: str | None) -> bool:
    """Whether `--output` names a folder: one that exists, or a name with a slash at its end."""
    separators = ("/", os.sep)
    return path is not None and (path.endswith(separators) or os.path.isdir(path))


def as_text(outcome: Outcome, is_first: bool) -> str:
    """The text with a line break; a form feed stands between pages."""
    text = outcome.text
    if not outcome.is_page:
        return f"{text}\n"
    return ("" if is_first else "\f") + (f"{text}\n" if text else "")


def as_json(outcome: Outcome) -> str:
    """One line of JSON: file, text, confidence, model; then top, words, or the page's lines."""
    if outcome.is_page:
        from handwriting.export.json_lines import page_values

        return json.dumps(page_values(make_document([outcome]), outcome.page), ensure_ascii=False)
    line = outcome.page.lines[0]
    values: dict[str, Any] = {
        "file": outcome.file,
        "text": line.text,
        "confidence": round(line.confidence, 6),
        "model": outcome.model,
    }
    if outcome.top is not None:
        values["top"] = _ranked(outcome.top)
    else:
        values["words"] = [
            {
                "text": word.text,
                "box": [round(side) for side in word.box],
                "confidence": round(word.confidence, 6),
                "alternatives": _ranked(word.alternatives),
            }
            for word in line.words
        ]
    return json.dumps(values, ensure_ascii=False)


def _ranked(readings) -> list[dict[str, Any]]:
    return [{"text": text, "probability": round(p, 6)} for text, p in readings]


def make_document(outcomes: Sequence[Outcome]) -> Document:
    """Pages in order; those of several files are numbered through."""
    pages = [outcome.page for outcome in outcomes]
    if len({page.file for page in pages}) > 1:
        pages = [replace(page, number=number) for number, page in enumerate(pages, 1)]
    model = outcomes[0].model
    return Document(tuple(pages), datetime.now(UTC), model, _version(model))


@cache
def _version(model: str) -> str:
    """The beginning of the hash of the network's file; "" for a model given by path."""
    try:
        return read_card(model).files.get(f"{model}.onnx", "")[:12]
    except UserError:
        return ""


def write_document(
    outcomes: Sequence[Outcome], places: dict[str, str], format: str, target
) -> tuple[Path, ...]:
    """Write pages as one document.

    Args:
        places: where the bytes of each file are.
        target: a path, or a binary stream.

    Returns:
        The files written.

    Raises:
        UserError: see `export`.
    """
    if format in STREAMED:
        return _write_lines(outcomes, format, target)
    from handwriting.export import export

    document = make_document(outcomes)
    options = {"images": _pictures(document.pages, places)} if format == "pdf" else {}
    if any(page.file == STDIN for page in document.pages):
        document = replace(document, title="stdin")
    return export(document, format, target, **options)


def _write_lines(outcomes: Sequence[Outcome], format: str, target: Path) -> tuple[Path, ...]:
    from handwriting.export.files import write_file

    lines = (
        as_text(outcome, not number) if format == "text" else f"{as_json(outcome)}\n"
        for number, outcome in enumerate(outcomes)
    )
    # A file name that is no valid Unicode must not stop the run; `\udcff` is valid JSON.
    write_file(target, lambda file: file.write("".join(lines).encode("utf-8", "backslashreplace")))
    return (target,)


def _pictures(pages: Sequence[Page], places: dict[str, str]) -> Iterator:
    for page in pages:
        yield open_picture(places[page.file], page.frame)


def folder_targets(tasks: Sequence[Task], folder: Path, format: str) -> dict[str, Path]:
    """For each file that is read, the file that it becomes.

    Raises:
        UserError: one of them is a file that is read.
    """
    suffix = _SUFFIXES[format]
    files = {task.file: task.path for task in tasks}
    stems = Counter(_stem(file) for file in files)
    targets: dict[str, Path] = {}
    for file in files:
        name = _stem(file) if stems[_stem(file)] == 1 else Path(file).name.replace(".", "_")
        path, number = folder / f"{name}{suffix}", 1
        while path in targets.values():
            number += 1
            path = folder / f"{name}_{number}{suffix}"
        targets[file] = path
    inputs = {os.path.realpath(path) for path in files.values()}
    for path in targets.values():
        if os.path.realpath(path) in inputs:
            raise fail(str(path), "would replace a file that is read", "name another --output")
    return targets


def _stem(file: str) -> str:
    return "stdin" if file == STDIN else Path(file).stem


def make_folder(path: str) -> Path:
    """The output folder, made if there is none.

    Raises:
        UserError: it cannot be.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{one_line(path)}: cannot be made ({error.strerror})") from None
    return Path(path)


def check_target(output: str | None, format: str, files: Sequence[tuple[str, str]]) -> None:
    """Refuse what can only end badly, before anything is read.

    Raises:
        UserError: a binary format for a terminal, or an output that is one of the inputs.
    """
    if output is None and format in BINARY and sys.stdout.isatty():
        raise UserError(f"--format {format}: is not for a terminal; name a file with --output")
    if output is None or is_folder(output):
        return
    if os.path.realpath(output) in {os.path.realpath(path) for _, path in files}:
        raise UserError(f"{one_line(output)}: is one of the pictures; name another --output")
    parent = Path(output).parent
    if not parent.is_dir():
        raise UserError(f"{one_line(output)}: cannot be written (no folder {one_line(parent)})")


def check_pages(format: str, count: int) -> None:
    """Refuse to write several pages to one stream in a format that holds one.

    Raises:
        UserError: so it is.
    """
    if format in ONE_PAGE and count > 1:
        raise UserError(f"--format {format}: holds one page; name a folder with --output")
