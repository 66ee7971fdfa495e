"""Figures of lines, of reading them and of learning to. Every function returns its figure."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from matplotlib.figure import Figure

from handwriting.lines.alignment import MATCH, edit_operations
from handwriting.lines.charset import Charset
from handwriting.lines.data import Line
from handwriting.lines.metrics import EVERYTHING
from handwriting.plots import (
    BLUE,
    FONT,
    GREY,
    RED,
    label_text,
    new_figure,
    plain_log_ticks,
    style,
)

# Of curves beside the blue one.
COLOURS = (RED, "#5b8c5a", "#d9a441", "#7b5ea7", "#3aa6a0", "#8a5a44", "#c77daf", GREY)
MONOSPACE = ("DejaVu Sans Mono", FONT)  # both come with matplotlib; only the second has ẞ
ADVANCE = 1233 / 2048  # width of each of its glyphs, as a part of the font size
CELL = 0.08  # inches of such a glyph: whole pixels at 50, 100 and 200 dpi, so none is shifted
_MARGIN, _LABELS = 0.12, 0.6  # inches: around a table of lines, and left of its texts
_ROW, _IMAGE, _GAP = 0.18, 0.55, 0.2  # inches: a row of text, the tallest image, between lines


def plot_lines_table(
    lines: Sequence[Line], hypotheses: Sequence[str], titles: Sequence[str] = (), width: float = 9
) -> Figure:
    """Each line's image with its text and what was read, character under character.

    Errors are red in the reading and blue in the text; `·` stands for a character left out,
    ␣ for a space that is part of an error.

    Args:
        titles: a remark above each image, for example where the line is from.
        width: inches of the figure; texts that are too long for it are set smaller.
    """
    if not len(lines):
        raise ValueError("no lines to plot")
    titles = list(titles) or [""] * len(lines)
    room = width - 2 * _MARGIN - _LABELS
    sizes = [_image_size(line.image, room) for line in lines]
    blocks = [
        tall + (2 + bool(title)) * _ROW + _GAP
        for (_, tall), title in zip(sizes, titles, strict=True)
    ]
    height = sum(blocks) - _GAP + 2 * _MARGIN
    with style():
        figure = new_figure(width, height, layout="none")
        top = height - _MARGIN
        rows = zip(lines, hypotheses, titles, sizes, blocks, strict=True)
        for line, hypothesis, title, size, block in rows:
            _draw_line(figure, top, line, hypothesis, title, size)
            top -= block
    return figure


def _image_size(image, room: float) -> tuple[float, float]:
    """Width and height in inches, as large as fits."""
    rows, columns = np.shape(image)[:2]
    tall = min(_IMAGE, room * rows / columns)
    return tall * columns / rows, tall


def _draw_line(figure: Figure, top: float, line: Line, hypothesis: str, title: str, size) -> None:
    width, height = figure.get_size_inches()
    left = _MARGIN + _LABELS
    if title:
        _write(figure, left, top - 0.13, title, color=GREY, fontsize=8)
        top -= _ROW
    wide, tall = size
    axes = figure.add_axes(
        (left / width, (top - tall) / height, wide / width, tall / height), xticks=[], yticks=[]
    )
    axes.imshow(line.image, cmap="gray", vmin=0, vmax=255, aspect="auto")
    axes.spines[:].set(visible=True, color="#dddddd")
    _draw_texts(figure, left, top - tall, line.text, hypothesis)


def _draw_texts(figure: Figure, left: float, top: float, reference: str, hypothesis: str) -> None:
    operations = edit_operations(EVERYTHING.apply(reference), EVERYTHING.apply(hypothesis))
    room = figure.get_size_inches()[0] - left - _MARGIN
    fitting = np.floor(100 * room / max(len(operations), 1)) / 100
    advance = np.clip(fitting, 0.03, CELL)
    look = {"family": MONOSPACE, "fontsize": 72 * advance / ADVANCE}
    for row, name in enumerate(("text", "read")):
        base = top - _ROW * (row + 1) + 0.03
        _write(figure, _MARGIN, base, name, color=GREY, fontsize=8)
        column = 0
        # Word by word, so that rounded glyph widths cannot add up along the line.
        cells = [_cell(operation, row) for operation in operations]
        for (colour, blank), run in groupby(cells, key=lambda cell: (cell[1], cell[0] == " ")):
            text = "".join(char for char, _ in run)
            if not blank:
                weight = "normal" if colour == "black" else "bold"
                place = left + column * advance
                _write(figure, place, base, text, color=colour, fontweight=weight, **look)
            column += len(text)


def _write(figure: Figure, x: float, y: float, text: str, **options) -> None:
    """Text at a place in inches from the lower left corner; $ is a dollar sign."""
    width, height = figure.get_size_inches()
    figure.text(x / width, y / height, text, parse_math=False, **options)


def _cell(operation, row: int) -> tuple[str, str]:
    """One character of the reference (row 0) or the reading (row 1), and its colour."""
    kind, *pair = operation
    char, colour = pair[row], "black" if kind == MATCH else (BLUE, RED)[row]
    if char is None:
        return (" ", "·")[row], colour
    if char == " ":
        return " " if kind == MATCH else "␣", colour
    return _glyph(char), colour


def _glyph(char: str) -> str:
    """The character, or � where the font lacks it."""
    return char if char == "$" or label_text(char) == char else "\N{REPLACEMENT CHARACTER}"


def plot_alignment(
    image, probabilities, charset: Charset, frame_width: float | None = None, width: float = 10
) -> Figure:
    """How CTC reads a line: the image, and below it what the network gives at each frame.

    The best class of each frame is taken; repeats are joined and blanks dropped. A stem
    stands at the surest frame of each character, as high as its probability; red ones are
    below one half.

    Args:
        image: (H, W) uint8, dark ink.
        probabilities: (T, C + 1) float, rows summing to 1, the blank last.
        frame_width: columns of `image` to a frame; by default the frames fill it.
        width: inches of the figure.
    """
    image, probabilities = np.asarray(image), np.asarray(probabilities)
    frames, (rows, columns) = len(probabilities), image.shape[:2]
    read = _read_frames(probabilities, charset)
    with style():
        tall = np.clip((width - 0.9) * rows / columns, 0.4, 2.5)
        figure = new_figure(width, tall + 2.3)
        upper, lower = figure.subplots(2, 1, height_ratios=(tall, 1.6), sharex=True)
        end = columns / (frame_width or columns / frames)
        upper.imshow(image, cmap="gray", vmin=0, vmax=255, aspect="auto", extent=(0, end, rows, 0))
        upper.set(yticks=[], xlim=(0, max(frames, end)))
        text = "".join(char if char == " " else _glyph(char) for char, _, _ in read)
        upper.set_title(text, loc="left", parse_math=False)
        upper.tick_params(length=0, labelbottom=False)
        upper.spines[:].set(visible=True, color="#dddddd")
        for _, frame, probability in read:
            upper.axvline(frame + 0.5, color=_certainty(probability), linewidth=0.6, alpha=0.5)
        _draw_stems(lower, read, probabilities[:, -1])
    return figure


def _draw_stems(axes, read, blank: np.ndarray) -> None:
    axes.stairs(blank, np.arange(len(blank) + 1), fill=True, color="#e9ecf1", linewidth=0)
    for char, frame, probability in read:
        colour, middle = _certainty(probability), frame + 0.5
        axes.plot([middle, middle], [0, probability], color=colour, linewidth=1.5)
        axes.plot(middle, probability, "o", color=colour, markersize=3)
        text = "␣" if char == " " else _glyph(char)
        axes.text(middle, 1.06, text, ha="center", color=colour, parse_math=False)
    axes.set(ylim=(0, 1.22), yticks=(0, 0.5, 1), ylabel="probability")
    axes.set_xlabel("frame (grey: the blank)")


def _certainty(probability: float) -> str:
    return BLUE if probability >= 0.5 else RED


def _read_frames(probabilities: np.ndarray, charset: Charset) -> list[tuple[str, int, float]]:
    """Character, surest frame and probability there, for each character of the best path."""
    best = probabilities.argmax(axis=1)
    read = []
    for index, run in groupby(range(len(best)), key=lambda frame: best[frame]):
        if index != charset.blank:
            frame = max(run, key=lambda frame: probabilities[frame, index])
            read.append((charset.characters[index], frame, float(probabilities[frame, index])))
    return read


def plot_line_learning_curve(history) -> Figure:
    """Loss, validation CER and learning rate by epoch; the lowest CER is marked.

    Args:
        history: a table with the columns epoch, loss, validation_cer, learning_rate and, for
            each source, cer_SOURCE; rates as fractions.
    """
    with style():
        figure = new_figure(11, 3.4)
        loss, cer, rate = figure.subplots(1, 3, width_ratios=(1, 1.5, 1))
        loss.plot(history["epoch"], history["loss"], color=GREY)
        loss.set(title="training loss", yscale="log")
        plain_log_ticks(loss.yaxis)
        _draw_rates(cer, history)
        rate.plot(history["epoch"], history["learning_rate"], color=GREY)
        rate.set_title("learning rate")
        rate.ticklabel_format(axis="y", scilimits=(-2, 4))
        for axes in (loss, cer, rate):
            axes.set_xlabel("epoch")
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.grid()
    return figure


def _draw_rates(axes, history) -> None:
    sources = [name for name in history if name.startswith("cer_")]
    for number, name in enumerate(sources if len(sources) > 1 else ()):
        colour, label = COLOURS[number % len(COLOURS)], label_text(name.removeprefix("cer_"))
        axes.plot(history["epoch"], history[name], color=colour, linewidth=1, label=label)
    axes.plot(history["epoch"], history["validation_cer"], color=BLUE, linewidth=2, label="mean")
    best = history["validation_cer"].idxmin()
    value = history["validation_cer"][best]
    axes.plot(history["epoch"][best], value, "o", color=BLUE, label=f"lowest mean, {value:.2%}")
    axes.set(title="validation CER", yscale="log")
    plain_log_ticks(axes.yaxis, "%")
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
