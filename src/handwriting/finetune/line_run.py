"""The learning itself: a network for each fold, mixed with the base as far as is good."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np

from handwriting.cards import ModelCard
from handwriting.finetune.budget import Budget
from handwriting.finetune.corrections import Corrections, Fold, make_folds
from handwriting.finetune.decoder import Decoder
from handwriting.finetune.general import GeneralLines
from handwriting.finetune.lesson import Lesson
from handwriting.finetune.line_network import Learner, build_like, widen_head
from handwriting.finetune.line_training import line_logits, train_on
from handwriting.finetune.mixing import Mixer, Shares, Weights, mean
from handwriting.finetune.recipe import LineRecipe
from handwriting.finetune.replay import Replay, make_replay
from handwriting.lines.charset import Charset
from handwriting.lines.data import Line
from handwriting.lines.metrics import cer
from handwriting.lines.splicing import Piece, cut_words


@dataclass
class Tuned:
    """What a run gives.

    Attributes:
        weights: of the version.
        shares: those chosen of `LineRecipe.mixes`.
        rows: places of the corrections held out.
        logits: of those, each from a network that did not learn from it.
    """

    weights: Weights
    shares: Shares
    rows: list[int]
    logits: list[np.ndarray]


@dataclass
class LineRun:
    """Everything that training depends on, besides the base's weights and the time."""

    card: ModelCard
    corrections: Corrections
    general: GeneralLines
    decoder: Decoder
    recipe: LineRecipe
    seed: int

    @property
    def charset(self) -> Charset:
        return self.corrections.charset

    def train(
        self,
        base: keras.Model,
        logits: Sequence[np.ndarray],
        seconds: float,
        report: Callable[[float], None],
    ) -> Tuned:
        """Train on each fold, go on from the folds' mean with all corrections, choose the mix.

        Args:
            base: the model itself.
            logits: of the base for the corrections.
            seconds: processor time for all of it.
            report: told the share that is done.
        """
        start = widen_head(base, len(self.corrections.new))
        folds, pieces = make_folds(self.corrections.lines), self._pieces(logits)
        network = build_like(self.card, self.charset, training=True)
        learner = Learner(network, self.recipe.clip, self.recipe.replay_weight)
        replay = self._replay(start)
        finish = self.recipe.finish
        part, ends = (1 - finish) / len(folds), []
        for number, fold in enumerate(folds):
            told = partial(_tell, report, number * part, part)
            material = pieces, replay
            ends.append(self._learn(learner, fold, start, material, part * seconds, number, told))
        lesson = Lesson(self.corrections.lines, [p for p in pieces if p], replay)
        told = partial(_tell, report, 1 - finish, finish)
        finished = self._finish(learner, mean(ends), lesson, finish * seconds, told)
        mixer = Mixer(build_like(self.card, self.charset), start, len(self.corrections.new))
        shares = self._choose_shares(mixer, ends, finished, folds)
        held_out = []
        for end, fold in zip(ends, folds, strict=True):
            mixer.model.set_weights(mixer.mix(end, shares))
            held_out += line_logits(mixer.model, fold.held_out, self.charset)
        rows = [row for fold in folds for row in fold.rows]
        return Tuned(mixer.mix(finished, shares), shares, rows, held_out)

    def _finish(self, learner, end: Weights, lesson: Lesson, seconds: float, told) -> Weights:
        """Go on with all corrections."""
        recipe, budget = self.recipe.finishing, Budget(seconds / 60)
        return train_on(learner, end, lesson, self.charset, recipe, budget, self.seed, 0.0, told)

    def _learn(self, learner, fold: Fold, start, material, seconds, number, told) -> Weights:
        pieces, replay = material
        keras.utils.set_random_seed(self.seed + number)
        own = [piece for row, piece in enumerate(pieces) if piece and row not in fold.rows]
        lesson = Lesson(fold.train, own, replay)
        held = self.recipe.head_share if self.corrections.new else 0.0
        budget, seed = Budget(seconds / 60), self.seed + number
        return train_on(learner, start, lesson, self.charset, self.recipe, budget, seed, held, told)

    def _replay(self, start: Weights) -> list[Replay]:
        model = build_like(self.card, self.charset)
        model.set_weights(start)
        return make_replay(model, self.general.replay, self.recipe.augmentation, self.seed)

    def _pieces(self, logits: Sequence[np.ndarray]) -> list[Sequence[Piece]]:
        """The words of each line; none of one with characters that the base does not know."""
        base, lines = Charset(self.card.classes), self.corrections.lines
        known = [row for row, line in enumerate(lines) if not base.missing(line.text)]
        cut = cut_words([lines[row] for row in known], [logits[row] for row in known], base)
        pieces: list[Sequence[Piece]] = [[] for _ in lines]
        for row, own in zip(known, cut, strict=True):
            pieces[row] = own
        return pieces

    def _choose_shares(
        self, mixer: Mixer, ends: list[Weights], finished: Weights, folds: list[Fold]
    ) -> Shares:
        """The farthest mix, of those that keep general lines, that suits the held-out corrections.

        Not the one that reads them best: of eight lines or so, that would be chance.

        Args:
            ends: of each fold, which have not learned from what it holds out.
            finished: what the version will be made of.
        """
        model, found = mixer.model, []
        model.set_weights(mixer.start)
        before = self._general_cer(model)
        for shares in self.recipe.mixes:
            model.set_weights(mixer.mix(finished, shares))
            excess = max(0.0, self._general_cer(model) - before - self.recipe.choice_loss)
            mixed = [mixer.mix(end, shares) for end in ends]
            found.append((excess, self._held_out_cer(model, mixed, folds), shares))
        least = min(found)[0]
        kept = [(rate, shares) for excess, rate, shares in found if excess == least]
        most = (1 + self.recipe.leeway) * min(rate for rate, _ in kept)
        return [shares for rate, shares in kept if rate <= most][-1]

    def _general_cer(self, model: keras.Model) -> float:
        return self._cer(self.general.choice, line_logits(model, self.general.choice, self.charset))

    def _held_out_cer(self, model: keras.Model, mixed: list[Weights], folds: list[Fold]) -> float:
        lines, logits = [], []
        for weights, fold in zip(mixed, folds, strict=True):
            model.set_weights(weights)
            lines += fold.held_out
            logits += line_logits(model, fold.held_out, self.charset)
        return self._cer(lines, logits)

    def _cer(self, lines: Sequence[Line], logits: Sequence[np.ndarray]) -> float:
        """As prediction reads: what the base is sure of matters to the language model."""
        return cer([line.text for line in lines], self.decoder.texts(logits)) if lines else 0.0


def _tell(report: Callable[[float], None], before: float, part: float, share: float) -> None:
    """The share of one part as a share of all."""
    report(before + part * share)
