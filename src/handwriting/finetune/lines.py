"""From a base model of lines and corrections to a version that reads their hand better."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from handwriting.cards import ModelCard
from handwriting.errors import UserError
from handwriting.finetune.budget import Budget
from handwriting.finetune.corrections import check_corrections, load_corrections
from handwriting.finetune.decoder import Decoder
from handwriting.finetune.gate import Scores, judge
from handwriting.finetune.general import TEST_LINES, load_general
from handwriting.finetune.line_run import LineRun, Tuned
from handwriting.finetune.line_version import write_version
from handwriting.finetune.recipe import DEFAULT_RECIPE, LineRecipe
from handwriting.finetune.result import FinetuneResult, Progress, changed_examples, silent
from handwriting.finetune.versions import check_user, discard, keep_version, provenance
from handwriting.lines.charset import Charset
from handwriting.lines.data import Line, LineSplit
from handwriting.lines.metrics import cer
from handwriting.lines.recognizer import TASK, LineRecognizer
from handwriting.lines.saving import model_inputs
from handwriting.saving import load_keras

# Seconds of processor time after training, to choose the mix and to write the version, beside
# reading the general test once more.
WRITING_SECONDS = 60.0


def finetune_lines(
    base: str | Path,
    data,
    *,
    user: str,
    minutes: float = 5.0,
    limit: int = 0,
    seed: int = 0,
    keep: bool = False,
    recipe: LineRecipe = DEFAULT_RECIPE,
    general_lines: int = TEST_LINES,
    progress: Progress | None = None,
) -> FinetuneResult:
    """Make a version of `base` from corrections; keep it if it passes the gate.

    All scores are of lines as prediction reads them, with the language model if there is
    one. Held-out corrections choose among a few mixes, so that `after` is a little too
    good; nothing is chosen by the general test.

    Args:
        base: a model of lines or a version of one, by name or path.
        data: see `corrections.load_corrections`.
        user: whose hand it is; a part of the version's name.
        minutes: of processor time, all cores together.
        limit: learn from the first so many corrections; 0 = from all.
        keep: also keep a version that the gate refuses.
        general_lines: size of the general test.
        progress: called from time to time; what it raises ends the run without a trace.

    Raises:
        UserError: bad corrections, or a base that is not there, damaged or of another task.
    """
    budget, report = Budget(minutes), progress or silent
    check_user(user)
    report(0.0, "reading corrections")
    name, lines, notes = load_corrections(data, limit)
    model, card = load_keras(base)
    if card.task != TASK:
        raise UserError(f"{base}: reads {card.task}, not lines; choose a model of lines")
    height = card.preprocessing["height"]
    corrections = check_corrections(name, lines, Charset(card.classes), height, notes)
    general = load_general(name, seed, general_lines).within(corrections.charset, height)
    reader = LineRecognizer.load(base)
    texts = [line.text for line in corrections.lines]
    decoder = Decoder.of(reader).widened(corrections.charset, texts)
    run = LineRun(card, corrections, general, decoder, recipe, seed)
    before = _read_before(reader, run, budget)
    seconds = max(0.4 * budget.left, budget.left - before.seconds - WRITING_SECONDS)
    tuned = run.train(
        model, before.logits, seconds, lambda share: report(0.05 + 0.8 * share, "learning")
    )
    report(0.86, "writing the version")
    folder, new = write_version(card, base, user, tuned.weights, decoder)
    try:
        report(0.9, "reading the general test")
        result = _judge(run, before, tuned, LineRecognizer.load(folder / f"{new.name}.json"))
        if result.accepted or keep:
            result = replace(result, name=new.name)
            keep_version(folder, _with_provenance(new, run, tuned, result, user))
    finally:
        discard(folder)
    report(1.0, result.reason)
    return replace(result, cpu_minutes=round(budget.used / 60, 2))


@dataclass(frozen=True)
class _Before:
    """What the base reads.

    Attributes:
        logits, texts: of the corrections.
        general: texts of the general test.
        seconds: processor time that reading took.
    """

    logits: list
    texts: list[str]
    general: list[str]
    seconds: float


def _read_before(reader: LineRecognizer, run: LineRun, budget: Budget) -> _Before:
    decoder, started = Decoder.of(reader), budget.used
    logits = _logits(reader, run.corrections.lines)
    texts = decoder.texts(logits)
    general = decoder.texts(_logits(reader, run.general.test))
    return _Before(logits, texts, general, budget.used - started)


def _logits(reader: LineRecognizer, lines: Sequence[Line]) -> list:
    return reader.logits(model_inputs(LineSplit(tuple(lines)), reader.height))


def _judge(run: LineRun, before: _Before, tuned: Tuned, version: LineRecognizer) -> FinetuneResult:
    decoder = Decoder.of(version)
    held_out = [run.corrections.lines[row] for row in tuned.rows]
    read_before = [before.texts[row] for row in tuned.rows]
    read_after = decoder.texts(tuned.logits)
    general = run.general.test
    scores = Scores(
        "CER",
        _cer(held_out, read_before),
        _cer(held_out, read_after),
        _cer(general, before.general),
        _cer(general, decoder.texts(_logits(version, general))),
    )
    accepted, reason = judge(scores)
    return FinetuneResult(
        name="",
        base=run.card.name,
        **asdict(scores),
        accepted=accepted,
        reason=reason,
        changed_examples=changed_examples(
            [line.image for line in held_out],
            [line.text for line in held_out],
            read_before,
            read_after,
        ),
        learned=len(run.corrections.lines),
        held_out=len(held_out),
        general=len(general),
        new_characters=run.corrections.new,
        notes=(*run.corrections.notes, f"general test: {run.general.source}"),
    )


def _cer(lines: Sequence[Line], read: Sequence[str]) -> float:
    return cer([line.text for line in lines], list(read))


def _with_provenance(
    card: ModelCard, run: LineRun, tuned: Tuned, result: FinetuneResult, user: str
) -> ModelCard:
    recipe = asdict(run.recipe) | {"shares": tuned.shares._asdict()}
    return replace(
        card,
        dataset=run.corrections.name,
        data_hash=run.corrections.fingerprint(),
        data_notes=result.notes,
        seed=run.seed,
        validation={"n": result.held_out, "cer": round(result.after, 5)},
        finetuning=provenance(run.card, result, user, recipe),
    )
