"""The language model that lies beside a line model: characters, and words if there are any."""

import shutil
from pathlib import Path

from handwriting.cards import ModelCard, checked_path
from handwriting.lines.language.mixed import MixedModel
from handwriting.lines.language.model import NgramModel
from handwriting.lines.language.words import WordModel

CHARACTERS, WORDS = ".lm.npz", ".words.npz"


def find_language_files(folder: Path, name: str) -> dict[str, Path]:
    """What a card says of them to their paths: `language_model`, and `words`."""
    paths = {"language_model": folder / f"{name}{CHARACTERS}", "words": folder / f"{name}{WORDS}"}
    if not paths["language_model"].is_file():
        return {}
    return {key: path for key, path in paths.items() if path.is_file()}


def load_language_model(files: dict[str, Path]) -> NgramModel | MixedModel | None:
    """From `find_language_files`; None without any.

    Raises:
        UserError: a file is broken.
    """
    if not files:
        return None
    characters = NgramModel.load(files["language_model"])
    if "words" not in files:
        return characters
    return MixedModel(characters, WordModel.load(files["words"]))


def language_files(card: ModelCard, folder: Path) -> dict[str, Path]:
    """Those that the decoding on a card names, their hashes checked.

    Raises:
        UserError: a file is missing or not the one on the card.
    """
    names = {key: card.decoding.get(key) for key in ("language_model", "words")}
    return {key: checked_path(card, folder / name) for key, name in names.items() if name}


def save_language_model(
    model: NgramModel | MixedModel, base: dict[str, Path], folder: Path, name: str
) -> dict[str, str]:
    """Write a model that was made from the one in the files `base`, under another name.

    Returns:
        What the card's decoding says of it: key to file name.
    """
    written = {"language_model": f"{name}{CHARACTERS}"}
    if not isinstance(model, MixedModel):
        model.save(folder / written["language_model"])
        return written
    model.characters.save(folder / written["language_model"])
    written["words"] = f"{name}{WORDS}"
    shutil.copy(base["words"], folder / written["words"])
    return written
