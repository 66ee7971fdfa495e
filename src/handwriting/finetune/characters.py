"""From a base model of characters and corrections to a version that reads them better."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from handwriting.cards import ModelCard
from handwriting.errors import UserError
from handwriting.finetune.budget import Budget
from handwriting.finetune.character_run import CharacterRun, TunedCharacters
from handwriting.finetune.character_version import write_version
from handwriting.finetune.class_folders import check_characters, load_characters_from
from handwriting.finetune.gate import Scores, judge
from handwriting.finetune.general_characters import TEST_CHARACTERS, load_general_characters
from handwriting.finetune.recipe import CHARACTER_RECIPE, CharacterRecipe
from handwriting.finetune.result import FinetuneResult, Progress, changed_examples, silent
from handwriting.finetune.versions import check_user, discard, keep_version, provenance
from handwriting.recognizer import CharacterRecognizer
from handwriting.saving import load_keras

WRITING_SECONDS = 30.0


def finetune_characters(
    base: str | Path,
    data,
    *,
    user: str,
    minutes: float = 5.0,
    seed: int = 0,
    keep: bool = False,
    recipe: CharacterRecipe = CHARACTER_RECIPE,
    general_characters: int = TEST_CHARACTERS,
    progress: Progress | None = None,
) -> FinetuneResult:
    """Make a version of `base` from corrections; keep it if it passes the gate.

    As `finetune_lines`, with accuracy instead of CER.

    Args:
        base: a model of characters or a version of one, by name or path.
        data: see `class_folders.load_characters_from`.

    Raises:
        UserError: bad corrections, or a base that is not there, damaged or of another task.
    """
    budget, report = Budget(minutes), progress or silent
    check_user(user)
    report(0.0, "reading corrections")
    model, card = load_keras(base)
    if card.task != "characters":
        raise UserError(f"{base}: reads {card.task}, not characters; choose another model")
    reader = CharacterRecognizer.load(base)
    name, rows, unreadable = load_characters_from(data, reader.prepare)
    corrections = check_characters(name, rows, unreadable, card.classes)
    general = load_general_characters(card, seed, general_characters)
    run = CharacterRun(card, corrections, general, recipe, seed)
    seconds = max(0.4 * budget.left, budget.left - WRITING_SECONDS)
    tuned = run.train(model, seconds, lambda share: report(0.05 + 0.8 * share, "learning"))
    report(0.86, "writing the version")
    folder, new = write_version(run, tuned, user)
    try:
        report(0.9, "reading the general test")
        version = CharacterRecognizer.load(folder / f"{new.name}.json")
        result = _judge(run, tuned, reader, version)
        if result.accepted or keep:
            result = replace(result, name=new.name)
            keep_version(folder, _with_provenance(new, run, tuned, result, user))
    finally:
        discard(folder)
    report(1.0, result.reason)
    return replace(result, cpu_minutes=round(budget.used / 60, 2))


def _judge(
    run: CharacterRun,
    tuned: TunedCharacters,
    base: CharacterRecognizer,
    version: CharacterRecognizer,
) -> FinetuneResult:
    corrections, general = run.corrections, run.general.test
    held_out = corrections.split.take(tuned.rows)
    before = base.logits(held_out.images).argmax(axis=1)
    scores = Scores(
        "accuracy",
        _share(before, held_out.labels),
        _share(tuned.answers, held_out.labels),
        _share(base.logits(general.images).argmax(axis=1), general.labels),
        _share(version.logits(general.images).argmax(axis=1), general.labels),
    )
    accepted, reason = judge(scores)
    texts = [
        [corrections.classes[i] for i in rows] for rows in (held_out.labels, before, tuned.answers)
    ]
    return FinetuneResult(
        name="",
        base=run.card.name,
        **asdict(scores),
        accepted=accepted,
        reason=reason,
        changed_examples=changed_examples(held_out.images, *texts),
        learned=tuned.learned,
        held_out=len(held_out),
        general=len(general),
        new_characters="".join(corrections.new),
        notes=(*corrections.notes, f"general test: {run.general.source}"),
    )


def _share(found: np.ndarray, wanted: np.ndarray) -> float:
    return float((found == wanted).mean())


def _with_provenance(
    card: ModelCard, run: CharacterRun, tuned: TunedCharacters, result: FinetuneResult, user: str
) -> ModelCard:
    recipe = asdict(run.recipe) | {"mix": tuned.share}
    dataset = run.card.finetuning.get("base_dataset", run.card.dataset)
    return replace(
        card,
        dataset=run.corrections.name,
        data_hash=run.corrections.fingerprint(),
        data_notes=result.notes,
        seed=run.seed,
        validation={"n": result.held_out, "accuracy": round(result.after, 5)},
        finetuning=provenance(run.card, result, user, recipe) | {"base_dataset": dataset},
    )
