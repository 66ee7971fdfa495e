"""What `evaluate.py` does with a line model: scores, figures, rows of results."""

import sys

from handwriting import paths
from handwriting.errors import UserError
from handwriting.lines.collections import find_lines
from handwriting.lines.data import LineData, LineSplit
from handwriting.lines.evaluation import LineEvaluation, evaluate_lines
from handwriting.lines.plots import plot_lines_table
from handwriting.lines.recognizer import LineRecognizer
from handwriting.lines.saving import model_inputs
from handwriting.lines.score_plots import plot_cer_by_source, plot_confidence, plot_confusions
from handwriting.plots import png_bytes
from handwriting.results import append_result

PORTION = 512
WORST = 8


def report_line_scores(model: str, dataset: str | None, split: str, figures: bool) -> None:
    """Print and record the scores of the best path, then of the language model if there is one.

    Of a mix of collections each gets a row of its own in `outputs/results.csv`, too.

    Raises:
        UserError: unknown model or data, or the split is empty.
    """
    recognizer = LineRecognizer.load(model)
    name = recognizer.card.name
    data = find_lines(dataset or recognizer.card.dataset)
    lines = data.splits()[split]
    if not len(lines):
        raise UserError(f"{data.name} has no {split} split; choose another with --split")
    if split == "train":
        print("warning: scored on training lines, no measure of new ones", file=sys.stderr)
    plain = recognizer.without_language_model()
    evaluation = score(plain, lines, data.notes)
    _report(evaluation, lines, data, split, f"evaluate {name} best path")
    if recognizer.settings:
        evaluation = score(recognizer, lines, data.notes)
        _report(evaluation, lines, data, split, f"evaluate {name}")
    if figures:
        save_line_figures(evaluation, lines, f"{name}_{data.name}_{split}")


def score(recognizer: LineRecognizer, lines: LineSplit, notes=()) -> LineEvaluation:
    """Read every line of a split and compare."""
    texts, confidences = [], []
    for start in range(0, len(lines), PORTION):
        portion = LineSplit(lines.lines[start : start + PORTION])
        read = recognizer.read(model_inputs(portion, recognizer.height))
        texts += [line.text for line in read]
        confidences += [[word.confidence for word in line.words] for line in read]
    return evaluate_lines(lines, texts, confidences, notes)


def _report(evaluation, lines: LineSplit, data: LineData, split: str, title: str) -> None:
    print(f"{title} on {data.name}, {split}\n{evaluation.summary_text()}\n")
    data_hash = data.fingerprint()[:12]
    columns = evaluation.result_columns(split)
    append_result(experiment=title, data=data.name, data_hash=data_hash, **columns)
    sources = sorted({line.source for line in lines})
    for source in sources if len(sources) > 1 else ():
        columns = evaluation.result_columns(split, source)
        append_result(experiment=title, data=source, data_hash=data_hash, **columns)


def save_line_figures(evaluation: LineEvaluation, lines: LineSplit, prefix: str) -> None:
    """Write `outputs/figures/PREFIX_sources.png` and its like."""
    worst = evaluation.worst(WORST)
    hypotheses = [str(text) for text in evaluation.lines["hypothesis"]]
    figures = {
        "sources": plot_cer_by_source(evaluation),
        "confidence": plot_confidence(evaluation.bins, evaluation.bins_of),
        "worst": plot_lines_table(
            [lines[i] for i in worst],
            [hypotheses[i] for i in worst],
            [lines[i].source for i in worst],
        ),
    }
    if confusions := evaluation.confusions(20):
        figures["confusions"] = plot_confusions(confusions)
    folder = paths.figures_dir()
    folder.mkdir(parents=True, exist_ok=True)
    for kind, figure in figures.items():
        path = folder / f"{prefix}_{kind}.png"
        path.write_bytes(png_bytes(figure))
        print(f"figure: {path}")
