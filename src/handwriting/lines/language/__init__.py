"""Which character comes next: n-grams and a list of words for English, French and German.

`NgramModel.load(path)` reads the n-grams, `WordModel.load(path)` the words, and
`MixedModel(ngrams, words)` puts the two together. `python src/language_model.py` makes them.
"""

from handwriting.lines.language.mixed import MixedModel
from handwriting.lines.language.model import NgramModel
from handwriting.lines.language.words import WordModel

__all__ = ["MixedModel", "NgramModel", "WordModel"]
