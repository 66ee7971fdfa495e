"""Every experiment of the project: data, network and training in one frozen dataclass each."""

import argparse
from dataclasses import dataclass, field, fields, replace

from handwriting.augment import NONE, Augmentation
from handwriting.errors import UserError
from handwriting.images import EMNIST_FORMAT, MNIST_FORMAT, CharacterFormat
from handwriting.lines.augment import LineAugmentation
from handwriting.lines.experiments import LINE_EXPERIMENTS, LineExperiment
from handwriting.lines.options import LineOptions
from handwriting.options import ModelOptions
from handwriting.precision import AUTO


@dataclass(frozen=True)
class Experiment:
    """What `python src/train.py NAME` trains; every field is also an option of that script.

    Attributes:
        name: of the experiment and of the files in `saved_models/`.
        dataset: an entry of `datasets.DATASETS`.
        architecture: an entry of `models.MODELS`.
        epochs, batch_size, seed: as usual. The seed cuts validation, starts the weights
            and drives shuffling, dropout and augmentation.
        learning_rate: peak of the cosine schedule (AdamW).
        warmup_epochs: epochs of linear rise; may be a fraction.
        calm_epochs, calm_cycles: so many of the epochs, at the end, have a small rate and
            little augmentation, the rate starting again each cycle; see
            `schedule.learning_rate_at`.
        weight_decay: of AdamW, decoupled.
        label_smoothing: share of probability spread over all classes.
        average: momentum of the weight average, taken every step; 0 = off.
        patience: stop after so many epochs without a better validation score; 0 = never.
        init_from: a saved model whose backbone is taken over; its head is replaced unless
            the classes are the same.
        freeze_epochs: with `init_from`, epochs in which only the new head learns.
        precision: `float32`, `mixed_bfloat16`, or `auto`: what the processor does best.
        class_prior: how often each class is expected to come: `data`, `uniform` or
            `emnist`; see `priors`.
        options: width, dropout, L2, batch normalisation.
        augmentation: strengths of the variations; validation and test never get any.
        format: how prediction brings a picture into the form of the training images.
    """

    name: str
    dataset: str
    architecture: str
    epochs: int
    batch_size: int = 128
    learning_rate: float = 2e-3
    warmup_epochs: float = 1.0
    calm_epochs: int = 0
    calm_cycles: int = 1
    weight_decay: float = 0.02
    label_smoothing: float = 0.0
    average: float = 0.999
    patience: int = 0
    seed: int = 0
    init_from: str = ""
    freeze_epochs: int = 0
    precision: str = "float32"
    class_prior: str = "data"
    options: ModelOptions = field(default_factory=ModelOptions)
    augmentation: Augmentation = NONE
    format: CharacterFormat = MNIST_FORMAT

    def summary(self) -> str:
        start = f", from {self.init_from}" if self.init_from else ""
        return f"{self.architecture} on {self.dataset}, {self.epochs} epochs{start}"


def _listed(*experiments) -> dict[str, Experiment | LineExperiment]:
    return {experiment.name: experiment for experiment in experiments}


# Settings shared by the networks that are meant to be used.
_STRONG = {
    "architecture": "vgg",
    "label_smoothing": 0.05,
    "precision": AUTO,
    "augmentation": Augmentation(),
}

EXPERIMENTS = _listed(
    Experiment(
        "mnist_cnn",
        dataset="mnist",
        architecture="cnn",
        epochs=5,
        options=ModelOptions(dropout=0.4, batch_norm=False),
        augmentation=Augmentation().scaled(0.3),
    ),
    Experiment(
        "mnist",
        dataset="mnist",
        epochs=46,
        calm_epochs=6,
        learning_rate=3e-3,
        options=ModelOptions(width=24),
        **_STRONG,
    ),
    Experiment(
        "emnist_cnn",
        dataset="emnist_balanced",
        architecture="cnn",
        epochs=5,
        class_prior="uniform",
        options=ModelOptions(dropout=0.4, batch_norm=False),
        format=EMNIST_FORMAT,
    ),
    Experiment(
        "emnist_bymerge",
        dataset="emnist_bymerge",
        epochs=24,
        calm_epochs=4,
        calm_cycles=2,
        learning_rate=3e-3,
        class_prior="emnist",
        format=EMNIST_FORMAT,
        **_STRONG,
    ),
    Experiment(
        "emnist_balanced",
        dataset="emnist_balanced",
        epochs=4,
        calm_epochs=4,
        learning_rate=2e-3,
        class_prior="uniform",
        init_from="emnist_bymerge",
        format=EMNIST_FORMAT,
        **_STRONG,
    ),
    # From scratch: the Kaggle images are EMNIST's in other clothes, so a model started from
    # EMNIST weights might have seen its validation images.
    Experiment(
        "kaggle_characters",
        dataset="kaggle_characters",
        epochs=8,
        calm_epochs=2,
        learning_rate=3e-3,
        class_prior="uniform",
        options=ModelOptions(width=24),
        format=EMNIST_FORMAT,
        **_STRONG,
    ),
    Experiment(
        "characters",
        dataset="characters",
        epochs=4,
        calm_epochs=2,
        learning_rate=1.5e-3,
        init_from="emnist_bymerge",
        freeze_epochs=1,
        format=EMNIST_FORMAT,
        **_STRONG,
    ),
    *LINE_EXPERIMENTS,
)


def find_experiment(name: str) -> Experiment | LineExperiment:
    """Look up an experiment by name.

    Raises:
        UserError: there is none of that name; the message lists them.
    """
    if name not in EXPERIMENTS:
        raise UserError(f"no experiment {name!r}; there are {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]


def with_changes(experiment, changes: dict):
    """Replace fields by name; those of `options` and `augmentation` count as fields too.

    Names that no experiment has are left alone.

    Raises:
        UserError: a field that only experiments of the other kind have.

    >>> with_changes(EXPERIMENTS["mnist"], {"dropout": 0.5, "epochs": 1}).options.dropout
    0.5
    """
    parts = (experiment, experiment.options, experiment.augmentation)
    own = {f.name for part in parts for f in fields(part)}
    if foreign := sorted((changes.keys() & _option_fields().keys()) - own):
        flags = ", ".join(map(_flag, foreign))
        raise UserError(f"{experiment.name} has no option {flags}; see --help")
    for name in ("options", "augmentation"):
        experiment = replace(experiment, **{name: _replaced(getattr(experiment, name), changes)})
    return _replaced(experiment, changes)


def _replaced(part, changes: dict):
    return replace(part, **{f.name: changes[f.name] for f in fields(part) if f.name in changes})


def add_options(parser: argparse.ArgumentParser) -> None:
    """One option for every plain field of experiments, their model options and augmentation."""
    sections = {}
    for name, (group, kind) in _option_fields().items():
        if group not in sections:
            sections[group] = parser.add_argument_group(group)
        if kind is bool:
            sections[group].add_argument(_flag(name), action=argparse.BooleanOptionalAction)
        else:
            sections[group].add_argument(_flag(name), type=kind, metavar=kind.__name__.upper())


def _option_fields() -> dict[str, tuple[str, type]]:
    """The group and type of every field that is an option; the first group that has it counts."""
    parts = {"options", "augmentation", "format"}
    groups = (
        *(Experiment, ModelOptions, Augmentation),
        *(LineExperiment, LineOptions, LineAugmentation),
    )
    found = {}
    for group in groups:
        for f in fields(group):
            if f.name not in parts:
                found.setdefault(f.name, (group.__name__, f.type))
    return found


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
