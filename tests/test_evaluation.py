"""Scoring a recogniser whose answers are known."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from handwriting.datasets.base import Split, empty_split
from handwriting.errors import UserError
from handwriting.evaluation import evaluate_characters, save_figures


class FakeRecognizer:
    """Reads the class off the first pixel, sure by `margin`; pixel 9 stands for "?"."""

    def __init__(self, classes, answers, temperature=1.0, margin=4.0):
        self.classes, self.answers, self.margin = classes, answers, margin
        self.card = SimpleNamespace(temperature=temperature)

    def logits(self, images):
        assert images.dtype == np.uint8 and images.shape[1:] == (28, 28)
        texts = [self.answers[pixel] for pixel in images[:, 0, 0]]
        return np.array(
            [[self.margin * (text == own) for own in self.classes] for text in texts], np.float32
        )


def split_of(labels, pixels):
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[:, 0, 0] = pixels
    return Split(images, np.array(labels))


@pytest.fixture
def model():
    return FakeRecognizer(["?", "C", "B", "A"], answers=["A", "B", "C", "?"])


def test_classes_are_matched_by_text_not_by_index(model):
    evaluation = evaluate_characters(model, split_of([0, 1, 2], [0, 1, 2]), ["A", "B", "C"])
    assert evaluation.accuracy == 1
    assert evaluation.classes == ("?", "C", "B", "A")
    assert evaluation.per_class.loc["A", "support"] == 1


def test_scores_of_a_known_case(model):
    split = split_of([0, 0, 0, 1, 2], [0, 0, 1, 1, 2])
    evaluation = evaluate_characters(model, split, ["A", "B", "C"])
    assert evaluation.accuracy == 0.8 and evaluation.count == 5
    assert evaluation.per_class.loc["A", "recall"] == pytest.approx(2 / 3)
    assert evaluation.per_class.loc["B", "precision"] == 0.5
    assert evaluation.confused_pairs() == [("A", "B", 1)]
    assert evaluation.interval[0] < 0.8 < evaluation.interval[1]


def test_an_answer_outside_the_data_set_is_an_error_unless_restricted(model):
    split = split_of([0, 1], [0, 3])
    free = evaluate_characters(model, split, ["A", "B"])
    assert free.confused_pairs() == [("B", "?", 1)]
    assert free.notes == ("answers outside the data set: 1",)
    restricted = evaluate_characters(model, split, ["A", "B"], restrict=True)
    assert restricted.classes == ("B", "A")
    assert restricted.accuracy == 1  # B and A tie for the second image; B comes first
    assert "restricted" in restricted.notes[-1]


def test_images_of_unknown_classes_are_refused_by_name(model):
    with pytest.raises(UserError, match="know the classes Ω"):
        evaluate_characters(model, split_of([0, 1], [0, 1]), ["A", "Ω"])


def test_an_unknown_class_without_images_does_no_harm(model):
    assert evaluate_characters(model, split_of([0], [0]), ["A", "Ω"]).accuracy == 1


def test_an_empty_split_is_refused(model):
    with pytest.raises(UserError, match="no images"):
        evaluate_characters(model, empty_split(), ["A"])


def test_temperature_changes_the_calibration_but_not_the_accuracy():
    split = split_of([0, 0, 0, 1], [0, 0, 1, 1])
    sharp = FakeRecognizer(["A", "B"], ["A", "B"], temperature=20 / np.log(3), margin=20)
    evaluation = evaluate_characters(sharp, split, ["A", "B"])
    assert evaluation.accuracy == 0.75
    assert evaluation.scores["ece_before"] == pytest.approx(0.25, abs=1e-6)
    assert evaluation.scores["ece_after"] == pytest.approx(0, abs=1e-6)


def test_the_report_is_json_and_the_summary_tells_notes_and_numbers(model):
    split = split_of([0, 0, 1], [0, 1, 1])
    evaluation = evaluate_characters(model, split, "ABC", notes=["a stand-in"])
    assert json.loads(json.dumps(evaluation.to_dict()))["n"] == 3
    assert "NaN" not in json.dumps(evaluation.to_dict())
    for expected in ("0.6667", "3 of 4 classes", "A→B 1", "note: a stand-in"):
        assert expected in evaluation.summary_text()


def test_training_scores_never_stand_in_a_score_column(model):
    evaluation = evaluate_characters(model, split_of([0], [0]), "ABC")
    assert "training images: 1.0000" in evaluation.result_columns("train")["notes"]
    assert not {"train_score", "test_score"} & set(evaluation.result_columns("train"))
    assert evaluation.result_columns("test")["test_score"] == 1


def test_figures_are_written_with_and_without_errors(model, tmp_path):
    for name, pixels in (("good", [0, 1]), ("bad", [0, 0])):
        split = split_of([0, 1], pixels)
        paths = save_figures(evaluate_characters(model, split, "AB"), split, tmp_path, name)
        assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
        assert ("bad_errors.png" in {path.name for path in paths}) == (name == "bad")
