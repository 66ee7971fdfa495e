"""What the README shows of the models, made anew: `python -m handwriting.readme`.

Tables come from `outputs/`, the pictures from the sample pictures and the models that
`predict.py` takes by default.
"""

import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from PIL import Image

from handwriting.cleanup import clean_page
from handwriting.images import load
from handwriting.lines.recognizer import LineRecognizer
from handwriting.page_reader import PageReader
from handwriting.pages.visuals import page_overlay
from handwriting.paths import ROOT, figures_dir, outputs_dir
from handwriting.plots import plot_prediction, png_bytes
from handwriting.recognizer import CharacterRecognizer
from handwriting.results import lines_table, results_table

README = ROOT / "README.md"
SHOWN = ("5_photo.jpg", "R_photo.jpg", "star_drawn.png")


def pages_table(frame: pd.DataFrame | None = None) -> str:
    """Markdown table of `benchmarks/pages.py`: CER by folder of pages and program, seconds.

    Args:
        frame: columns folder, engine, pages, CER, lines not found, seconds; default what the
            benchmark wrote.
    """
    file = outputs_dir() / "benchmark_pages.csv"
    if frame is None and not file.is_file():
        return "(not measured yet)"
    frame = pd.read_csv(file) if frame is None else frame
    counts = frame.drop_duplicates("folder").set_index("folder")["pages"]
    rates = frame.pivot(index="engine", columns="folder", values="CER")
    rates = rates.loc[list(dict.fromkeys(frame["engine"])), list(counts.index)]
    seconds = frame[frame["folder"] == "all"].set_index("engine")["seconds"]
    head = ["CER", *(f"{folder} ({count:.0f})" for folder, count in counts.items()), "seconds"]
    rows = [head, ["---"] * len(head)]
    for engine, values in rates.iterrows():
        cells = [f"{value:.1%}" for value in values]
        rows.append([str(engine), *cells, f"{seconds[engine]:.1f}"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def app_table(frame: pd.DataFrame | None = None) -> str:
    """Markdown table of `benchmarks/app.py`: latencies, seconds to start, memory.

    Args:
        frame: columns what, users, requests, errors, p50_ms, p95_ms, seconds, megabytes;
            default what the benchmark wrote.
    """
    file = outputs_dir() / "benchmark_app.csv"
    if frame is None and not file.is_file():
        return "(not measured yet)"
    frame = pd.read_csv(file) if frame is None else frame
    rows = [["", "users", "requests", "errors", "median", "95 %"], ["---"] * 6]
    for row in frame.itertuples():
        if row.requests > 0:
            times = [f"{value:,.0f} ms" for value in (row.p50_ms, row.p95_ms)]
            counts = [f"{value:,.0f}" for value in (row.users, row.requests, row.errors)]
            rows.append([row.what.split(",")[0], *counts, *times])
    single = frame.set_index("what")
    facts = [f"start {single['seconds'].dropna().iloc[0]:.1f} s"]
    facts += [f"{what} {value:.0f} MB" for what, value in single["megabytes"].dropna().items()]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{table}\n\n{'; '.join(facts)}."


def finetune_table(frame: pd.DataFrame | None = None) -> str:
    """Markdown table of `benchmarks/finetune.py curve`: a hand before and after learning.

    Args:
        frame: columns lines, base_cer, tuned_cer, relative_gain, general_before,
            general_after, accepted, cpu_minutes; default what the benchmark wrote.
    """
    file = outputs_dir() / "finetune_curve.csv"
    if frame is None and not file.is_file():
        return "(not measured yet)"
    frame = pd.read_csv(file) if frame is None else frame
    head = ["corrected lines", "CER before", "after", "fewer errors", "general before", "after"]
    rows = [[*head, "kept", "CPU minutes"], ["---"] * (len(head) + 2)]
    rates = ["base_cer", "tuned_cer", "relative_gain", "general_before", "general_after"]
    for _, row in frame.sort_values("lines").iterrows():
        cells = [f"{row[name]:.1%}" for name in rates]
        kept = "yes" if row["accepted"] else "no, forgets too much"
        rows.append([f"{row['lines']:.0f}", *cells, kept, f"{row['cpu_minutes']:.1f}"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


# A comment names the table that stands between it and the next.
TABLES = {
    "results": results_table,
    "lines": lines_table,
    "pages": pages_table,
    "app": app_table,
    "finetune": finetune_table,
}


def with_results(text: str) -> str:
    """README text with its tables brought up to date; nothing else is touched."""
    for name, make in TABLES.items():
        block = rf"(<!-- {name}: .*? -->\n).*?(<!-- end of {name} -->)"
        table = make().replace("\\", r"\\")
        text = re.sub(block, rf"\g<1>{table}\n\g<2>", text, flags=re.DOTALL)
    return text


def predictions_picture() -> Image.Image:
    """Input, model input and probabilities of a few samples, one below the other."""
    recognizer = CharacterRecognizer.load("characters")
    rows = []
    for name in SHOWN:
        picture = ROOT / "samples" / name
        seen, reading = recognizer.prepare(picture), recognizer.predict(picture)
        figure = plot_prediction(load(picture), seen, reading.top)
        rows.append(np.asarray(Image.open(io.BytesIO(png_bytes(figure))).convert("RGB")))
    return Image.fromarray(np.vstack(rows))


def page_picture() -> plt.Figure:
    """A photo of a letter with the lines found on it, and its text as read, side by side."""
    image = load(ROOT / "samples" / "pages" / "letter_photo.jpg")
    page = PageReader(LineRecognizer.load("lines"), clean=clean_page).read(image)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 5.6), width_ratios=(1, 1.1))
    left.imshow(page_overlay(image, page))
    right.text(0, 0.97, page.text, va="top", fontsize=12, linespacing=1.75)
    for axes in (left, right):
        axes.axis("off")
    figure.tight_layout()
    return figure


if __name__ == "__main__":
    README.write_text(with_results(README.read_text(encoding="utf-8")), encoding="utf-8")
    predictions_picture().save(figures_dir() / "readme_prediction.png", optimize=True)
    page_picture().savefig(figures_dir() / "readme_page.jpg", dpi=110, pil_kwargs={"quality": 75})
