"""Another network as the second reader of a finished one.

What a second reader is good for are mistakes of its own (`decoding.second`), and one with
convolutions of its own makes more of them than one that shares the first one's, however much
worse it reads by itself. Neither network changes.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import keras

from handwriting.cards import ModelCard, read_card
from handwriting.errors import UserError
from handwriting.lines.data import LineData
from handwriting.lines.models import SECOND
from handwriting.lines.recognizer import TASK
from handwriting.lines.second_training import (
    check_can_have_second,
    without_second,
    write_with_second,
)
from handwriting.results import command
from handwriting.saving import load_keras

_ALIKE = ("classes", "preprocessing", "input")


def adopt_second_reader(
    model: str | Path, other: str | Path, data: LineData, name: str = ""
) -> ModelCard:
    """Write `model` with the network of `other` beside it; tune its decoding.

    Args:
        model: a `crnn` by name or path; a second reader that it has is replaced.
        other: a line model with the same characters and input; its own second reader stays out.
        name: of the model written; default: that of `model`, which it replaces.

    Raises:
        UserError: no such model, one that reads no lines, or two that do not match.
    """
    card, theirs = read_card(model), read_card(other)
    check_can_have_second(card, model)
    if theirs.task != TASK:
        raise UserError(f"{other}: reads {theirs.task}, not lines")
    for key in _ALIKE:
        if getattr(card, key) != getattr(theirs, key):
            raise UserError(f"{other}: cannot read beside {model}: it has another {key}")
    if not len(data.validation):
        raise UserError(f"{data.name}: no lines to validate with")
    network = join(without_second(load_keras(model)[0], card), load_keras(other)[0])
    adopted = {
        "network": theirs.files[f"{theirs.name}.h5"],
        "parameters": theirs.parameters,
        "epochs": theirs.epochs,
        "seed": theirs.seed,
        "minutes": theirs.minutes,
        "command": command(),
        "date": date.today().isoformat(),
    }
    options = card.options | {"second": 0}
    card = replace(card, name=name or card.name, options=options, second_reader=adopted)
    return write_with_second(network, card, data)


def join(first: keras.Model, other: keras.Model) -> keras.Model:
    """One network with the first outputs of two, the layers of `other` named as a second reader."""
    line = first.inputs[0]
    reader = keras.Model(other.inputs[0], other.outputs[0])

    def renamed(layer):
        return type(layer).from_config(layer.get_config() | {"name": f"{SECOND}_{layer.name}"})

    copy = keras.models.clone_model(reader, input_tensors=line, clone_function=renamed)
    copy.set_weights(reader.get_weights())
    return keras.Model(line, [first.outputs[0], copy.outputs[0]], name=first.name)
