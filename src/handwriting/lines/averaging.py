"""Weights between those of two line models of which one was trained on from the other.

They read as well as either or better, and lose less of what the first did better: WiSE-FT
(Wortsman et al., arXiv:2109.01903).
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from handwriting import paths
from handwriting.cards import ModelCard, read_card
from handwriting.errors import UserError
from handwriting.lines.data import LineSplit
from handwriting.lines.recognizer import TASK
from handwriting.lines.saving import write_line_model
from handwriting.results import command

_ALIKE = ("task", "classes", "architecture", "preprocessing")


def average_models(
    new: str | Path, old: str | Path, share: float, validation: LineSplit, name: str = ""
) -> ModelCard:
    """Write the model that is `share` of the way from `old` to `new`, and tune its decoding.

    A smaller `old` is first grown to the size of `new` (see `growing`): at share 0 the model
    written computes what the small one does.

    Args:
        new, old: models of one architecture, by name or path.
        share: 0 … 1.
        name: of the model written; default: that of `new`, which it replaces.

    Returns:
        Its card, which is that of `new` but for files, scores, decoding and `averaging`.

    Raises:
        UserError: a model is missing or damaged, no line model, or they do not match.
    """
    # These import Keras.
    from handwriting.lines.growing import can_grow
    from handwriting.saving import load_keras

    if not 0 <= share <= 1:
        raise UserError(f"--share {share}: a share lies between 0 and 1")
    card, other = read_card(new), read_card(old)
    if card.task != TASK:
        raise UserError(f"{new}: reads {card.task}, not lines")
    for key in _ALIKE:
        if getattr(card, key) != getattr(other, key):
            raise UserError(f"{old}: not like {new}: it has another {key}")
    model, older = load_keras(new)[0], load_keras(old)[0]
    if _shapes(model) != _shapes(older):
        if not can_grow(older, model):
            raise UserError(f"{old}: not like {new}: its layers have other sizes")
        older = _grown(older, model)
    pairs = zip(model.get_weights(), older.get_weights(), strict=True)
    model.set_weights([b + np.float32(share) * (a - b) for a, b in pairs])
    averaging = {
        "with": other.files[f"{other.name}.h5"],
        "share_of_new": share,
        "command": command(),
        "date": date.today().isoformat(),
    }
    card = replace(card, name=name or card.name, averaging=averaging, test={})
    return write_line_model(model, card, validation, paths.models_dir())


def _shapes(model) -> list[tuple]:
    return [tuple(weight.shape) for weight in model.weights]


def _grown(older, model):
    """The older model in the size of `model`, whose weights it has where it is not heard."""
    import keras

    from handwriting.lines.network import transfer_line_weights

    grown = keras.models.clone_model(model)
    grown.set_weights(model.get_weights())
    transfer_line_weights(older, grown)
    return grown
