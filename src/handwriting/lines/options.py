"""Options of the line networks, apart from the networks so that listing them needs no Keras."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LineOptions:
    """What can be varied in every line architecture.

    Attributes:
        width: channels of the first convolution; the next two have two and three times as many.
        blocks: residual blocks of 3×3 convolutions behind each of the last two.
        units: channels of the sequence behind the front.
        depth: residual blocks along the sequence, before any recurrence.
        recurrent: units of the LSTM in each direction.
        recurrent_layers: how many bidirectional LSTMs.
        dropout: share of features dropped before each recurrence and before the logits.
        second: of a `crnn`, gated convolutions of a second reader, which has them in place of
            the recurrence: it sees a few letters and nothing of the sentence. 0 = there is none.
    """

    width: int = 32
    blocks: int = 1
    units: int = 256
    depth: int = 2
    recurrent: int = 128
    recurrent_layers: int = 1
    dropout: float = 0.2
    second: int = 0
