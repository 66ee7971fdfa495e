"""The IAM handwriting database (Marti & Bunke 2002) as people unpack it.

Wanted are `lines.txt` and the pictures of the lines, anywhere in the folder, and if they
are there `forms.txt` with the writers and the lists of a split: `train.uttlist` and so on
(Aachen, form names), or `trainset.txt`, `validationset1.txt` and so on (the large
writer-independent task, names of lines). Lines in no list are left out, as is usual.
"""

from pathlib import Path

from handwriting.errors import UserError
from handwriting.lines.data import LineData
from handwriting.lines.readers.collect import Collection, data_name, split_name
from handwriting.lines.readers.files import ImageIndex, files_under, read_text
from handwriting.lines.readers.line_images import Labelled, add_line_images

LABELS = "lines.txt"
STRUCK_OUT = "#"  # a word that nobody could read
CLOSING = {".", ",", ";", ":", "!", "?", ")", "]", "...", "%", "'s", "n't", "'ll", "'ve", "'re"}
CLOSING |= {"'m", "'d"}
OPENING = {"(", "[", "£", "$"}
QUOTES = {'"', "'"}


def detokenise(tokens: list[str]) -> str:
    """Words and signs as a sentence: the labels keep signs apart that stand close on paper.

    Full stops and the like close up to the left, brackets to their inside; of quotation
    marks every other one opens, and those that a line's start has lost are taken as new.

    >>> detokenise(["He", "said", ":", '"', "No", "(", "not", "yet", ")", '"', "."])
    'He said: "No (not yet)".'
    """
    text, glue, open_quotes = "", True, set()
    for token in tokens:
        closes = token in CLOSING or token in open_quotes
        text += token if glue or closes else f" {token}"
        glue = token in OPENING
        if token in QUOTES:
            glue = not closes
            open_quotes ^= {token}
    return text


def find_labels(path: Path) -> Path | None:
    """The `lines.txt` of IAM in a folder, or None."""
    candidates = [file for file in files_under(path) if file.name.lower() == LABELS]
    return next((file for file in candidates if _is_iam(file)), None)


def is_iam(path: Path) -> bool:
    return find_labels(path) is not None


def _is_iam(file: Path) -> bool:
    try:
        rows = _rows(read_text(file))
    except (OSError, ValueError):
        return False
    return any(len(row) == 9 and row[1] in ("ok", "err") for row in rows[:20])


def _rows(text: str) -> list[list[str]]:
    """Rows of at most nine fields, the last of which may hold spaces."""
    lines = (line.strip() for line in text.splitlines())
    return [line.split(maxsplit=8) for line in lines if line and not line.startswith("#")]


def collect_iam(path: Path) -> Collection:
    collection = Collection(data_name(path))
    labels = find_labels(path)
    if labels is None:
        raise UserError(f"{path}: no {LABELS} of IAM in it; unpack ascii.tgz into the folder")
    files = files_under(path)
    splits, writers = find_splits(files), _writers(files)
    if splits:
        collection.notes.append(f"{collection.name}: splits from lists in the folder")
    pictures, items = ImageIndex(files), []
    for row in _rows(read_text(labels)):
        items += _item(collection, row, pictures, splits, writers)
    add_line_images(collection, items, path)
    return collection


def _item(collection, row: list[str], pictures: ImageIndex, splits: dict, writers: dict):
    name = row[0]
    form = name.rsplit("-", 1)[0]
    if len(row) < 9 or row[1] not in ("ok", "err"):
        collection.skip("row without text", f"{LABELS}: {' '.join(row)}")
        return []
    tokens = [token for token in row[8].split("|") if token]
    split = splits.get(name) or splits.get(form) or ""
    image = pictures.find(f"{name}.png")
    if splits and not split:
        collection.skip("in no list of the split", name)
    elif STRUCK_OUT in tokens:
        collection.skip("word struck out", name)
    elif image is None:
        collection.skip("picture missing", name)
    else:
        # a01-000 and a01-000u are one text by two writers: they stay together.
        group = form.rstrip("abcdefghijklmnopqrstuvwxyz")
        text = detokenise(tokens)
        return [Labelled(image, text, group, split, "en", writers.get(form, ""), form)]
    return []


def find_splits(files: list[Path]) -> dict[str, str]:
    """Split by the name of a form or line, from the lists of one family; {} without lists.

    Where both families are there, the Aachen lists hold.
    """
    families = [
        [file for file in files if file.suffix.lower() == ".uttlist"],
        [
            file
            for file in files
            if file.suffix.lower() == ".txt" and file.stem.lower().rstrip("12").endswith("set")
        ],
    ]
    for family in families:
        found = {}
        for file in family:
            if split := split_name(file.stem):
                found |= dict.fromkeys(_names(file), split)
        if "train" in found.values():
            return found
    return {}


def _names(file: Path) -> list[str]:
    """Names in a list; a path or an ending around them does not matter."""
    try:
        words = read_text(file).split()
    except (OSError, ValueError):
        return []
    return [Path(word).name.removesuffix(".png") for word in words]


def _writers(files: list[Path]) -> dict[str, str]:
    """Writer by form, from `forms.txt`; {} without it."""
    file = next((file for file in files if file.name.lower() == "forms.txt"), None)
    try:
        rows = _rows(read_text(file)) if file else []
    except (OSError, ValueError):
        rows = []
    return {row[0]: row[1] for row in rows if len(row) > 1}


def read_iam(path) -> LineData:
    """IAM's lines with the split whose lists lie in the folder, else drawn by form.

    Raises:
        UserError: no `lines.txt`, or no line could be read.
    """
    return collect_iam(Path(path)).finish()
