"""A new version of a line model on disk, in a temporary folder, and how it reads."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting.cards import ModelCard, card_path, write_card
from handwriting.finetune.language import extend_language_model
from handwriting.finetune.line_network import Weights, build_like
from handwriting.finetune.new_card import version_card
from handwriting.finetune.versions import new_folder, new_name
from handwriting.lines.charset import Charset
from handwriting.lines.data import Line, LineSplit
from handwriting.lines.decoding import beam_search, greedy
from handwriting.lines.recognizer import LANGUAGE_MODEL, LineRecognizer
from handwriting.lines.saving import PROBE_WIDTH, model_inputs
from handwriting.saving import write_keras, write_onnx


@dataclass
class LineReader:
    """Reads stored lines as prediction does, and hands out the logits as well."""

    recognizer: LineRecognizer

    @classmethod
    def load(cls, model: str | Path) -> "LineReader":
        return cls(LineRecognizer.load(model))

    def logits(self, lines: Sequence[Line]) -> list[np.ndarray]:
        """(T, C + 1) float32 of each line."""
        split = LineSplit(tuple(lines))
        return self.recognizer.logits(model_inputs(split, self.recognizer.height))

    def texts(self, logits: Sequence[np.ndarray]) -> list[str]:
        return [self._text(frames) for frames in logits]

    def best_paths(self, logits: Sequence[np.ndarray]) -> list[str]:
        """Without the language model."""
        charset = self.recognizer.charset
        return [" ".join(charset.decode(greedy(frames)).split()) for frames in logits]

    def _text(self, frames: np.ndarray) -> str:
        reader = self.recognizer
        if reader.settings is None:
            return self.best_paths([frames])[0]
        best = beam_search(frames, reader.charset, reader.language_model, reader.settings)[0]
        return " ".join(reader.charset.decode(best.indices).split())


def write_version(
    card: ModelCard, base: str | Path, user: str, weights: Weights, charset: Charset, texts
) -> tuple[Path, ModelCard]:
    """Write all files of a version into a temporary folder in the models folder.

    Args:
        card: of the base.
        texts: of the corrections, for the language model.

    Returns:
        The folder, and a card without scores.
    """
    name = new_name(card.name, user)
    model = build_like(card, charset)
    model.set_weights(weights)
    decoding = dict(card.decoding)
    with new_folder() as folder:
        write_keras(model, folder / f"{name}.h5")
        write_onnx(model, folder / f"{name}.onnx", (card.preprocessing["height"], PROBE_WIDTH, 1))
        if decoding.get("language_model"):
            source = card_path(base).parent / f"{card.name}{LANGUAGE_MODEL}"
            target = folder / f"{name}{LANGUAGE_MODEL}"
            _write_language_model(source, target, card, charset, texts)
            decoding["language_model"] = target.name
        new = version_card(
            card,
            name,
            folder,
            classes=charset.characters,
            parameters=model.count_params(),
            decoding=decoding,
        )
        write_card(new, folder)
    return folder, new


def _write_language_model(source: Path, target: Path, card: ModelCard, charset: Charset, texts):
    if charset.characters == card.classes:
        # A copy, 3 MB: the base may be made anew, and the version must stay as it is.
        shutil.copy(source, target)
    else:
        extend_language_model(source, charset, texts, target)
