"""What is here and what is not: the tables of `--check` and of the command without arguments."""

import json
from pathlib import Path

from handwriting.download.archives import MANIFEST
from handwriting.download.catalogue import DataSet
from handwriting.download.checks import BROKEN, COMPLETE, MISSING, PARTIAL, FileState, check_file

IMAGE_ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"}


def check_set(data_set: DataSet, data: Path) -> list[FileState]:
    """The state of each file and each class folder that a complete set has."""
    states = [check_file(data / entry.path, entry) for entry in data_set.files]
    states += [_check_folder(data, folder, data_set.classes) for folder in data_set.class_folders]
    if data_set.class_folders and all(state.state == COMPLETE for state in states):
        states += _check_manifest(data_set, data)
    return states


def describe(states: list[FileState]) -> str:
    """One phrase for a whole set.

    >>> describe([FileState("a", "complete", ""), FileState("b", "missing", "")])
    '1 of 2 complete, 1 missing'
    """
    counts = {}
    for state in states:
        counts[state.state] = counts.get(state.state, 0) + 1
    if set(counts) <= {COMPLETE}:
        return COMPLETE
    if set(counts) == {MISSING}:
        return MISSING
    rest = ", ".join(f"{n} {state}" for state, n in counts.items() if state != COMPLETE)
    return f"{counts.get(COMPLETE, 0)} of {len(states)} complete, {rest}"


def report(data_sets: list[DataSet], data: Path) -> int:
    """Print each file of each set with its state.

    Returns:
        The exit status: 0 if all named sets are complete, else 2.
    """
    status = 0
    for data_set in data_sets:
        states = check_set(data_set, data)
        print(f"{data_set.name}: {describe(states)}")
        for state in states:
            print(f"  {state.state:<9}  {state.path}  ({state.reason})")
        status = status if describe(states) == COMPLETE else 2
    return status


def overview(data_sets: list[DataSet], data: Path) -> None:
    """Print each set with size, licence and state."""
    print(f"data folder: {data}")
    for data_set in data_sets:
        print(f"\n{data_set.name}: {data_set.title}")
        print(f"  size     {data_set.size}")
        print(f"  licence  {data_set.licence}")
        print(f"  state    {describe(check_set(data_set, data))}")
    print("\nTo get one: python src/download.py NAME; to check its files: --check")


def _check_folder(data: Path, folder: str, classes: int) -> FileState:
    """A folder with one subfolder of images per class."""
    path = data / folder
    if not path.is_dir():
        return FileState(folder, MISSING, "not here")
    counts = {each.name: _count_images(each) for each in path.iterdir() if each.is_dir()}
    empty = sorted(name for name, count in counts.items() if not count)
    if empty:
        return FileState(folder, BROKEN, f"no image in {', '.join(empty)}")
    total = f"{sum(counts.values()):,} images in {len(counts)} of {classes} classes"
    return FileState(folder, COMPLETE if len(counts) == classes else PARTIAL, total)


def _count_images(folder: Path) -> int:
    return sum(each.suffix.lower() in IMAGE_ENDINGS for each in folder.iterdir())


def _check_manifest(data_set: DataSet, data: Path) -> list[FileState]:
    """Compare with the number of files that were unpacked, where this project unpacked them."""
    folder = data_set.class_folders[0].split("/")[0]
    try:
        expected = json.loads((data / folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    # The manifest counts itself out.
    found = sum(each.is_file() for each in (data / folder).rglob("*")) - 1
    if found >= expected:
        return [FileState(folder, COMPLETE, f"{found:,} files, as unpacked")]
    return [FileState(folder, BROKEN, f"{found:,} of {expected:,} unpacked files are left")]
