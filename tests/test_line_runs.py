"""A whole line experiment: what it leaves behind, and how its scores are reported."""

import io

import keras
import numpy as np
import pandas as pd
import pytest
from lines_toy import make_data
from PIL import Image

from handwriting.cards import read_card
from handwriting.errors import UserError
from handwriting.experiments import with_changes
from handwriting.lines import collections
from handwriting.lines.augment import NO_AUGMENTATION
from handwriting.lines.collections import find_lines
from handwriting.lines.comparison import compare
from handwriting.lines.experiments import LineExperiment
from handwriting.lines.recognizer import LineRecognizer
from handwriting.lines.reporting import report_line_scores
from handwriting.lines.runs import run_line_experiment
from handwriting.lines.saving import model_inputs
from handwriting.results import read_results
from handwriting.saving import load_keras

EXPERIMENT = LineExperiment(
    "toy_lines",
    dataset="dhsd",
    architecture="tiny",
    epochs=8,
    cooldown_epochs=2,
    learning_rate=2e-2,
    warmup_epochs=0.2,
    batch_columns=1600,
    average=0.8,
    precision="float32",
    augmentation=NO_AUGMENTATION,
)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Bars for letters as the collection `dhsd`; models and outputs in temporary folders."""
    data = make_data(200, 20)
    rows = [
        {
            "image": _png(line.image),
            "text": line.text,
            "language": "de",
            "writer": line.writer,
            "page": f"{split}{i}",
            "split": split,
        }
        for split, lines in data.splits().items()
        for i, line in enumerate(lines)
    ]
    (tmp_path / "data" / "lines").mkdir(parents=True)
    pd.DataFrame(rows).to_parquet(tmp_path / "data" / "lines" / "dhsd.parquet")
    for name in ("data", "models", "outputs"):
        monkeypatch.setenv(f"HANDWRITING_{name.upper()}", str(tmp_path / name))
    collections._load_parquet.cache_clear()
    return tmp_path


def _png(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def test_leaves_model_card_curve_row_and_scores(folders, capsys):
    run_line_experiment(EXPERIMENT)
    names = {path.name for path in (folders / "models").iterdir()}
    assert names == {"toy_lines.h5", "toy_lines.onnx", "toy_lines.json"}
    card = read_card("toy_lines")
    assert (card.task, card.preprocessing) == ("lines", {"height": 40})
    assert card.validation["n"] == 20 and card.validation["cer"] < 0.1
    assert set(card.decoding) == {"calibration"}
    row = read_results().iloc[-1]
    assert (row.experiment, row.metric, row.epochs) == ("toy_lines", "CER", 8)
    assert row.validation_score == pytest.approx(card.validation["cer"], abs=1e-4)
    figures = {path.name for path in (folders / "outputs" / "figures").iterdir()}
    assert figures == {"toy_lines_history.csv", "toy_lines_learning_curve.png"}

    # The file that predicts says what the file that Keras trained says.
    lines = find_lines("dhsd").test
    recognizer = LineRecognizer.load("toy_lines")
    (ink,) = model_inputs(lines.where(lambda line: line.page == "test3"), 40)
    model, _ = load_keras("toy_lines")
    padded = np.zeros((1, 40, 320, 1), np.float32)
    padded[0, :, : ink.shape[1], 0] = ink / 255
    expected = keras.ops.convert_to_numpy(model(padded, training=False))[0]
    found = recognizer.logits([ink])[0]
    assert found.argmax(axis=1).tolist() == expected[: len(found)].argmax(axis=1).tolist()

    capsys.readouterr()
    report_line_scores("toy_lines", None, "test", figures=True)
    assert "CER" in capsys.readouterr().out
    last = read_results().iloc[-1]
    assert (last.experiment, last.data) == ("evaluate toy_lines best path", "dhsd")
    assert last.test_score < 0.1 and last.test_n == 20


def test_a_longer_run_continues_a_shorter_one(folders, capsys):
    short = with_changes(EXPERIMENT, {"epochs": 2, "cooldown_epochs": 0})
    run_line_experiment(short)
    capsys.readouterr()
    run_line_experiment(with_changes(EXPERIMENT, {"epochs": 3}), resume=True)
    told = capsys.readouterr().out
    assert "epoch   3/3" in told and "epoch   2/" not in told
    with pytest.raises(UserError, match="other learning_rate"):
        run_line_experiment(with_changes(short, {"learning_rate": 1e-3}), resume=True)


def test_designs_are_compared_once_each(folders):
    designs = {"one": {}, "two": {"learning_rate": 1e-2}}
    rows = compare(EXPERIMENT, {"one": designs["one"]}, cpu_minutes=0.001)
    assert set(rows["design"]) == {"one"} and (rows["cpu_minutes"] > 0).all()
    before = rows["cpu_minutes"].tolist()
    rows = compare(EXPERIMENT, designs, cpu_minutes=0.001)
    assert rows.loc[rows["design"] == "one", "cpu_minutes"].tolist() == pytest.approx(before, 1e-4)
    assert set(rows["design"]) == {"one", "two"}
    assert read_results()["experiment"].tolist() == ["compare one", "compare two"]


def test_a_parquet_file_of_ones_own_is_read_by_its_path(folders):
    path = folders / "data" / "lines" / "dhsd.parquet"
    own = find_lines(str(path))
    assert [line.text for line in own.train] == [line.text for line in find_lines("dhsd").train]
    with pytest.raises(UserError, match=r"mine\.parquet: missing"):
        find_lines("mine.parquet")
    frame = pd.read_parquet(path)
    for column, value, said in (("split", "dev", "split 'dev'"), ("image", b"", "not a parquet")):
        frame.assign(**{column: value}).to_parquet(folders / "odd.parquet")
        with pytest.raises(UserError, match=said):
            find_lines(str(folders / "odd.parquet"))


@pytest.mark.parametrize("option", ["spliced", "composed"])
def test_new_lines_need_a_model_that_finds_gaps_and_letters(folders, option):
    with pytest.raises(UserError, match="need --init-from"):
        run_line_experiment(with_changes(EXPERIMENT, {option: 0.5}))


def test_unknown_line_data_is_said_in_one_line(folders):
    with pytest.raises(UserError, match="no line data 'nothing'"):
        find_lines("nothing")
    with pytest.raises(UserError, match=r"copiste\.parquet: missing"):
        find_lines("dhsd+copiste")
