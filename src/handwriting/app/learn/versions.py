"""Which version of a model is read with: chosen in one place, asked at every reading."""

import shutil
from pathlib import Path

from handwriting import paths
from handwriting.app.learn.run import BASES, read_json, write_json
from handwriting.cards import checked_path, list_models, read_card
from handwriting.errors import UserError
from handwriting.finetune import list_versions, rollback
from handwriting.finetune.versions import RETIRED, discard, keep_version, new_folder, root_name


class VersionsInUse:
    """For each model the version that stands in for it.

    Args:
        file: where the choice is kept, so that it outlives the server.
    """

    def __init__(self, file: Path):
        self.file = file

    def used(self, model: str) -> str:
        """What to read with where `model` is asked for: a version, or the model itself.

        A version that was taken out of use elsewhere is not missed.
        """
        chosen = self._chosen().get(model)
        if not isinstance(chosen, str) or root_name(chosen) != model:
            return model
        return chosen if (paths.models_dir() / f"{chosen}.json").is_file() else model

    def choices(self, model: str) -> list[str]:
        """The model as it came, and its versions, oldest first."""
        return [model, *list_versions(model)]

    def use(self, name: str) -> None:
        """Read with this version, or with a model as it came, from the next reading on.

        Raises:
            UserError: there is none of that name, or it is damaged.
        """
        model = root_name(name)
        if model not in BASES.values() or name not in self.choices(model):
            raise UserError(f"{name[:60]}: no such version; it may have been rolled back")
        _check(paths.models_dir(), name)
        write_json(self.file, self._chosen() | {model: name})

    def roll_back(self, model: str) -> str:
        """Take the version in use out of use; what is read with now is the one before it.

        Raises:
            UserError: no version is in use.
        """
        name, choices = self.used(model), self.choices(model)
        if name == model:
            raise UserError(f"{model}: is read with as it came; there is nothing to roll back")
        before = choices[choices.index(name) - 1] if name in choices else model
        self.use(before)
        rollback(name)
        return before

    def _chosen(self) -> dict:
        values = read_json(self.file)
        return values if isinstance(values, dict) else {}


def add_version(folder: Path, name: str) -> None:
    """Copy a candidate among the models, its card last; done twice, it is there once.

    Args:
        folder: where the candidate lies.

    Raises:
        UserError: it is damaged, or the models folder cannot be written.
    """
    card = _check(folder, name)
    try:
        with new_folder() as place:
            for file in card.files:
                shutil.copy(folder / file, place / file)
            keep_version(place, card)
    except OSError as error:
        cause = error.strerror or error
        raise UserError(f"{paths.models_dir()}: cannot be written ({cause}); make room") from None
    discard(place)


def reserve_names(folder: Path) -> None:
    """Have a models folder know which names are taken among the real models.

    A new version gets a name that none in its models folder has or had; a candidate is made
    in a folder of its own.
    """
    retired = paths.models_dir() / RETIRED
    names = [*list_models(), *(path.stem for path in retired.glob("*.json"))]
    (folder / RETIRED).mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / RETIRED / f"{name}.json").touch()


def _check(folder: Path, name: str):
    card = read_card(folder / f"{name}.json")
    for file in card.files:
        checked_path(card, folder / file)
    return card
