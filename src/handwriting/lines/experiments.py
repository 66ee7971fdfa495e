"""Every line experiment: data, network and training in one frozen dataclass each."""

from dataclasses import dataclass, field

from handwriting.lines.augment import LineAugmentation
from handwriting.lines.options import LineOptions
from handwriting.precision import AUTO


@dataclass(frozen=True)
class LineExperiment:
    """What `python src/train.py NAME` trains; every plain field is also an option of that script.

    Attributes:
        name: of the experiment and of the files in `saved_models/`.
        dataset: `lines`, a collection of it, or a folder of one's own (see `readers`).
        architecture: an entry of `lines.models.LINE_MODELS`.
        epochs: times that every real line is seen.
        cooldown_epochs: the learning rate is constant until so many epochs before the
            end and falls to zero in them, so a run can be prolonged without knowing its
            length in advance (Hägele et al., arXiv:2405.18392).
        cooldown_augmentation: strength of the augmentation in those epochs, relative to the
            epochs before: what strong variation blurs is learned at the end.
        batch_columns: columns of all lines of a batch together, at the input's height.
        learning_rate: of AdamW, after the warm-up.
        warmup_epochs: epochs of linear rise; may be a fraction.
        weight_decay: of AdamW, decoupled.
        clip: largest norm of all gradients together.
        auxiliary_weight: of the CTC loss on the convolutions alone.
        consistency: how much it counts that two variations of a line are read differently, frame
            by frame (CR-CTC, Yao et al., arXiv:2410.05101, which has 0.2). Every batch then has
            half as many lines, each of them twice. 0 = once.
        average: momentum of the weight average, taken every step; 0 = off.
        synthetic, synthetic_end: synthetic lines for each real one in the first epoch and
            in the last, linear between.
        synthetic_pool: how many different synthetic lines are made.
        emphasis: how often the lines of a collection come in an epoch, where that is not
            once: `hooker=2,dhsd=0.5`. What is read well already teaches little.
        spliced: share of the real lines that each epoch puts together anew from words of the
            same page (`splicing`); needs `init_from`, which finds the gaps between the words.
        composed: share of the real lines, spliced ones among them, in whose place each epoch
            writes other words with the letters of the same page (`composing`); needs `init_from`.
        height: of the input in pixels.
        seed: starts the weights and drives shuffling, dropout and augmentation.
        init_from: a saved line model to start from.
        precision: `float32`, `mixed_bfloat16`, or `auto`: what the processor does best.
    """

    name: str
    dataset: str = "lines"
    architecture: str = "crnn"
    epochs: int = 40
    cooldown_epochs: int = 8
    cooldown_augmentation: float = 0.6
    batch_columns: int = 12_000
    learning_rate: float = 2e-3
    warmup_epochs: float = 0.5
    weight_decay: float = 0.02
    clip: float = 5.0
    auxiliary_weight: float = 0.1
    consistency: float = 0.0
    average: float = 0.998
    synthetic: float = 0.0
    synthetic_end: float = 0.0
    synthetic_pool: int = 20_000
    emphasis: str = ""
    spliced: float = 0.0
    composed: float = 0.0
    height: int = 40
    seed: int = 0
    init_from: str = ""
    precision: str = AUTO
    options: LineOptions = field(default_factory=LineOptions)
    augmentation: LineAugmentation = field(default_factory=LineAugmentation)

    def summary(self) -> str:
        start = f", from {self.init_from}" if self.init_from else ""
        return f"{self.architecture} on {self.dataset}, {self.epochs} epochs{start}"


LINE_EXPERIMENTS = (
    LineExperiment(
        "lines",
        epochs=28,
        cooldown_epochs=5,
        synthetic=0.2,
        synthetic_end=0.1,
        options=LineOptions(blocks=2, recurrent=192, recurrent_layers=2, second=1),
    ),
)
