"""A recurrent language model of characters: it remembers more of a line than n-grams do.

One LSTM, trained with Keras (`recurrent_training`) and run with NumPy alone: what it is asked
are a few thousand symbols at a time, many of them after the same beginnings.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from handwriting.lines.charset import Charset
from handwriting.lines.language.arrays import read_model, write_arrays
from handwriting.lines.language.histories import merge_histories

_SIDE_BY_SIDE = 64  # lines
_WHOLE_LINE = 10**9


class RecurrentModel:
    """p(character | all characters of the line before it), over a charset and the line's end.

    Args:
        charset: of C characters; the symbol C is the end of a line, and stands before it.
        inputs: (C + 1, 4 U), what each symbol adds to the gates: input, forget, new, output.
        recurrent: (U, 4 U), what the output before adds to them.
        head, bias: (U, C + 1) and (C + 1,), to the logits of the next symbol.
    """

    def __init__(self, charset: Charset, inputs, recurrent, head, bias):
        self.charset = charset
        self._arrays = {"inputs": inputs, "recurrent": recurrent, "head": head, "bias": bias}
        self._inputs, self._recurrent, self._head, self._bias = (
            np.ascontiguousarray(values, np.float32) for values in self._arrays.values()
        )

    @classmethod
    def from_weights(cls, charset: Charset, weights: Sequence[np.ndarray]) -> "RecurrentModel":
        """From those of `recurrent_training.build_recurrent_network`, kept in 16 bits."""
        embedding, kernel, recurrent, gates, head, bias = weights
        arrays = (embedding @ kernel + gates, recurrent, head, bias)
        return cls(charset, *(values.astype(np.float16) for values in arrays))

    @property
    def units(self) -> int:
        return len(self._recurrent)

    def start(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Cells and outputs (count, U) behind nothing at all."""
        zeros = np.zeros((count, self.units), np.float32)
        return self.step((zeros, zeros), np.full(count, len(self.charset)))

    def step(
        self, state: tuple[np.ndarray, np.ndarray], symbols: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Cells and outputs (N, U) one symbol (N,) later."""
        cell, output = state
        gates = output @ self._recurrent
        gates += self._inputs[symbols]
        i, f, new, o = np.split(gates, 4, axis=1)
        cell = _sigmoid(f) * cell + _sigmoid(i) * np.tanh(new)
        return cell, _sigmoid(o) * np.tanh(cell)

    def likely(self, outputs: np.ndarray) -> np.ndarray:
        """(N, C + 1) log-probabilities of what comes behind states with these outputs (N, U)."""
        logits = outputs @ self._head + self._bias
        logits -= logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    def log_probs(self, texts: Sequence[str]) -> np.ndarray:
        """(N,) natural log-probabilities of whole lines, their ends included.

        Raises:
            KeyError: a character that is not in the charset.
        """
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        total = np.zeros(len(texts))
        for first in range(0, len(order), _SIDE_BY_SIDE):
            numbers = order[first : first + _SIDE_BY_SIDE]
            lists = [[self.charset.encode(texts[number])] for number in numbers]
            total[numbers] = self.list_log_probs(lists)
        return total

    def list_log_probs(
        self, lists: Sequence[Sequence[Sequence[int]]], memory: int = _WHOLE_LINE
    ) -> np.ndarray:
        """(N,) of all texts of all lists, one after another: `log_probs` of texts that share much.

        Args:
            lists: texts as symbols.
            memory: texts of one list are one where so many symbols are the same.
        """
        histories = merge_histories(lists, len(self.charset), memory)
        state = self.start(len(lists))
        rows = [self.likely(state[1])]
        for places, symbols in histories.levels:
            state = self.step((state[0][places], state[1][places]), symbols)
            rows.append(self.likely(state[1]))
        likely = np.concatenate(rows)[histories.nodes, histories.symbols]
        ends = np.cumsum(histories.lengths)
        return np.add.reduceat(likely, ends - histories.lengths, dtype=np.float64)

    def bits_per_character(self, texts: Sequence[str]) -> float:
        """Mean -log2 of the probability of each character and each end of line."""
        count = sum(len(text) + 1 for text in texts)
        return -float(self.log_probs(texts).sum()) / count / float(np.log(2))

    def save(self, path: str | Path) -> None:
        """Write one `.npz`, weights in 16 bits; the same model gives the same bytes."""
        characters = np.array("".join(self.charset.characters))
        arrays = {name: values.astype(np.float16) for name, values in self._arrays.items()}
        write_arrays(path, {"characters": characters, **arrays})

    @classmethod
    def load(cls, path: str | Path) -> "RecurrentModel":
        """Read what `save` wrote.

        Raises:
            UserError: the file is missing, broken or of another format.
        """

        def unpack(content: dict[str, np.ndarray]) -> "RecurrentModel":
            return cls(Charset(str(content.pop("characters"))), **content)

        remedy = "python src/recurrent_language_model.py"
        return read_model(path, "a recurrent language model", remedy, unpack)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(0.5 * values)
