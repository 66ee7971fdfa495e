"""Versions of a model: `BASE@USER-DATE`, a second one of the day `BASE@USER-DATE.2`.

A version is a model like any other. Rolling one back moves its files to `retired/` in the
models folder; a model without `@` in its name is never touched.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from handwriting import paths
from handwriting.cards import ModelCard, card_path, list_models, read_card, write_card
from handwriting.errors import UserError
from handwriting.finetune.result import FinetuneResult

MARK = "@"
RETIRED = "retired"
_NAME = re.compile(
    r"(?P<base>[^@]+)@(?P<user>[A-Za-z0-9_-]+)-(?P<date>\d{4}-\d\d-\d\d)(\.(?P<n>\d+))?"
)


def check_user(user: str) -> None:
    """
    Raises:
        UserError: not a name that a file can carry everywhere.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", user):
        raise UserError(f"{user!r}: a user's name here has letters, digits, - and _, 40 at most")


def root_name(model: str) -> str:
    """The model that a version goes back to.

    >>> root_name("lines@anna-2026-11-20.2")
    'lines'
    """
    return model.split(MARK)[0]


def new_name(base: str, user: str, day: date | None = None, folder: Path | None = None) -> str:
    """A name that no version has or had."""
    folder = folder or paths.models_dir()
    first = f"{root_name(base)}{MARK}{user}-{(day or date.today()).isoformat()}"
    name, number = first, 1
    while any((place / f"{name}.json").exists() for place in (folder, folder / RETIRED)):
        number += 1
        name = f"{first}.{number}"
    return name


def list_versions(base: str = "", user: str = "") -> list[str]:
    """Names of the versions of a model, of one user or of all, oldest first."""
    found = [(match, name) for name in list_models() if (match := _NAME.fullmatch(name))]
    chosen = [
        (match["date"], int(match["n"] or 1), name)
        for match, name in found
        if root_name(base) in ("", match["base"]) and user in ("", match["user"])
    ]
    return [name for *_, name in sorted(chosen)]


def rollback(name: str) -> list[Path]:
    """Take a version out of use: move its files to `retired/`.

    Returns:
        Where they lie now; moved back, the version is there again.

    Raises:
        UserError: not a version, or there is none of that name.
    """
    if not _NAME.fullmatch(name):
        known = ", ".join(list_versions()) or "none"
        raise UserError(f"{name}: not a version of a model, so it stays; versions: {known}")
    card_file = card_path(name)
    retired = card_file.parent / RETIRED
    retired.mkdir(exist_ok=True)
    # The card last: until it goes, a rollback that was interrupted can be done again.
    files = [card_file.parent / file for file in read_card(name).files]
    return _move([file for file in files if file.exists()] + [card_file], retired)


def _move(files: Sequence[Path], folder: Path) -> list[Path]:
    for file in files:
        os.replace(file, folder / file.name)
    return [folder / file.name for file in files]


def provenance(base: ModelCard, result: FinetuneResult, user: str, recipe: dict) -> dict:
    """What the card of a version says of how it came about."""
    scores = ("metric", "before", "after", "general_before", "general_after")
    counts = ("learned", "held_out", "general")
    return {
        "base": base.name,
        "base_sha256": base.files[f"{base.name}.h5"],
        "user": user,
        **{name: getattr(result, name) for name in (*counts, "new_characters", "accepted")},
        "scores": {name: getattr(result, name) for name in scores},
        "recipe": recipe,
    }


@contextmanager
def new_folder() -> Iterator[Path]:
    """A temporary folder in the models folder; removed if what is done with it fails."""
    models = paths.models_dir()
    models.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=models, prefix=".new-"))
    try:
        yield folder
    except BaseException:
        discard(folder)
        raise


def keep_version(folder: Path, card: ModelCard) -> None:
    """Put the files of a version among the others, the card last."""
    for name in card.files:
        os.replace(folder / name, folder.parent / name)
    write_card(card, folder)
    os.replace(folder / f"{card.name}.json", folder.parent / f"{card.name}.json")


def discard(folder: Path) -> None:
    """Remove a version that was not put among the others, and what is left of one that was."""
    shutil.rmtree(folder, ignore_errors=True)
