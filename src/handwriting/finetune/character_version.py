"""A new version of a character model on disk, in a temporary folder."""

from pathlib import Path

from handwriting.batches import to_input
from handwriting.calibration import fit_temperature
from handwriting.cards import ModelCard, write_card
from handwriting.datasets.base import Split
from handwriting.finetune.character_run import CharacterRun, TunedCharacters
from handwriting.finetune.new_card import version_card
from handwriting.finetune.versions import new_folder, new_name
from handwriting.saving import write_keras, write_onnx


def write_version(run: CharacterRun, tuned: TunedCharacters, user: str) -> tuple[Path, ModelCard]:
    """Write all files of a version into a temporary folder in the models folder.

    Returns:
        The folder, and a card without scores.
    """
    name = new_name(run.card.name, user)
    model = run.build()
    model.set_weights(tuned.weights)
    with new_folder() as folder:
        write_keras(model, folder / f"{name}.h5")
        write_onnx(model, folder / f"{name}.onnx")
        card = version_card(
            run.card,
            name,
            folder,
            classes=run.corrections.classes,
            parameters=model.count_params(),
            temperature=_temperature(model, run.general.choice, run.card.temperature),
        )
        write_card(card, folder)
    return folder, card


def _temperature(model, split: Split, before: float) -> float:
    """Fitted on general characters; with few of them that of the base stays."""
    if len(split) < 500:
        return before
    return round(fit_temperature(model.predict(to_input(split.images), verbose=0), split.labels), 4)
