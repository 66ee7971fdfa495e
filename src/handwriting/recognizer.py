"""Prediction with ONNX Runtime: no TensorFlow, ready in a fraction of a second."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from handwriting.cards import ModelCard, card_path, checked_file, read_card
from handwriting.errors import UserError
from handwriting.images import CharacterFormat, load, to_character
from handwriting.machine import available_cores

# Small enough for the activations of a batch to stay in the processor's cache.
BATCH = 64
# A single glyph needs no more of a photo than this; larger JPEGs are decoded reduced.
LONGEST_SIDE = 1600


@dataclass(frozen=True)
class Prediction:
    """What a recogniser read.

    Attributes:
        text: the most probable class.
        confidence: its calibrated probability.
        top: (text, probability), the most probable first.
    """

    text: str
    confidence: float
    top: tuple[tuple[str, float], ...]


class CharacterRecognizer:
    """Reads single characters with a saved model.

    Attributes:
        card: the model's card.
        classes: what each logit reads as.
        format: how a picture is brought into the form of the training images.
    """

    def __init__(self, card: ModelCard, session: onnxruntime.InferenceSession, threads: int = 1):
        self.card = card
        self._threads = threads
        self.classes = card.classes
        self.format = CharacterFormat.from_dict(card.preprocessing)
        self._session = session

    @classmethod
    def load(cls, model: str | Path, threads: int = 0) -> "CharacterRecognizer":
        """Load a model by name or path after checking its hash.

        Args:
            threads: how many batches run side by side; 0 = one a core.

        Raises:
            UserError: no such model, or its files do not match its card.
        """
        card = read_card(model)
        if card.task != "characters":
            raise UserError(f"{model}: reads {card.task}, not single characters")
        options = onnxruntime.SessionOptions()
        # These networks are too small to share one image among cores: batches side by side,
        # a thread each, are a fifth faster.
        options.intra_op_num_threads = 1
        path = checked_file(card, card_path(model).parent, ".onnx")
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        return cls(card, session, threads or available_cores())

    def logits(self, images: np.ndarray) -> np.ndarray:
        """(N, C) float32 from model inputs.

        Args:
            images: (N, 28, 28) uint8 with 255 = ink, or (N, 28, 28, 1) float32 with 1 = ink.
        """
        if images.dtype == np.uint8:
            images = images.reshape(*images.shape[:3], 1)
        if len(images) <= BATCH:
            return self._run(images)
        batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
        with ThreadPoolExecutor(self._threads) as pool:
            return np.concatenate(list(pool.map(self._run, batches)))

    def _run(self, images: np.ndarray) -> np.ndarray:
        if not len(images):
            return np.zeros((0, len(self.classes)), np.float32)
        return self._session.run(None, {self._session.get_inputs()[0].name: _as_float(images)})[0]

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """(N, C) calibrated probabilities; takes what `logits` takes."""
        scaled = self.logits(images) / self.card.temperature
        exponentials = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    def prepare(self, source) -> np.ndarray:
        """(28, 28, 1) float32 from anything that `images.load` takes."""
        return to_character(load(source, max_side=LONGEST_SIDE), self.format)

    def predict(self, source, top: int = 5) -> Prediction:
        """Read one picture: a path, bytes, a PIL image or an array.

        Raises:
            UserError: it cannot be read, or holds no writing.
        """
        return self.predict_inputs(self.prepare(source)[None], top)[0]

    def predict_inputs(self, images: np.ndarray, top: int = 5) -> Sequence[Prediction]:
        """Read prepared model inputs; takes what `logits` takes."""
        return [self._prediction(row, top) for row in self.probabilities(images)]

    def _prediction(self, probabilities: np.ndarray, top: int) -> Prediction:
        best = np.argsort(-probabilities, kind="stable")[: max(1, top)]
        ranked = tuple((self.classes[i], float(probabilities[i])) for i in best)
        return Prediction(ranked[0][0], ranked[0][1], ranked)


def _as_float(images: np.ndarray) -> np.ndarray:
    if images.dtype == np.uint8:
        return images.astype(np.float32) / np.float32(255)
    return images.astype(np.float32, copy=False)
