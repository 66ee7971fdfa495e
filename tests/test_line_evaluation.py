"""Scoring lines whose readings are known, and the figures made from the scores."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from handwriting import results
from handwriting.errors import UserError
from handwriting.lines import plots, score_plots
from handwriting.lines.charset import Charset
from handwriting.lines.data import Line, LineSplit
from handwriting.lines.evaluation import evaluate_lines
from handwriting.plots import png_bytes

IMAGE = np.full((64, 300), 235, np.uint8)


def line(text, source="carnet", language="fr", writer="", page="") -> Line:
    return Line(IMAGE, text, source, language, writer, page)


SPLIT = LineSplit(
    (
        line("où est le thé", writer="1", page="a"),
        line("Il pleut, dit-elle", writer="1", page="b"),
        line("deux œufs", writer="1", page="b"),
        line("A cup of tea", "parcel", "en", "1"),
        line("rain again", "parcel", "en", "2"),
        line("ça & là $ 3", "parcel", "", "3"),
    )
)
READ = [
    "ou est le thé",  # ù→u
    "il pleut dit-elle",  # I→i, a comma left out
    "deux œufs",
    "A cup of tea",
    "rain a gain",  # a space too many
    "ça là $ 3",  # & and a space left out
]
EDITS = [1, 2, 0, 0, 1, 2]


@pytest.fixture(scope="module")
def evaluation():
    return evaluate_lines(SPLIT, READ, notes=["invented lines"])


def test_overall_scores_by_hand(evaluation):
    characters = sum(len(line.text) for line in SPLIT)
    assert evaluation.lines["edits"].tolist() == EDITS
    assert evaluation.cer == pytest.approx(6 / characters)
    # où; Il and pleut,; again is one wrong word and one added; & left out
    assert evaluation.wer == pytest.approx((1 + 2 + 2 + 1) / (4 + 3 + 2 + 4 + 2 + 5))
    row = evaluation.overall
    assert (row.lines, row.characters, row.lines_right) == (6, characters, pytest.approx(1 / 3))
    assert row.cer_ignoring_case == pytest.approx(5 / characters)
    without = characters - len(",-& ")  # where the sign goes, one of its spaces goes as well
    assert row.cer_ignoring_case_and_punctuation == pytest.approx((1 + 0 + 1 + 0) / without)
    assert evaluation.interval[0] < evaluation.cer < evaluation.interval[1]


@pytest.mark.parametrize("kind, names", [("source", 2), ("language", 3)])
def test_groups_sum_to_the_whole(evaluation, kind, names):
    groups = evaluation.table.loc[kind]
    assert len(groups) == names
    assert groups["lines"].sum() == 6
    assert groups["characters"].sum() == evaluation.overall.characters
    weighted = (groups["cer"] * groups["characters"]).sum() / groups["characters"].sum()
    assert weighted == pytest.approx(evaluation.cer)


def test_each_group_is_scored_by_its_own_lines(evaluation):
    alone = evaluate_lines(SPLIT.where(lambda line: line.source == "parcel"), READ[3:])
    pd.testing.assert_series_equal(
        evaluation.table.loc[("source", "parcel")], alone.overall, check_names=False
    )
    assert evaluation.table.loc[("language", "unknown"), "lines"] == 1


def test_the_table_says_what_the_bootstrap_drew(evaluation):
    units = evaluation.table[["unit", "units"]].apply(tuple, axis=1)
    assert units["all", "all"] == ("writer", 4)  # writer 1 of one source is not that of another
    assert units["source", "carnet"] == ("page", 2)
    assert units["language", "unknown"] == ("line", 1)
    assert np.isnan(evaluation.table.loc[("language", "unknown"), "cer_low"])


def test_worst_and_median_are_numbers_of_lines(evaluation):
    rates = [edits / len(line.text) for edits, line in zip(EDITS, SPLIT, strict=True)]
    assert evaluation.worst(2) == [5, 1]
    assert sorted(evaluation.worst(10)) == list(range(6))
    assert [rates[number] for number in evaluation.median(2)] == sorted(rates)[-3:-5:-1]


def test_worst_goes_by_rate_and_then_by_edits():
    split = LineSplit(tuple(map(line, ("ab", "abcdefgh", "abcd"))))
    assert evaluate_lines(split, ["a", "abcdef", "ab"]).worst() == [2, 0, 1]


def test_confusions_and_characters(evaluation):
    assert evaluation.confusions(1) == [("", " ", 1)]
    assert {("ù", "u", 1), ("&", "", 1), (" ", "", 1)} < set(evaluation.confusions())
    table = evaluation.characters()
    assert table.loc["ù", "recall"] == 0 and table.loc["œ", "recall"] == 1
    assert table["count"].sum() == evaluation.overall.characters


def test_readings_are_compared_as_labels_are_written():
    split = LineSplit((line("l'été"),))
    assert evaluate_lines(split, ["  l’e\u0301te\u0301 "]).cer == 0


def test_the_report_is_json_and_the_summary_tells_the_numbers(evaluation):
    report = json.dumps(evaluation.to_dict())
    assert "NaN" not in report and json.loads(report)["n"] == 6
    assert json.loads(report)["by_source"]["parcel"]["lines"] == 3
    assert json.loads(report)["per_character"]["ù"]["recall"] == 0
    assert json.loads(report)["characters"] == evaluation.overall.characters
    summary = evaluation.summary_text()
    for expected in (
        f"CER        {evaluation.cer:.4f}",
        "over 4 writers",
        "over 2 pages",
        "no interval from one line",
        "space→nothing 1",
        "note: invented lines",
        "punctuation and spaces count",
    ):
        assert expected in summary


def test_the_score_goes_into_the_results_file(evaluation, tmp_path):
    path = tmp_path / "results.csv"
    results.append_result(path, experiment="lines", **evaluation.result_columns("test"))
    (row,) = results.read_results(path).to_dict("records")
    assert row["test_score"] == pytest.approx(evaluation.cer, rel=1e-5)
    assert (row["test_n"], row["metric"]) == (6, "CER")
    assert "invented lines" in row["notes"] and "4 writers" in row["notes"]
    of_source = evaluation.result_columns("validation", "carnet")
    assert of_source["validation_n"] == 3 and "2 pages" in of_source["notes"]
    assert of_source["validation_score"] == evaluation.table.loc[("source", "carnet"), "cer"]


def test_training_scores_never_stand_in_a_score_column(evaluation):
    columns = evaluation.result_columns("train")
    assert set(columns) == {"metric", "notes"} and f"{evaluation.cer:.4f}" in columns["notes"]


def test_calibration_of_lines():
    evaluation = evaluate_lines(SPLIT, READ, confidences=[0.4, 0.4, 0.4, 0.9, 0.9, 0.9])
    # One in three is right of those at 0.4 and of those at 0.9.
    assert evaluation.ece == pytest.approx(((0.4 - 1 / 3) + (0.9 - 1 / 3)) / 2)
    assert evaluation.bins_of == "lines"


def test_calibration_of_words():
    split = LineSplit((line("le petit chat"), line("dort")))
    evaluation = evaluate_lines(split, ["le grand petit chat", ""], [[0.9, 0.1, 0.9, 0.9], []])
    assert evaluation.ece == pytest.approx(0.1)  # the added word was the doubtful one
    assert evaluation.bins.count.sum() == 4 and "4 words" in evaluation.summary_text()


@pytest.mark.parametrize(
    "hypotheses, confidences, message",
    [
        (READ[:5], None, "6 references but 5 hypotheses"),
        (READ, [0.5], "1 confidences for 6 lines"),
        (READ, [[0.5]] * 6, "line 0: 1 confidences for 4 words"),
    ],
)
def test_lists_that_do_not_fit_are_refused(hypotheses, confidences, message):
    with pytest.raises(ValueError, match=message):
        evaluate_lines(SPLIT, hypotheses, confidences)


def test_an_empty_split_is_refused():
    with pytest.raises(UserError, match="no lines"):
        evaluate_lines(LineSplit(), [])


CHARSET = Charset(" abé$")


def frames(*best: int) -> np.ndarray:
    """Probabilities whose best classes are given, 5 being the blank."""
    return np.eye(6)[list(best)] * 0.7 + 0.05


HISTORY = pd.DataFrame({"minutes": [1, 2, 3], "validation_cer": [0.9, 0.3, 0.1]})
CURVE = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "loss": [90.0, 40.0, 20.0],
        "validation_cer": [0.8, 0.3, 0.35],
        "cer_carnet": [0.9, 0.4, 0.5],
        "cer_$": [0.7, 0.2, 0.2],
        "learning_rate": [1e-3, 1e-3, 1e-4],
    }
)
FIGURES = {
    "lines_table": lambda e: plots.plot_lines_table(SPLIT.lines, READ, ["é $ title", *[""] * 5]),
    "lines_table_strange": lambda e: plots.plot_lines_table(
        [line("Ωẞ漢 $x$"), line("a" * 300)], ["", "é" * 310]
    ),
    "alignment": lambda e: plots.plot_alignment(IMAGE, frames(5, 3, 3, 5, 0, 4, 5, 4), CHARSET),
    "alignment_of_nothing": lambda e: plots.plot_alignment(IMAGE, frames(5, 5), CHARSET),
    "learning_curve": lambda e: plots.plot_line_learning_curve(CURVE),
    "learning_curve_of_one_source": lambda e: plots.plot_line_learning_curve(
        CURVE.drop(columns=["cer_$"])
    ),
    "cer_by_source": score_plots.plot_cer_by_source,
    "confusions": lambda e: score_plots.plot_confusions(e.confusions()),
    "cer_over_time": lambda e: score_plots.plot_cer_over_time({"crnn $": HISTORY, "é": HISTORY}),
    "confidence": lambda e: score_plots.plot_confidence(
        evaluate_lines(SPLIT, READ, [0.5] * 6).bins, "lines"
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_renders_without_a_missing_glyph(name, evaluation):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a glyph that the font lacks
        assert png_bytes(FIGURES[name](evaluation), dpi=50).startswith(b"\x89PNG")


def test_a_perfect_reading_has_a_figure_and_an_interval_at_zero():
    perfect = evaluate_lines(SPLIT, SPLIT.texts)
    assert perfect.cer == 0 and perfect.interval == (0, 0)
    assert png_bytes(score_plots.plot_cer_by_source(perfect), dpi=50).startswith(b"\x89PNG")
    assert "confused   none" in perfect.summary_text()
    with pytest.raises(ValueError, match="to plot"):
        score_plots.plot_confusions(perfect.confusions())


def test_a_table_of_no_lines_is_refused():
    with pytest.raises(ValueError, match="to plot"):
        plots.plot_lines_table([], [])


def test_the_table_writes_both_texts_and_colours_only_errors():
    figure = plots.plot_lines_table([line("un thé")], ["un the s"])
    drawn = [(text.get_text(), text.get_color()) for text in figure.texts]
    black = [text for text, colour in drawn if colour == "black"]
    assert black == ["un", "th", "un", "th"]
    assert [text for text, colour in drawn if colour == plots.RED] == ["e␣s"]
    assert [text for text, colour in drawn if colour == plots.BLUE] == ["é"]


def test_the_learning_curve_marks_the_lowest_error():
    axes = plots.plot_line_learning_curve(CURVE).axes[1]
    (marked,) = [line for line in axes.lines if line.get_label().startswith("lowest")]
    assert marked.get_xydata().tolist() == [[2, 0.3]]


def test_designs_are_compared_by_the_time_that_is_named():
    history = CURVE.assign(minutes=[1, 2, 3], cpu_minutes=[2, 4, 6])
    figure = score_plots.plot_cer_over_time({"gated": history}, "cpu_minutes")
    assert figure.axes[0].lines[0].get_xdata().tolist() == [2, 4, 6]
    assert "processor" in figure.axes[0].get_xlabel()


def test_dollar_signs_make_no_formula():
    figure = plots.plot_lines_table([line("$x$")], [""])
    assert "$x$" in [text.get_text() for text in figure.texts]
    assert not any(text.get_parse_math() for text in figure.texts)


def test_characters_stand_at_their_surest_frame():
    probabilities = frames(5, 3, 3, 5, 1, 5, 1)
    probabilities[2, 3] = 0.9
    figure = plots.plot_alignment(IMAGE, probabilities, CHARSET)
    labels = [(text.get_text(), text.get_position()[0]) for text in figure.axes[1].texts]
    assert labels == [("é", 2.5), ("a", 4.5), ("a", 6.5)]
    assert figure.axes[0].get_title(loc="left") == "éaa"
