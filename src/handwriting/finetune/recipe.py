"""How models learn from corrections."""

from dataclasses import dataclass, replace

from handwriting.augment import Augmentation
from handwriting.finetune.mixing import Shares
from handwriting.lines.augment import LineAugmentation

MIXES = tuple(
    Shares(outer, middle, outer)
    for outer, middle in (
        (0.5, 0.3),
        (0.8, 0.4),
        (1.0, 0.4),
        (1.0, 0.6),
        (1.0, 0.8),
        (1.0, 1.0),
    )
)


@dataclass(frozen=True)
class LineRecipe:
    """Settings of `finetune_lines`.

    Attributes:
        learning_rate: of AdamW.
        head_share: of the run in which the convolutions are held; only where there are new
            characters, whose weights in the head mean nothing yet.
        warmup_steps: of a linear rise.
        cooldown: last share of the run, in which the rate falls to zero.
        clip: largest norm of all gradients together.
        average: momentum of the weight average, taken every step.
        batch_columns: columns of all lines of a batch together.
        rounds: how often each line is shown as it is, at most.
        joined: lines of joined words for each line (`lines.splicing`).
        replay: other lines for each of those two kinds.
        replay_weight: of their loss.
        strength: of the augmentation, relative to that of the base's training.
        finish: last share of the time, in which what was held out is learned too.
        finish_rate: of learning in it at first, relative; it falls to zero.
        mixes: to choose from, see `mixing`; from near to far.
        leeway: how much worse than the best mix the chosen one may read held-out corrections,
            relative.
        choice_loss: the most that the chosen mix may lose in CER on general lines; a part of
            what the gate allows, since those lines and its own differ by 0.3 points or so.
    """

    learning_rate: float = 8e-4
    head_share: float = 0.15
    warmup_steps: int = 20
    cooldown: float = 0.5
    clip: float = 5.0
    average: float = 0.98
    batch_columns: int = 6000
    rounds: int = 60
    joined: float = 1.0
    replay: float = 1.25
    replay_weight: float = 3.0
    strength: float = 0.4
    finish: float = 0.3
    finish_rate: float = 0.5
    mixes: tuple[Shares, ...] = MIXES
    leeway: float = 0.1
    choice_loss: float = 0.002

    @property
    def finishing(self) -> "LineRecipe":
        """For the last share of the time."""
        return replace(
            self,
            learning_rate=self.finish_rate * self.learning_rate,
            cooldown=1.0,
            rounds=max(1, round(self.finish * self.rounds)),
        )

    @property
    def augmentation(self) -> LineAugmentation:
        return LineAugmentation().scaled(self.strength)


DEFAULT_RECIPE = LineRecipe()


@dataclass(frozen=True)
class CharacterRecipe:
    """Settings of `finetune_characters`.

    Attributes:
        learning_rate: of AdamW for the head.
        released_rate: the same once all layers learn, relative.
        head_epochs: in which the head learns alone.
        epochs: in all.
        batch_size: of corrections and replayed characters together.
        per_class: images that an epoch has of each corrected class, by repeating them.
        label_smoothing: as in the base's training.
        strength: of the augmentation, relative to that of the base's training.
        average: momentum of the weight average.
        mixes: shares of the way from the base to choose from, of all layers alike.
        choice_loss: the most that the chosen mix may lose in accuracy on general characters.
    """

    learning_rate: float = 2e-3
    released_rate: float = 0.15
    head_epochs: int = 4
    epochs: int = 12
    batch_size: int = 64
    per_class: int = 80
    label_smoothing: float = 0.05
    strength: float = 1.0
    average: float = 0.98
    mixes: tuple[float, ...] = (0.3, 0.5, 0.7, 0.85, 1.0)
    choice_loss: float = 0.003

    @property
    def augmentation(self) -> Augmentation:
        return Augmentation().scaled(self.strength)


CHARACTER_RECIPE = CharacterRecipe()
