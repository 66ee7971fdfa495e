"""Handwriting recognition: from one handwritten character to a searchable page.

Importing this package is cheap: TensorFlow is loaded only by the modules that
train or evaluate (`models`, `training`), never by prediction.
"""

__version__ = "0.1.0"
