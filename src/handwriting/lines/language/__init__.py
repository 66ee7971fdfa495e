"""Which character comes next: a character n-gram model for English, French and German.

`NgramModel.load(path)` reads one; `python src/language_model.py` makes one.
"""

from handwriting.lines.language.model import NgramModel

__all__ = ["NgramModel"]
