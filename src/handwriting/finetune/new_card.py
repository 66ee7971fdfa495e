"""The card of a version: that of its base, with what is its own."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from handwriting.cards import ModelCard, sha256
from handwriting.results import command, hardware


def version_card(base: ModelCard, name: str, folder: Path, **changes) -> ModelCard:
    """
    Args:
        folder: with the version's files and nothing else.
        changes: further fields.
    """
    files = {file.name: sha256(file) for file in sorted(folder.iterdir())}
    return replace(
        base,
        name=name,
        epochs=0,
        best_epoch=0,
        minutes=0.0,
        command=command(),
        hardware=hardware(),
        init_from=base.name,
        validation={},
        test={},
        date=date.today().isoformat(),
        files=files,
        **changes,
    )
