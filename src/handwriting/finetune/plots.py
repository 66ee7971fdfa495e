"""Figures of learning from corrections. Every function returns its figure."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from handwriting.finetune.gate import TOLERANCE
from handwriting.lines.alignment import MATCH, edit_operations
from handwriting.lines.data import Line
from handwriting.lines.plots import ADVANCE, MONOSPACE
from handwriting.plots import BLUE, FONT, GREY, RED, label_text, new_figure, style

_ROW, _IMAGE, _GAP, _MARGIN, _LABELS = 0.19, 0.5, 0.16, 0.1, 0.6  # inches
_CELL = 0.08  # inches of a character


def plot_curve(table, others: Mapping[str, tuple[float, float]] | None = None) -> Figure:
    """CER of a hand's other lines, and of general lines, by the number of corrections.

    Args:
        table: a row for each version with the columns lines, base_cer, tuned_cer,
            base_cer_best_path, tuned_cer_best_path, general_before and general_after.
        others: (corrections, CER) of versions that are drawn apart, by name.
    """
    table = table.sort_values("lines")
    counts = np.append(0, table["lines"])
    with style():
        figure = new_figure(9, 3.2)
        hand, general = figure.subplots(1, 2, width_ratios=(1.4, 1))
        for end, colour, name in (
            ("cer_best_path", GREY, "network alone"),
            ("cer", BLUE, "with the language model"),
        ):
            rates = np.append(table[f"base_{end}"].iloc[0], table[f"tuned_{end}"])
            hand.plot(counts, 100 * rates, "o-", color=colour, markersize=4, label=name)
        for name, (count, rate) in (others or {}).items():
            hand.plot(count, 100 * rate, "D", color=RED, label=label_text(name, 40))
        hand.set(title="other lines of the hand", ylabel="CER in %", xlabel="corrected lines")
        rates = np.append(table["general_before"].iloc[0], table["general_after"])
        general.plot(counts, 100 * rates, "o-", color=BLUE, markersize=4)
        general.set(title="general lines", xlabel="corrected lines")
        limit = 100 * (rates[0] + TOLERANCE)
        general.axhline(limit, color=RED, linestyle="--", linewidth=1, label="the gate")
        general.set_ylim(0, 1.35 * max(limit, 100 * rates.max()))
        for axes in (hand, general):
            axes.set_xticks(counts)
            axes.grid(axis="y")
            axes.legend()
        hand.set_ylim(bottom=0)
    return figure


def plot_before_after(
    lines: Sequence[Line], before: Sequence[str], after: Sequence[str], width: float = 9
) -> Figure:
    """Each line's image, its text, and what was read before and after; errors are red."""
    if not len(lines):
        raise ValueError("no lines to plot")
    room = width - _LABELS - 2 * _MARGIN
    shapes = [line.image.shape for line in lines]
    talls = [min(_IMAGE, room * rows / columns) for rows, columns in shapes]
    blocks = [tall + 3 * _ROW + _GAP for tall in talls]
    height = sum(blocks) + 2 * _MARGIN
    with style():
        figure = new_figure(width, height, layout="none")
        top = height - _MARGIN
        for line, old, new, tall, block in zip(lines, before, after, talls, blocks, strict=True):
            _draw_image(figure, line, _MARGIN + _LABELS, top, tall)
            texts = {"text": line.text, "before": old, "after": new}
            for number, (name, text) in enumerate(texts.items(), start=1):
                base = top - tall - number * _ROW + 0.03
                _write(figure, _MARGIN, base, name, color=GREY, fontsize=8)
                _write_text(figure, _MARGIN + _LABELS, base, room, line.text, text)
            top -= block
    return figure


def _draw_image(figure: Figure, line: Line, left: float, top: float, tall: float) -> None:
    width, height = figure.get_size_inches()
    rows, columns = line.image.shape
    wide = tall * columns / rows
    place = (left / width, (top - tall) / height, wide / width, tall / height)
    axes = figure.add_axes(place, xticks=[], yticks=[])
    axes.imshow(line.image, cmap="gray", vmin=0, vmax=255, aspect="auto")
    axes.spines[:].set(visible=True, color="#dddddd")


def _write_text(
    figure: Figure, left: float, base: float, room: float, truth: str, text: str
) -> None:
    """A reading, character by character, red where it is not what is written."""
    cells = [
        ("·" if char is None else char, kind == MATCH)
        for kind, _, char in edit_operations(truth, text)
    ]
    advance = min(_CELL, room / max(1, len(cells)))
    look = {"family": MONOSPACE, "fontsize": 72 * advance / ADVANCE}
    for column, (char, right) in enumerate(cells):
        if char != " " or not right:
            shown = "␣" if char == " " else char if char == "$" else label_text(char)
            bold = {"color": RED, "fontweight": "bold"}
            place = left + column * advance
            _write(figure, place, base, shown, **look, **({} if right else bold))


def _write(figure: Figure, x: float, y: float, text: str, **options) -> None:
    """Text at a place in inches from the lower left corner; $ is a dollar sign."""
    width, height = figure.get_size_inches()
    options.setdefault("family", FONT)
    figure.text(x / width, y / height, text, parse_math=False, **options)


def plot_by_source(before: Mapping[str, float], after: Mapping[str, Mapping[str, float]]) -> Figure:
    """CER of general lines by where they are from, of a base and of versions of it.

    Args:
        before: CER of the base by source.
        after: the same of versions, by their names; the first is blue.
    """
    names, tones = list(before), (BLUE, RED, "#5b8c5a", "#d9a441")
    step = 0.8 / (len(after) + 1)
    with style():
        figure = new_figure(9, 2.9)
        axes = figure.subplots()
        series = {"base": before, **after}
        for number, (name, rates) in enumerate(series.items()):
            place = np.arange(len(names)) + (number - len(after) / 2) * step
            colour = GREY if not number else tones[(number - 1) % len(tones)]
            values = [100 * rates[source] for source in names]
            axes.bar(place, values, step, color=colour, label=label_text(name, 40))
        axes.set_xticks(range(len(names)), names)
        axes.set(ylabel="CER in %")
        axes.grid(axis="y")
        figure.legend(loc="outside lower center", ncols=len(series))
    return figure
