"""What learning from corrections gives back, and how it tells how far it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

# Called with the share that is done, 0 … 1, and what is being done. What it raises ends the
# run, which then leaves nothing behind.
Progress = Callable[[float, str], None]

MOST_EXAMPLES = 12


@dataclass(frozen=True)
class ChangedExample:
    """A held-out correction that is read otherwise than before.

    Attributes:
        image: as it was learned from: a line (64, W) uint8 on paper 235, or a character
            (28, 28) uint8 with 255 = ink.
        reference: what is written.
        before, after: what the base read, and what the new version reads.
    """

    image: np.ndarray = field(repr=False)
    reference: str
    before: str
    after: str


@dataclass(frozen=True)
class FinetuneResult:
    """What `finetune_lines` and `finetune_characters` return.

    Attributes:
        name: of the version, "" where none was kept.
        base: the model it started from.
        metric: `CER`, smaller is better, or `accuracy`.
        before, after: the score on corrections that were not learned from, as fractions.
        general_before, general_after: the same on the general test.
        accepted: whether it passed the gate.
        reason: why, with the numbers, in one line.
        changed_examples: held-out corrections that are read otherwise now.
        learned, held_out, general: how many examples of each.
        new_characters: those that the base could not read.
        notes: what else a user should know.
        cpu_minutes: processor time of all cores together.
    """

    name: str
    base: str
    metric: str
    before: float
    after: float
    general_before: float
    general_after: float
    accepted: bool
    reason: str
    changed_examples: tuple[ChangedExample, ...] = ()
    learned: int = 0
    held_out: int = 0
    general: int = 0
    new_characters: str = ""
    notes: tuple[str, ...] = ()
    cpu_minutes: float = 0.0


def changed_examples(
    images: Sequence[np.ndarray],
    references: Sequence[str],
    before: Sequence[str],
    after: Sequence[str],
) -> tuple[ChangedExample, ...]:
    """The first that are read otherwise now."""
    rows = zip(images, references, before, after, strict=True)
    changed = [ChangedExample(*row) for row in rows if row[2] != row[3]]
    return tuple(changed[:MOST_EXAMPLES])


def silent(share: float, what: str) -> None:
    """A `Progress` that says nothing."""
