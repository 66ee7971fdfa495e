"""The language models that lie beside a line model: characters, words, and a recurrent one."""

import shutil
from pathlib import Path

from handwriting.cards import ModelCard, checked_path
from handwriting.lines.decoding.rescoring import Rescorer, RescoringSettings
from handwriting.lines.language.mixed import MixedModel
from handwriting.lines.language.model import NgramModel
from handwriting.lines.language.recurrent import RecurrentModel
from handwriting.lines.language.words import WordModel

CHARACTERS, WORDS, RECURRENT = ".lm.npz", ".words.npz", ".rnn.npz"
# What a card's decoding calls the files.
_ENDINGS = {"language_model": CHARACTERS, "words": WORDS, "recurrent": RECURRENT}


def find_language_files(folder: Path, name: str) -> dict[str, Path]:
    """What a card says of them to their paths: `language_model`, and `words` and `recurrent`."""
    paths = {key: folder / f"{name}{ending}" for key, ending in _ENDINGS.items()}
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


def load_rescorer(files: dict[str, Path], settings: dict | None) -> Rescorer | None:
    """From `find_language_files` and what a card says of rescoring; None without either.

    Raises:
        UserError: the file is broken.
    """
    if "recurrent" not in files or not settings:
        return None
    return Rescorer(RecurrentModel.load(files["recurrent"]), RescoringSettings(**settings))


def language_files(card: ModelCard, folder: Path) -> dict[str, Path]:
    """Those that the decoding on a card names, their hashes checked.

    Raises:
        UserError: a file is missing or not the one on the card.
    """
    names = {key: card.decoding.get(key) for key in _ENDINGS}
    return {key: checked_path(card, folder / name) for key, name in names.items() if name}


def save_language_model(
    model: NgramModel | MixedModel, base: dict[str, Path], folder: Path, name: str
) -> dict[str, str]:
    """Write a model that was made from the one in the files `base`, under another name.

    Returns:
        What the card's decoding says of it: key to file name.
    """
    written = {key: f"{name}{_ENDINGS[key]}" for key in base}
    characters = model.characters if isinstance(model, MixedModel) else model
    characters.save(folder / written["language_model"])
    for key in base.keys() - {"language_model"}:
        shutil.copy(base[key], folder / written[key])
    return written
