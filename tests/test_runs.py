"""A whole experiment: what it leaves behind, how a search continues, how transfer starts."""

import pandas as pd
import pytest
from bars import bars_data

from handwriting.cards import read_card
from handwriting.datasets import DATASETS
from handwriting.errors import UserError
from handwriting.experiments import Experiment, with_changes
from handwriting.recognizer import CharacterRecognizer
from handwriting.results import read_results
from handwriting.runs import run_experiment
from handwriting.search import draw_trials, search

EXPERIMENT = Experiment(
    "bars", dataset="bars", architecture="tiny", epochs=3, batch_size=16, learning_rate=1e-2
)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Models and outputs in a temporary folder, and the bars among the data sets."""
    monkeypatch.setenv("HANDWRITING_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HANDWRITING_OUTPUTS", str(tmp_path / "outputs"))
    monkeypatch.setitem(DATASETS, "bars", bars_data)
    return tmp_path


def test_leaves_model_card_curve_and_row(folders, capsys):
    run_experiment(EXPERIMENT)
    names = {path.name for path in (folders / "models").iterdir()}
    assert names == {"bars.h5", "bars.onnx", "bars.json"}
    card = read_card("bars")
    assert card.classes == ("1", "2", "3") and card.data_notes == ("made by the test",)
    assert card.test["n"] == 48 and card.validation["accuracy"] > 0.9
    assert card.temperature > 0 and len(card.data_hash) == 64
    row = read_results().iloc[-1]
    assert (row.experiment, row.data, row.seed, row.epochs) == ("bars", "bars", 0, 3)
    assert row.test_score == pytest.approx(card.test["accuracy"], abs=1e-4)
    figures = {path.name for path in (folders / "outputs" / "figures").iterdir()}
    assert {"bars_learning_curve.png", "bars_history.csv"} < figures
    assert {"bars_bars_test_confusion.png", "bars_bars_test_reliability.png"} < figures
    out = capsys.readouterr().out
    assert "note: made by the test" in out and "test, scored once" in out
    recognizer = CharacterRecognizer.load("bars")
    assert (recognizer.logits(bars_data().test.images).argmax(1) == bars_data().test.labels).all()


def test_resume_of_a_finished_run_trains_no_more(folders, capsys):
    run_experiment(EXPERIMENT)
    capsys.readouterr()
    run_experiment(EXPERIMENT, resume=True)
    assert "epoch" not in capsys.readouterr().out.replace("epochs", "").replace("best epoch", "")


def test_resume_with_other_settings_is_refused(folders):
    run_experiment(EXPERIMENT)
    with pytest.raises(UserError, match="other seed"):
        run_experiment(with_changes(EXPERIMENT, {"seed": 1}), resume=True)


def test_init_from_needs_a_model_that_is_there(folders):
    with pytest.raises(UserError, match="no such model card"):
        run_experiment(with_changes(EXPERIMENT, {"init_from": "nothing"}))


def test_search_writes_a_table_and_continues(folders):
    short = with_changes(EXPERIMENT, {"epochs": 1})
    first = search(short, count=2, share=0.5)
    path = folders / "outputs" / "search_bars.csv"
    assert len(pd.read_csv(path)) == 2 and first.validation_accuracy.is_monotonic_decreasing
    stamps = {tuple(row) for row in first[["learning_rate", "minutes"]].to_numpy()}
    again = search(short, count=3, share=0.5)
    assert len(again) == 3, "two kept, one new"
    assert stamps < {tuple(row) for row in again[["learning_rate", "minutes"]].to_numpy()}


def test_trials_start_from_the_experiment_and_repeat():
    trials = draw_trials(EXPERIMENT, 5, seed=3)
    assert trials[0]["learning_rate"] == EXPERIMENT.learning_rate
    assert trials == draw_trials(EXPERIMENT, 5, seed=3)
    assert all(1 / 3 <= t["learning_rate"] / EXPERIMENT.learning_rate <= 3 for t in trials)
