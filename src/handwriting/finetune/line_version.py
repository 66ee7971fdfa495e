"""A new version of a line model on disk, in a temporary folder."""

from pathlib import Path

from handwriting.cards import ModelCard, card_path, write_card
from handwriting.finetune.decoder import Decoder
from handwriting.finetune.line_network import build_like
from handwriting.finetune.mixing import Weights
from handwriting.finetune.new_card import version_card
from handwriting.finetune.versions import new_folder, new_name
from handwriting.lines.language.files import language_files, save_language_model
from handwriting.lines.saving import PROBE_WIDTH
from handwriting.saving import write_keras, write_onnx


def write_version(
    card: ModelCard, base: str | Path, user: str, weights: Weights, decoder: Decoder
) -> tuple[Path, ModelCard]:
    """Write all files of a version into a temporary folder in the models folder.

    Args:
        card: of the base.
        decoder: of the version.

    Returns:
        The folder, and a card without scores.
    """
    name, charset = new_name(card.name, user), decoder.charset
    model = build_like(card, charset)
    model.set_weights(weights)
    decoding = {key: value for key, value in card.decoding.items() if key != "second"}
    with new_folder() as folder:
        write_keras(model, folder / f"{name}.h5")
        write_onnx(model, folder / f"{name}.onnx", (card.preprocessing["height"], PROBE_WIDTH, 1))
        if decoder.language_model is not None:
            # Files of its own, 6 MB: the base may be made anew, the version must stay as it is.
            files = language_files(card, card_path(base).parent)
            decoding |= save_language_model(decoder.language_model, files, folder, name)
        new = version_card(
            card,
            name,
            folder,
            classes=charset.characters,
            options=card.options | {"second": 0},
            parameters=model.count_params(),
            decoding=decoding,
        )
        write_card(new, folder)
    return folder, new
