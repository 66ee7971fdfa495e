"""A folder of pictures of lines, each with its text beside it."""

from pathlib import Path

from handwriting.lines.data import LineData
from handwriting.lines.readers.collect import Collection, data_name, split_name
from handwriting.lines.readers.files import files_under, images_in, read_text
from handwriting.lines.readers.line_images import Labelled, add_line_images, relative

ENDINGS = (".gt.txt", ".txt")


def label_of(image: Path) -> Path | None:
    """`NAME.gt.txt` or `NAME.txt` beside `NAME.png`; `NAME.bin.png` has the label of `NAME.png`."""
    for stem in dict.fromkeys((image.stem, image.name.split(".")[0])):
        for ending in ENDINGS:
            label = image.with_name(stem + ending)
            if label.is_file():
                return label
    return None


def is_folder(path: Path) -> bool:
    """Whether a picture in or below the folder has a label beside it."""
    return any(label_of(image) for image in images_in(files_under(path)))


def collect_folder(path: Path) -> Collection:
    collection = Collection(data_name(path))
    items, labels = [], set()
    for image in images_in(files_under(path)):
        where, label = relative(image, path), label_of(image)
        if label is None:
            collection.skip("no text file beside the picture", where)
        elif label in labels:
            collection.skip("second picture of the same text file", where)
        else:
            labels.add(label)
            items += _item(collection, image, label, path)
    add_line_images(collection, items, path)
    return collection


def _item(collection: Collection, image: Path, label: Path, root: Path) -> list[Labelled]:
    try:
        text = read_text(label)
    except (OSError, ValueError) as error:
        collection.skip("text cannot be read", f"{relative(label, root)}: {error}")
        return []
    folders = Path(relative(image, root)).parts[:-1]
    split = next(filter(None, map(split_name, folders)), "")
    page = "/".join(folder for folder in folders if not split_name(folder))
    return [Labelled(image, text, group=page, split=split, page=page)]


def read_folder(path) -> LineData:
    """`NAME.png` with `NAME.gt.txt` or `NAME.txt`, in the folder and its sub-folders.

    A sub-folder is a page: its lines stay in one split. Sub-folders called `train`,
    `val` or `test` give the splits; else pages are drawn (`collect.assign_splits`), and
    single lines where there are no sub-folders.

    Raises:
        UserError: no line could be read.
    """
    return collect_folder(Path(path)).finish()
