"""Learning from corrected characters: a new sign beside the digits."""

import numpy as np
import pytest
from PIL import Image

from handwriting.augment import NONE
from handwriting.cards import read_card
from handwriting.datasets.base import CharacterData, Split, empty_split
from handwriting.datasets.generated import write_generated_mnist
from handwriting.errors import UserError
from handwriting.experiments import Experiment
from handwriting.finetune.characters import finetune_characters
from handwriting.finetune.recipe import CharacterRecipe
from handwriting.finetune.versions import list_versions
from handwriting.images import MNIST_FORMAT, to_character
from handwriting.recognizer import CharacterRecognizer
from handwriting.runs import run_experiment

EXPERIMENT = Experiment(
    "digits",
    dataset="mnist",
    architecture="tiny",
    epochs=6,
    batch_size=32,
    learning_rate=1e-2,
    average=0.9,
    augmentation=NONE,
)
RECIPE = CharacterRecipe(epochs=6, head_epochs=2, learning_rate=1e-2, per_class=40, strength=0.3)


def draw_grid(rng: np.random.Generator, size: int = 48) -> np.ndarray:
    """A # of four strokes, (size, size) uint8, 0 = ink."""
    picture = np.full((size, size), 255, np.uint8)
    for place in (size // 3, 2 * size // 3):
        row, column = place + rng.integers(-3, 4, 2)
        picture[row - 2 : row + 2, 4:-4] = 0
        picture[4:-4, column - 2 : column + 2] = 0
    return picture


def grids(count: int, seed: int = 0) -> CharacterData:
    rng = np.random.default_rng(seed)
    images = [to_character(draw_grid(rng), MNIST_FORMAT)[..., 0] for _ in range(count)]
    split = Split(np.rint(255 * np.array(images)).astype(np.uint8), np.zeros(count, np.int64))
    return CharacterData("grids", ("#",), split, empty_split(), empty_split())


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("characters")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("data", "models", "outputs"):
            patch.setenv(f"HANDWRITING_{name.upper()}", str(folder / name))
        write_generated_mnist(folder / "data")
        run_experiment(EXPERIMENT)
    return folder


@pytest.fixture
def folders(trained, monkeypatch):
    for name in ("data", "models", "outputs"):
        monkeypatch.setenv(f"HANDWRITING_{name.upper()}", str(trained / name))
    yield trained
    for path in (trained / "models").glob("*@*"):
        path.unlink()


def test_a_new_sign_is_learned_from_twenty(folders):
    result = finetune_characters("digits", grids(20), user="anna", minutes=10, recipe=RECIPE)
    assert result.accepted, result.reason
    assert (result.before, result.new_characters, result.metric) == (0, "#", "accuracy")
    version = CharacterRecognizer.load(result.name)
    assert version.classes == (*"0123456789", "#")
    unseen = grids(30, seed=1)
    assert np.mean(version.logits(unseen.train.images).argmax(axis=1) == 10) >= 0.9
    about = read_card(result.name).finetuning
    assert (about["base"], about["base_dataset"]) == ("digits", "mnist")
    # A version of the version replays the first base's data still.
    again = finetune_characters(
        result.name, grids(20, seed=2), user="ben", minutes=10, recipe=RECIPE, keep=True
    )
    assert read_card(again.name).finetuning["base_dataset"] == "mnist"
    assert list_versions("digits") == [result.name, again.name]


def test_class_folders_are_read_as_prediction_reads_pictures(folders, tmp_path):
    rng = np.random.default_rng(3)
    for part, count in (("Train", 8), ("Validation", 3)):
        (tmp_path / part / "%23").mkdir(parents=True)
        for number in range(count):
            picture = draw_grid(rng)
            Image.fromarray(picture).save(tmp_path / part / "%23" / f"{number}.png")
    (tmp_path / "Train" / "%23" / "broken.png").write_bytes(b"no picture")
    result = finetune_characters("digits", tmp_path, user="a", minutes=10, recipe=RECIPE, keep=True)
    assert (result.new_characters, result.held_out) == ("#", 11)
    assert "1 pictures cannot be read" in result.notes[0]


def test_without_the_base_data_drawn_digits_are_watched(folders, monkeypatch):
    monkeypatch.setenv("HANDWRITING_DATA", str(folders / "nowhere"))
    result = finetune_characters("digits", grids(20), user="a", minutes=10, recipe=RECIPE)
    assert result.general == 300 and "drawn by a program" in result.notes[-1]


def contradictory() -> CharacterData:
    data = grids(8)
    both = Split(np.concatenate([data.train.images] * 2), np.repeat([0, 1], 8))
    return CharacterData("both", ("#", "8"), both, empty_split(), empty_split())


def script() -> CharacterData:
    images = np.random.default_rng(0).integers(0, 255, (60, 28, 28), np.uint8)
    return CharacterData(
        "script", tuple("абвгде"), Split(images, np.arange(60) % 6), empty_split(), empty_split()
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (CharacterData("none", ("#",), *[empty_split()] * 3), "no corrections"),
        (grids(3), "too few"),
        (contradictory(), "corrected to '#' and to '8'"),
        (script(), "6 new classes for a model of 10"),
        ("nowhere/at/all", "no such folder"),
    ],
)
def test_what_cannot_be_learned_from_is_said_in_one_line(folders, data, message):
    with pytest.raises(UserError, match=message):
        finetune_characters("digits", data, user="a", recipe=RECIPE)
    assert list_versions() == []
