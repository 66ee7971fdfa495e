"""Data sets of characters: `load_dataset(name)` gives three disjoint splits.

Images are (N, 28, 28) uint8, 0 = paper, 255 = ink.
"""

from handwriting.datasets.base import CharacterData, Split
from handwriting.datasets.registry import DATASETS, load_dataset

__all__ = ["DATASETS", "CharacterData", "Split", "load_dataset"]
