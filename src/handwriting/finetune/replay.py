"""Lines that a network shall go on reading as its base does, and what the base gives for them.

Each is varied once before the base reads it: of lines as they were trained on, a base is too
sure to say much. Lines of which it is unsure are replayed more often: they are the first to
be forgotten, while those of which it is sure hardly change.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from handwriting.lines.augment import LineAugmentation, augment_line
from handwriting.lines.batches import plan_batches, to_input, varied_widths
from handwriting.lines.data import Line
from handwriting.lines.decoding import log_probabilities
from handwriting.lines.geometry import frame_count

_COLUMNS = 24_000
_LEAST, _MOST = 0.1, 4.0


@dataclass(frozen=True)
class Replay:
    """One line.

    Attributes:
        picture: (H, W) uint8 ink at the height of the model.
        taught: (T, C + 1) float16, the base's probabilities in each frame.
        doubt: the sum of the frames' entropies, in nats.
    """

    picture: np.ndarray
    taught: np.ndarray
    doubt: float


def make_replay(
    base: keras.Model, lines: Sequence[Line], augmentation: LineAugmentation, seed: int
) -> list[Replay]:
    """Vary the lines and let the base read them.

    Args:
        base: a network with its weights, in the charset of the version.
    """
    rng, height = np.random.default_rng(seed), base.input_shape[1]
    widths = varied_widths(lines, height, augmentation.stretch, rng) if lines else np.zeros(0, int)
    found: dict[int, Replay] = {}
    for rows in plan_batches(widths, _COLUMNS, None):
        pictures = [
            augment_line(lines[row].image, height, int(widths[row]), augmentation, rng)
            for row in rows
        ]
        logits = keras.ops.convert_to_numpy(base.predict_on_batch(to_input(pictures)))
        counts = frame_count(widths[rows])
        for row, picture, frames, count in zip(rows, pictures, logits, counts, strict=True):
            logs = log_probabilities(frames[:count])
            taught = np.exp(logs)
            doubt = -float((taught * logs).sum())
            found[int(row)] = Replay(picture, taught.astype(np.float16), doubt)
    return [found[row] for row in range(len(lines))]


def draw_replay(replay: Sequence[Replay], count: int, rng: np.random.Generator) -> list[Replay]:
    """So many different ones, the likelier the more doubt there is.

    None is less than `_LEAST` times or more than `_MOST` times as likely as on average.
    """
    count = min(count, len(replay))
    if not count:
        return []
    doubts = np.array([line.doubt for line in replay])
    odds = np.clip(doubts / max(doubts.mean(), 1e-9), _LEAST, _MOST)
    return [replay[row] for row in rng.choice(len(odds), count, replace=False, p=odds / odds.sum())]
