"""Options of the recurrent language model, apart from its training, which needs Keras."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RecurrentExperiment:
    """How the recurrent language model is made and trained.

    Attributes:
        units: of the LSTM.
        embedding: numbers that a symbol is turned into.
        epochs: passes over all lines, each cut anew.
        batch_lines: lines in a step.
        learning_rate: highest; it rises over `warmup_steps` and then falls to zero as a cosine.
        dropout: share of the LSTM's outputs that the head does not hear.
        average: momentum of the average of the weights, which is what is kept.
        clip: largest norm of a gradient.
    """

    units: int = 640
    embedding: int = 64
    epochs: int = 4
    batch_lines: int = 128
    learning_rate: float = 2.5e-3
    warmup_steps: int = 200
    dropout: float = 0.1
    average: float = 0.998
    clip: float = 1.0
    seed: int = 0
