"""What settings of the beam search are worth on some lines, measured on all cores."""

import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from tqdm import tqdm

from handwriting.lines.charset import Charset
from handwriting.lines.decoding.beam import BeamSettings, LanguageModel, beam_search_all
from handwriting.lines.metrics import error_rate, line_errors
from handwriting.machine import available_cores

ENOUGH = 200  # lines: with fewer, processes take longer to start than they save


class _Lines:
    """Lines with what is written in them, and what they are searched with."""

    def __init__(self, logits, texts, charset: Charset, model: LanguageModel):
        self.logits, self.texts = logits, texts
        self.charset, self.model = charset, model

    def errors(self, settings: BeamSettings) -> tuple[int, int]:
        """Edits and characters."""
        found = beam_search_all(self.logits, self.charset, self.model, settings)
        read = [self.charset.decode(texts[0].indices) for texts in found]
        edits, lengths = line_errors(self.texts, read)
        return int(edits.sum()), int(lengths.sum())


class Rater:
    """The CER of settings, each measured once; a context in which processes may wait.

    Args:
        logits: of each line, (T, C + 1).
        texts: what is written.
        processes: to share the lines among; 0 = one a core, if there are enough lines.
    """

    def __init__(
        self,
        logits: Sequence[np.ndarray],
        texts: Sequence[str],
        charset: Charset,
        model: LanguageModel,
        processes: int = 0,
    ):
        count = processes or (available_cores() if len(texts) >= ENOUGH else 1)
        # Neighbours are alike in length: every process gets some of each.
        self._parts = [
            _Lines(logits[i::count], texts[i::count], charset, model) for i in range(count)
        ]
        self._rates: dict[BeamSettings, float] = {}
        self._pools: list[ProcessPoolExecutor] = []
        self._bar = tqdm(desc="tuning", unit="line", disable=not sys.stderr.isatty())
        self._count = len(texts)

    def __enter__(self) -> "Rater":
        if len(self._parts) > 1:
            # Not forked: Keras may have threads, which a fork would leave holding locks.
            context = multiprocessing.get_context("spawn")
            self._pools = [ProcessPoolExecutor(1, context, _hold, (part,)) for part in self._parts]
        return self

    def __exit__(self, *_) -> None:
        for pool in self._pools:
            pool.shutdown(cancel_futures=True)
        self._bar.close()

    def __call__(self, settings: BeamSettings) -> float:
        if settings not in self._rates:
            if self._pools:
                waiting = [pool.submit(_errors, settings) for pool in self._pools]
                counts = [answer.result() for answer in waiting]
            else:
                counts = [part.errors(settings) for part in self._parts]
            self._rates[settings] = error_rate(*np.sum(counts, axis=0))
            self._bar.update(self._count)
        return self._rates[settings]


_held: list[_Lines] = []  # in a process of a `Rater`: its part of the lines


def _hold(lines: _Lines) -> None:
    _held[:] = [lines]


def _errors(settings: BeamSettings) -> tuple[int, int]:
    return _held[0].errors(settings)
