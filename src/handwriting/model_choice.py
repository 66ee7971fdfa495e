"""Which models `--model` stands for."""

from handwriting.cards import list_models, read_card
from handwriting.errors import UserError

AUTO = "auto"
# `pages` reads pages with the line model that `auto` takes, `pages:NAME` with another.
PAGES = "pages"
# The most general first: what `auto` takes.
CHARACTER_MODELS = ("characters", "emnist_bymerge", "emnist_balanced", "mnist")
LINE_MODELS = ("lines",)


def is_for_pages(model: str) -> bool:
    """Whether every picture is to be taken for a page."""
    return model.split(":")[0] == PAGES


def choose_models(model: str) -> tuple[str | None, str | None]:
    """Names or paths of the character model and the line model that `model` stands for.

    Raises:
        UserError: there is no such model.
    """
    if is_for_pages(model):
        name = model.partition(":")[2] or LINE_MODELS[0]
        if read_card(name).task != "lines":
            raise UserError(f"{name}: reads characters, not lines; name a line model")
        return None, name
    if model != AUTO:
        return _assign(model)
    here = list_models()
    characters = next((name for name in CHARACTER_MODELS if name in here), None)
    lines = next((name for name in LINE_MODELS if name in here), None)
    return (characters, lines) if characters or lines else _assign(here[0] if here else AUTO)


def _assign(model: str) -> tuple[str | None, str | None]:
    return (None, model) if read_card(model).task == "lines" else (model, None)
