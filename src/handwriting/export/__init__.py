"""From a document to files: `export(document, "alto", "page.xml")`."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from handwriting.document import Document
from handwriting.errors import UserError
from handwriting.export.alto import write_alto
from handwriting.export.cleaning import clean
from handwriting.export.docx_file import write_docx
from handwriting.export.files import write_file
from handwriting.export.hocr import write_hocr
from handwriting.export.json_lines import write_json
from handwriting.export.page_xml import write_page_xml
from handwriting.export.pdf import write_pdf
from handwriting.export.plain import write_markdown, write_text

__all__ = ["EXPORTERS", "Exporter", "export"]


class Exporter(NamedTuple):
    """One output format.

    Attributes:
        write: `write(document, stream, **options)`; of documents as `clean` leaves them.
        suffix: what its files end in.
        one_page: whether a file holds one page, as importers of the format expect.
    """

    write: Callable[..., None]
    suffix: str
    one_page: bool = False


EXPORTERS = {
    "text": Exporter(write_text, ".txt"),
    "markdown": Exporter(write_markdown, ".md"),
    "json": Exporter(write_json, ".json"),
    "alto": Exporter(write_alto, ".alto.xml", one_page=True),
    "page": Exporter(write_page_xml, ".page.xml", one_page=True),
    "hocr": Exporter(write_hocr, ".hocr"),
    "pdf": Exporter(write_pdf, ".pdf"),
    "docx": Exporter(write_docx, ".docx"),
}


def export(
    document: Document, format: str, target: str | Path | BinaryIO, **options
) -> tuple[Path, ...]:
    """Write a document.

    Args:
        format: a name in `EXPORTERS`.
        target: a path, or an open binary stream.
        options: of the format, see its `write_…` function.

    Returns:
        The files written; none for a stream. Of a format that holds one page to a file,
        several pages become `name-1.xml`, `name-2.xml` and so on.

    Raises:
        UserError: unknown format, a target that cannot be written to, several pages for one
            stream of a format that holds one.
    """
    if format not in EXPORTERS:
        raise UserError(f"{format}: no such format; choose one of {', '.join(EXPORTERS)}")
    exporter, document = EXPORTERS[format], clean(document)
    parts = [document]
    if exporter.one_page:
        parts = [replace(document, pages=(page,)) for page in document.pages]
    if hasattr(target, "write"):
        if len(parts) > 1:
            raise UserError(f"{format}: holds one page to a file, not {len(parts)}; name a file")
        exporter.write(document, target, **options)
        return ()
    paths = _numbered(Path(target), exporter.suffix, len(parts))
    for part, path in zip(parts, paths, strict=True):
        write_file(path, partial(exporter.write, part, **options))
    return paths


def _numbered(path: Path, suffix: str, count: int) -> tuple[Path, ...]:
    if count == 1:
        return (path,)
    suffix = suffix if path.name.endswith(suffix) else path.suffix
    stem = path.name.removesuffix(suffix)
    return tuple(path.with_name(f"{stem}-{i}{suffix}") for i in range(1, count + 1))
