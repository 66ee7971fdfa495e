"""From any picture file to the arrays that the models read."""

from handwriting.images.background import flatten_illumination, is_light_on_dark
from handwriting.images.glyph import (
    EMNIST_FORMAT,
    MNIST_FORMAT,
    CharacterFormat,
    has_ink,
    to_character,
    to_character_steps,
)
from handwriting.images.loading import load, shrink

__all__ = [
    "EMNIST_FORMAT",
    "MNIST_FORMAT",
    "CharacterFormat",
    "flatten_illumination",
    "has_ink",
    "is_light_on_dark",
    "load",
    "shrink",
    "to_character",
    "to_character_steps",
]
