"""Which models the application offers."""

from handwriting.cards import list_models, read_card

DEFAULT_MODEL = "characters"
LINE_MODEL = "lines"


def character_models() -> list[str]:
    """Names of the models that read characters, the default first; those of tutorials last."""
    names = [name for name in list_models() if read_card(name).task == "characters"]
    return sorted(names, key=lambda name: (name != DEFAULT_MODEL, name.endswith("_cnn"), name))
