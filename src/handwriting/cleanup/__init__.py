"""From a photo or a scan to a clean page: flat, upright, evenly lit."""

from handwriting.cleanup.binarise import otsu, sauvola
from handwriting.cleanup.light import flatten_light, raise_contrast, remove_noise
from handwriting.cleanup.outline import find_outline
from handwriting.cleanup.page import CleanPage, Step, clean_page
from handwriting.cleanup.rules import suppress_rules

__all__ = [
    "CleanPage",
    "Step",
    "clean_page",
    "find_outline",
    "flatten_light",
    "otsu",
    "raise_contrast",
    "remove_noise",
    "sauvola",
    "suppress_rules",
]
