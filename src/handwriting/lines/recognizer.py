"""Reading lines with ONNX Runtime: no TensorFlow, any width, batches of like width."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime

from handwriting.cards import ModelCard, card_path, checked_file, read_card
from handwriting.errors import UserError
from handwriting.lines.augment import shrink, to_ink
from handwriting.lines.batches import to_input
from handwriting.lines.charset import Charset
from handwriting.lines.decoding import (
    BeamSettings,
    Calibration,
    ConfidenceScale,
    Decoded,
    LanguageModel,
    SecondReader,
    SecondSettings,
    decode_all,
    decode_texts,
)
from handwriting.lines.geometry import STRIDE, frame_count, padded_width
from handwriting.lines.language.files import language_files, load_language_model
from handwriting.lines.normalise import LineView, normalise_line
from handwriting.machine import available_cores

TASK = "lines"
# Columns in a batch: small enough for its activations to stay in the processor's cache.
BATCH_COLUMNS = 4096
NEVER = -30.0  # logit of what is out of the question


class LineRecognizer:
    """Reads lines of handwriting with a saved model.

    Attributes:
        card: the model's card.
        charset: what the logits read as.
        height: of the model's input in pixels.
        language_model: None to decode without.
        settings: of the beam search; None takes the best path.
        second: what a second reader in the network is worth; None if there is none, or without
            a language model, which finds the texts that it is asked of.
    """

    def __init__(
        self,
        card: ModelCard,
        session: onnxruntime.InferenceSession,
        language_model: LanguageModel | None = None,
        threads: int = 1,
    ):
        self.card = card
        self.charset = Charset(card.classes)
        self.height = int(card.preprocessing["height"])
        self.language_model = language_model
        beam = card.decoding.get("beam")
        self.settings = BeamSettings(**beam) if beam and language_model else None
        weights = card.decoding.get("second")
        self.second = SecondSettings(**weights) if weights and self.settings else None
        scales = card.decoding.get("calibration", {}).items()
        self._calibration = Calibration(**{name: ConfidenceScale(*s) for name, s in scales})
        self._session = session
        self._input = session.get_inputs()[0].name
        self._threads = threads

    @classmethod
    def load(
        cls, model: str | Path, threads: int = 0, language_model: bool = True
    ) -> "LineRecognizer":
        """Load a model by name or path after checking its hashes.

        Args:
            threads: how many batches run side by side; 0 = one a core.
            language_model: with beam search and the language model that comes with it.

        Raises:
            UserError: no such model, not one of lines, or its files do not match its card.
        """
        card = read_card(model)
        if card.task != TASK:
            raise UserError(f"{model}: reads {card.task}, not lines")
        folder = card_path(model).parent
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # batches side by side, a thread each, are faster
        session = onnxruntime.InferenceSession(
            str(checked_file(card, folder, ".onnx")), options, providers=["CPUExecutionProvider"]
        )
        known = None
        if language_model and card.decoding.get("beam"):
            known = load_language_model(language_files(card, folder))
        return cls(card, session, known, threads or available_cores())

    def without_language_model(self) -> "LineRecognizer":
        """The same network with the best path alone: faster, and nothing but what it saw."""
        return LineRecognizer(self.card, self._session, None, self._threads)

    def prepare(self, source) -> np.ndarray:
        """(height, W) uint8, 255 = ink, from anything that `images.load` takes."""
        return self.to_input(normalise_line(source))

    def to_input(self, line: np.ndarray) -> np.ndarray:
        """(height, W) uint8, 255 = ink, from a stored line (64, W) uint8, dark on paper 235."""
        return shrink(to_ink(line), self.height)

    def word_boxes(self, decoded: Decoded, view: LineView) -> list[tuple[int, int, int, int]]:
        """(x0, y0, x1, y1) of each word, in pixels of the picture that the view was made from."""
        scale = STRIDE * view.image.shape[0] / self.height
        return [view.box(word.start * scale, word.end * scale) for word in decoded.words]

    def logits(self, pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
        """(T, C + 1) float32 for each picture (height, W) uint8, 255 = ink."""
        return self.outputs(pictures)[0]

    def outputs(self, pictures: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        """`logits`, and those of the second reader if there is one.

        Without ink there is nothing to read, whatever the network makes of bare paper. Lines
        are padded to a multiple of 32 columns and run together with lines of the
        same width only, so that no line changes with its neighbours.
        """
        outputs = [[np.empty(0)] * len(pictures) for _ in self._session.get_outputs()]
        if not pictures:
            return outputs
        widths = np.array([padded_width(picture.shape[1]) for picture in pictures])
        batches = [
            rows
            for width in np.unique(widths)
            for rows in _portions(np.flatnonzero(widths == width), BATCH_COLUMNS // width)
        ]
        with ThreadPoolExecutor(self._threads) as pool:
            found = pool.map(lambda rows: self._run([pictures[i] for i in rows]), batches)
            for rows, batch in zip(batches, found, strict=True):
                for output, lines in zip(outputs, batch, strict=True):
                    for row, frames in zip(rows, lines, strict=True):
                        count = frame_count(pictures[row].shape[1])
                        inked = pictures[row].any()
                        output[row] = frames[:count] if inked else self._nothing(count)
        return outputs

    def _nothing(self, frames: int) -> np.ndarray:
        """The logits of bare paper: blanks alone."""
        logits = np.full((frames, len(self.charset) + 1), NEVER, np.float32)
        logits[:, self.charset.blank] = 0
        return logits

    def _run(self, pictures: list[np.ndarray]) -> list[np.ndarray]:
        return self._session.run(None, {self._input: to_input(pictures)})

    def decode(self, logits: np.ndarray) -> Decoded:
        """Text, confidence, words and characters of one line from its logits."""
        return self.decode_all([logits])[0]

    def decode_all(
        self, logits: Sequence[np.ndarray], second: Sequence[np.ndarray] | None = None
    ) -> list[Decoded]:
        """`decode` of many lines, several times faster than one by one.

        Args:
            second: what `outputs` has of a second reader.
        """
        return decode_all(
            logits,
            self.charset,
            model=self.language_model,
            settings=self.settings,
            second=self._second_reader(second),
            calibration=self._calibration,
        )

    def _second_reader(self, logits: Sequence[np.ndarray] | None) -> SecondReader | None:
        return SecondReader(logits, self.second) if logits is not None and self.second else None

    def read(self, pictures: Sequence[np.ndarray]) -> list[Decoded]:
        """Read prepared pictures, in order."""
        return self.decode_all(*self.outputs(pictures))

    def texts(self, pictures: Sequence[np.ndarray]) -> list[str]:
        """The texts alone of prepared pictures: faster than `read`."""
        logits, *second = self.outputs(pictures)
        reader = self._second_reader(*second) if second else None
        return decode_texts(logits, self.charset, self.language_model, self.settings, reader)

    def predict(self, source) -> Decoded:
        """Read one picture of a line: a path, bytes, a PIL image or an array.

        A blank picture gives an empty text.

        Raises:
            UserError: it cannot be read.
        """
        return self.read([self.prepare(source)])[0]


def _portions(rows: np.ndarray, count: int) -> Iterable[np.ndarray]:
    count = max(1, count)
    return (rows[start : start + count] for start in range(0, len(rows), count))
