"""Where real data lies, for the checks that use it when it is there."""

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[1]


def real_data(needed: str) -> Path:
    """The data folder that holds the file `needed`; skips the test where none does."""
    named = os.environ.get("HANDWRITING_DATA")
    folders = [Path(named)] if named else []
    folders += [_ROOT / "data", _ROOT.parent / "shared" / "data"]
    for folder in folders:
        if (folder / needed).exists():
            return folder
    pytest.skip(f"{needed}: not in any data folder, see data/README.md")
