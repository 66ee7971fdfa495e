"""Model options, apart from the models so that listing experiments needs no Keras."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelOptions:
    """What can be varied in every architecture.

    Attributes:
        width: channels of the first stage; later stages have multiples of it.
        dropout: share of features dropped before the logits (and, in `vgg`, a third of
            it after each stage).
        l2: penalty on squared convolution and dense weights, part of the loss.
        batch_norm: normalise after each convolution.
    """

    width: int = 32
    dropout: float = 0.3
    l2: float = 0.0
    batch_norm: bool = True
