"""Which models the application offers."""

from handwriting.cards import list_models, read_card
from handwriting.finetune.versions import root_name

DEFAULT_MODEL = "characters"
LINE_MODEL = "lines"


def character_models(versions: bool = True) -> list[str]:
    """Names of the models that read characters, the default first; those of tutorials last.

    Args:
        versions: also those that came about by learning from corrections.
    """
    names = [name for name in list_models() if versions or name == root_name(name)]
    names = [name for name in names if read_card(name).task == "characters"]
    return sorted(names, key=lambda name: (name != DEFAULT_MODEL, name.endswith("_cnn"), name))
