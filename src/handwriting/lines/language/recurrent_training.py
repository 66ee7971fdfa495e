"""Training of the recurrent language model with Keras; resumable after every epoch."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence

import keras
import numpy as np
from keras import layers
from tqdm import tqdm

from handwriting.checkpoints import Checkpoint, TrainingState
from handwriting.lines.charset import Charset
from handwriting.lines.language.corpus import Corpus
from handwriting.lines.language.recurrent import RecurrentModel
from handwriting.lines.language.recurrent_options import RecurrentExperiment
from handwriting.lines.recurrence import QuickLSTM
from handwriting.schedule import cosine_with_warmup

_NOTHING = -1  # the symbol behind the end of a line
_POOL = 64  # batches whose lines are sorted by length together


def build_recurrent_network(symbols: int, experiment: RecurrentExperiment) -> keras.Model:
    """(B, L) int32 symbols, to (B, L, symbols) logits of the next one."""
    inputs = keras.Input((None,), dtype="int32", name="symbols")
    x = layers.Embedding(symbols, experiment.embedding)(inputs)
    x = QuickLSTM(experiment.units, return_sequences=True)(x)
    x = layers.Dropout(experiment.dropout)(x)
    return keras.Model(inputs, layers.Dense(symbols)(x), name="recurrent_language_model")


def train_recurrent_model(
    corpus_of: Callable[[int], Corpus],
    charset: Charset,
    experiment: RecurrentExperiment,
    checkpoint: Checkpoint | None = None,
    quiet: bool = False,
) -> tuple[RecurrentModel, list[dict]]:
    """Train on the lines of `corpus_of(epoch)`, each drawn as often as its weight says.

    Args:
        corpus_of: the corpus of an epoch, counted from 0; the held-out lines of the first one
            are measured after each epoch.
        checkpoint: where to keep the state after every epoch, and to continue from.

    Returns:
        The model with the averaged weights, and one dict an epoch: loss (nats a symbol),
        bits per character of the held-out lines as bits_NAME, lines, seconds.
    """
    keras.utils.set_random_seed(experiment.seed)
    network = build_recurrent_network(len(charset) + 1, experiment)
    network.compile(
        optimizer=keras.optimizers.AdamW(
            experiment.learning_rate, weight_decay=1e-3, global_clipnorm=experiment.clip
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=_NOTHING),
    )
    state = checkpoint and checkpoint.load(network)
    state = state or TrainingState.start(network, experiment)
    held_out = corpus_of(0).held_out
    while state.epoch < experiment.epochs:
        started = time.perf_counter()
        lines = _draw(corpus_of(state.epoch), charset, experiment.seed + state.epoch)
        loss = _train_epoch(network, lines, charset, experiment, state, quiet)
        state.epoch += 1
        model = RecurrentModel.from_weights(charset, state.average.values)
        bits = {f"bits_{name}": model.bits_per_character(held_out[name]) for name in held_out}
        seconds = round(time.perf_counter() - started, 1)
        state.history.append({"loss": loss, **bits, "lines": len(lines), "seconds": seconds})
        if checkpoint:
            checkpoint.save(network, state)
        if not quiet:
            told = "  ".join(f"{name[5:]} {value:.3f}" for name, value in bits.items())
            print(
                f"epoch {state.epoch}/{experiment.epochs}  loss {loss:.3f}  "
                f"bits per character: {told}  ({seconds:.0f} s)",
                flush=True,
            )
    return RecurrentModel.from_weights(charset, state.average.values), state.history


def _draw(corpus: Corpus, charset: Charset, seed: int) -> list[np.ndarray]:
    """The lines of an epoch as symbols; one of weight 1.5 once, and every second time again."""
    generator = np.random.default_rng(seed)
    weights = np.array(corpus.weights)
    times = (weights + generator.random(len(weights))).astype(int)
    encoded = (charset.encode(text) for text in corpus.texts)
    return [symbols for symbols, count in zip(encoded, times, strict=True) for _ in range(count)]


def _train_epoch(network, lines, charset, experiment, state: TrainingState, quiet: bool) -> float:
    """One pass; the mean loss of a step."""
    steps = -(-len(lines) // experiment.batch_lines)
    generator = np.random.default_rng([experiment.seed, state.epoch])
    total = 0.0
    bar = tqdm(
        _batches(lines, experiment.batch_lines, len(charset), generator),
        total=steps,
        leave=False,
        desc=f"epoch {state.epoch + 1}/{experiment.epochs}",
        disable=quiet or not sys.stderr.isatty(),
    )
    for step, (inputs, targets) in enumerate(bar):
        network.optimizer.learning_rate = cosine_with_warmup(
            state.epoch * steps + step,
            experiment.epochs * steps,
            experiment.learning_rate,
            experiment.warmup_steps,
        )
        total += float(network.train_on_batch(inputs, targets))
        state.average.update(network.get_weights())
        bar.set_postfix(loss=f"{total / (step + 1):.3f}")
    return total / steps


def _batches(
    lines: Sequence[np.ndarray], size: int, end: int, generator: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Inputs and targets (B, L) int32 of lines of like length, in random order."""
    order = generator.permutation(len(lines))
    for first in range(0, len(order), _POOL * size):
        pool = order[first : first + _POOL * size]
        pool = pool[np.argsort([len(lines[i]) for i in pool], kind="stable")]
        batches = [pool[start : start + size] for start in range(0, len(pool), size)]
        for place in generator.permutation(len(batches)):
            yield _stack([lines[i] for i in batches[place]], end)


def _stack(lines: Sequence[np.ndarray], end: int) -> tuple[np.ndarray, np.ndarray]:
    length = max(map(len, lines)) + 1
    inputs = np.full((len(lines), length), end, np.int32)
    targets = np.full((len(lines), length), _NOTHING, np.int32)
    for row, line in enumerate(lines):
        inputs[row, 1 : len(line) + 1] = line
        targets[row, : len(line)] = line
        targets[row, len(line)] = end
    return inputs, targets
