"""Lines cut from pictures of pages by ALTO or PAGE files that lie beside them."""

import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from handwriting.errors import UserError
from handwriting.images import load
from handwriting.lines.cutting import cut_page
from handwriting.lines.data import Line, LineData
from handwriting.lines.outlines import Outline
from handwriting.lines.readers import alto, page_xml
from handwriting.lines.readers.collect import Collection, data_name, split_name
from handwriting.lines.readers.files import ImageIndex, files_under, images_in
from handwriting.lines.readers.layout import (
    LayoutError,
    PageLayout,
    PageLine,
    parse_xml,
    root_name,
)
from handwriting.lines.readers.line_images import relative

PARSERS = {alto.ROOT: alto.parse_alto, page_xml.ROOT: page_xml.parse_page}
# Exports keep layouts in a folder of their own, and the pictures above or beside it.
LAYOUT_FOLDERS = {"page", "alto", "xml", "pagexml", "page_xml"}
PICTURE_FOLDERS = ("images", "image", "img", "jpg", "scans")
# Width and height of a picture and of its page may differ in scale by this share.
DISTORTION = 0.02


def is_pages(path: Path) -> bool:
    """Whether the folder holds an ALTO or PAGE file."""
    return any(root_name(file) in PARSERS for file in _xml_files(files_under(path)))


def _xml_files(files: list[Path]) -> list[Path]:
    return [file for file in files if file.suffix.lower() == ".xml"]


def pages_files(path: Path) -> list[Path]:
    """Layouts and pictures, with those above the folder where it holds layouts only."""
    files = files_under(path)
    if path.resolve().name.lower() in LAYOUT_FOLDERS and not images_in(files):
        above = path.resolve().parent
        for folder in (above, *(above / name for name in PICTURE_FOLDERS)):
            if folder.is_dir():
                files += sorted(file for file in folder.iterdir() if file.is_file())
    return files


def collect_pages(path: Path) -> Collection:
    collection = Collection(data_name(path))
    files = pages_files(path)
    pictures, layouts = ImageIndex(files), _xml_files(files_under(path))
    quiet = not sys.stderr.isatty()
    for file in tqdm(layouts, desc=collection.name, unit="page", disable=quiet):
        try:
            _add_page(collection, file, pictures, path)
        except OSError as error:
            collection.skip("XML cannot be read", f"{relative(file, path)}: {error}")
        except LayoutError as error:
            collection.skip("page unusable", f"{relative(file, path)}: {error}")
        except UserError as error:
            collection.skip("picture cannot be read", error)
    return collection


def _add_page(collection: Collection, file: Path, pictures: ImageIndex, root: Path) -> None:
    tree = parse_xml(file)
    where = relative(file, root)
    if tree.tag not in PARSERS:
        collection.skip("XML of another kind", where)
        return
    layout = PARSERS[tree.tag](tree)
    lines = usable_lines(collection, layout, where)
    picture = pictures.find(layout.picture, file.name, near=file)
    if picture is None:
        cause = layout.picture or f"of {file.name}"
        raise LayoutError(f"its picture {cause} is missing")
    if not lines:
        return
    gray = load(picture)
    scale = pixel_scale(layout, gray.shape)
    outlines = [_scaled(line.outline, scale) for line in lines]
    name = Path(where).with_suffix("").as_posix()
    split = next(filter(None, map(split_name, Path(where).parts[:-1])), "")
    for line, cut in zip(lines, cut_page(gray, outlines), strict=True):
        place = f"{where} {line.id}"
        if cut is None:
            collection.skip("no writing in the outline", place)
        else:
            collection.add(Line(cut.image, line.text, page=name), name, split, place)


def usable_lines(collection: Collection, layout: PageLayout, where: str) -> list[PageLine]:
    """Lines with text and a place; the others are counted."""
    lines = []
    for line in layout.lines:
        if not line.text.strip():
            collection.skip("no text", f"{where} {line.id}")
        elif line.outline.polygon is None and line.outline.baseline is None:
            collection.skip("no polygon and no baseline", f"{where} {line.id}")
        else:
            lines.append(line)
    return lines


def pixel_scale(layout: PageLayout, shape: tuple[int, int]) -> np.ndarray:
    """(2,) pixels of the picture in one unit of the page, along x and y.

    Raises:
        LayoutError: the unit is unknown, or the picture is not that of the page.
    """
    if layout.size is None:
        if layout.in_pixels:
            return np.ones(2)
        raise LayoutError("gives coordinates in a unit of length but no page size")
    scale = np.array([shape[1], shape[0]]) / np.array(layout.size)
    if abs(np.log(scale[0] / scale[1])) > DISTORTION:
        raise LayoutError("the page has other proportions than its picture")
    return scale


def _scaled(outline: Outline, scale: np.ndarray) -> Outline:
    points = (outline.polygon, outline.baseline)
    return Outline(*(None if p is None else p * scale for p in points))


def read_pages(path) -> LineData:
    """Pages in ALTO or PAGE XML with their pictures, from eScriptorium, Transkribus and others.

    The picture is the one that the file names, or that has the file's own name, in any
    letter case, anywhere in the folder; only the name counts, never a path. A line needs
    text and a polygon or a baseline. Whole pages are drawn for the splits unless
    sub-folders called `train`, `val` or `test` give them.

    Raises:
        UserError: no line could be read.
    """
    return collect_pages(Path(path)).finish()
