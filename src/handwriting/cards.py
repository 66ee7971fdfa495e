"""Model cards: `saved_models/NAME.json` says what the files beside it are and vouches for them."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from handwriting import paths
from handwriting.errors import UserError

SUFFIXES = (".h5", ".onnx", ".tflite")


@dataclass(frozen=True)
class ModelCard:
    """Everything prediction needs to know of a model, and everything a reader wants to.

    Attributes:
        name: of the model and its files.
        task: `characters` or `lines`.
        classes: what each logit reads as, in order; of lines without CTC's blank.
        input: height, width, channels, dtype and range of the input.
        preprocessing: `images.CharacterFormat` as a dict; of lines the height.
        architecture, options, parameters: the entry of `models.MODELS` or
            `lines.models.LINE_MODELS`, its options, and the number of weights.
        dataset, data_hash, data_notes: what it was trained on.
        seed, epochs, best_epoch, minutes, command, hardware: how.
        validation, test: scores with `n`; the epoch was chosen on validation, test was
            scored once.
        temperature: divides the logits before the softmax; fitted on validation.
        decoding: of lines: the language model's file, the settings of the beam search, the
            weight of a second reader and the calibration of confidences, chosen on validation.
        finetuning: of a version made from corrections: base, user, counts, scores before and
            after, recipe.
        averaging: of weights between two models: the other one's hash, the share of this
            one, the command.
        second_reader: of lines: how a second reader was taught beside the finished network.
        date: ISO, of the end of training.
        licence: notes on the weights.
        files: SHA-256 by file name.
    """

    name: str
    task: str
    classes: tuple[str, ...]
    input: dict
    preprocessing: dict
    architecture: str = ""
    options: dict = field(default_factory=dict)
    parameters: int = 0
    dataset: str = ""
    data_hash: str = ""
    data_notes: tuple[str, ...] = ()
    seed: int = 0
    epochs: int = 0
    best_epoch: int = 0
    minutes: float = 0.0
    command: str = ""
    hardware: str = ""
    init_from: str = ""
    validation: dict = field(default_factory=dict)
    test: dict = field(default_factory=dict)
    temperature: float = 1.0
    decoding: dict = field(default_factory=dict)
    finetuning: dict = field(default_factory=dict)
    averaging: dict = field(default_factory=dict)
    second_reader: dict = field(default_factory=dict)
    date: str = ""
    licence: str = ""
    files: dict = field(default_factory=dict)


def card_path(model: str | Path) -> Path:
    """The card of a model given by name, or by the path of any of its files.

    Raises:
        UserError: there is none.
    """
    text = str(model)
    if "/" in text or "\\" in text or Path(text).suffix in (*SUFFIXES, ".json"):
        path = Path(text).expanduser()
        stem = path.stem if path.suffix in (*SUFFIXES, ".json") else path.name
        path = path.with_name(f"{stem}.json")
    else:
        path = paths.models_dir() / f"{text}.json"
    if not path.is_file():
        known = ", ".join(list_models()) or "none yet: train one with `python src/train.py mnist`"
        raise UserError(f"{path}: no such model card; models here: {known}")
    return path


def list_models() -> list[str]:
    """Names of all models in the models folder.

    `NAME.lm.json` and `NAME.words.json` are about what goes with a line model.
    """
    stems = (path.stem for path in paths.models_dir().glob("*.json"))
    return sorted(stem for stem in stems if not stem.endswith((".lm", ".words")))


def read_card(model: str | Path) -> ModelCard:
    """Read a card by model name or path.

    Raises:
        UserError: missing, or not a model card.
    """
    path = card_path(model)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        for name in ("classes", "data_notes"):
            values[name] = tuple(values.get(name, ()))
        return ModelCard(**values)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UserError(f"{path}: not a model card ({error})") from None


def write_card(card: ModelCard, folder: Path) -> Path:
    path = folder / f"{card.name}.json"
    text = json.dumps(asdict(card), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def checked_file(card: ModelCard, folder: Path, suffix: str) -> Path:
    """The model file with this suffix, after its hash was compared with the card.

    Raises:
        UserError: the file is missing, not on the card, or another one than on the card.
    """
    return checked_path(card, folder / f"{card.name}{suffix}")


def checked_path(card: ModelCard, path: Path) -> Path:
    """A file of the model by its path, after the same check.

    Raises:
        UserError: see `checked_file`.
    """
    expected = card.files.get(path.name)
    if expected is None or not path.is_file():
        raise UserError(f"{path}: missing; train it or restore it from the repository")
    if sha256(path) != expected:
        raise UserError(f"{path}: does not match the SHA-256 on its card; restore both or retrain")
    return path


def sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
