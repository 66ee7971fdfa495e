"""What synthetic lines add: one network trained with more and fewer of them, at equal time."""

from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np
import pandas as pd

from handwriting import paths
from handwriting.lines.alignment import character_scores, count_confusions
from handwriting.lines.batches import plain_batches, usable_lines
from handwriting.lines.charset import DEFAULT_CHARSET
from handwriting.lines.collections import find_lines
from handwriting.lines.data import Line, LineSplit
from handwriting.lines.decoding import greedy
from handwriting.lines.experiments import LineExperiment
from handwriting.lines.metrics import cer
from handwriting.lines.synthesis import cached_synthetic
from handwriting.lines.training import EVALUATION_COLUMNS, train_lines
from handwriting.results import append_result

HELD_OUT = 5  # every fifth font writes none of the lines trained on
MOST = 600  # lines of held-out fonts that are read


def measure_synthesis(
    experiment: LineExperiment, shares: Sequence[float], cpu_minutes: float
) -> pd.DataFrame:
    """Train with so many synthetic lines for each real one, and read what real lines lack.

    Every share is trained from the same start for `cpu_minutes` of processor time, so more
    synthetic lines mean fewer real ones. Characters that no real training line has can be
    tested on synthetic lines alone: those of fonts that were held out.

    A row for each share is added to `outputs/line_synthesis.csv`, where it is not there yet.

    Returns:
        synthetic (the share), epochs, cpu_minutes, validation_cer (real lines, mean over
        collections), validation_n, font_cer (lines of held-out fonts), font_n, absent_recall
        (share of their characters without real example that are read), absent_n.
    """
    path = paths.outputs_dir() / "line_synthesis.csv"
    rows = pd.read_csv(path) if path.is_file() else pd.DataFrame({"synthetic": []})
    data = find_lines(experiment.dataset)
    train, test = split_fonts(cached_synthetic(experiment.synthetic_pool, experiment.seed))
    known = {character for line in data.train for character in line.text}
    for share in shares:
        if np.isclose(rows["synthetic"], share).any():
            continue
        print(f"{share:g} synthetic lines for each real one", flush=True)
        variant = replace(
            experiment,
            epochs=10_000,
            cooldown_epochs=0,
            synthetic=share,
            synthetic_end=share,
        )
        result = train_lines(variant, data.train, data.validation, train, cpu_minutes=cpu_minutes)
        best = result.history[result.best_epoch - 1]
        row = {
            "synthetic": share,
            "epochs": len(result.history),
            "cpu_minutes": sum(epoch["cpu_seconds"] for epoch in result.history) / 60,
            "validation_cer": best["validation_cer"],
            "validation_n": len(data.validation),
            **score_fonts(result.model, test, known, variant.height),
        }
        rows = pd.concat([rows, pd.DataFrame([row])], ignore_index=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        rows.to_csv(path, index=False, float_format="%.5g")
        append_result(
            experiment=f"synthesis {share:g}",
            data=data.name,
            data_hash=data.fingerprint()[:12],
            seed=variant.seed,
            epochs=len(result.history),
            train_n=len(data.train),
            validation_score=best["validation_cer"],
            validation_n=len(data.validation),
            metric="mean CER",
            minutes=round(result.minutes, 1),
            notes=f"{cpu_minutes:g} CPU minutes, constant rate, best path; absent characters "
            f"read {row['absent_recall']:.3f} of {row['absent_n']}",
        )
    return rows


def split_fonts(lines: LineSplit) -> tuple[list[Line], list[Line]]:
    """Lines to train on and lines to test with, no font in both."""
    fonts = sorted({line.writer for line in lines})
    held_out = set(fonts[::HELD_OUT])
    train = [line for line in lines if line.writer not in held_out]
    return train, [line for line in lines if line.writer in held_out][:MOST]


def score_fonts(model: keras.Model, lines: list[Line], known: set[str], height: int) -> dict:
    """CER over `lines`, and the share read of their characters that are not in `known`."""
    usable = usable_lines(lines, height, DEFAULT_CHARSET)
    texts = [""] * len(usable)
    for rows, batch in plain_batches(usable, height, DEFAULT_CHARSET, EVALUATION_COLUMNS):
        logits = keras.ops.convert_to_numpy(model.predict_on_batch(batch.images))
        for row, frames, count in zip(rows, logits, batch.frame_counts, strict=True):
            texts[row] = DEFAULT_CHARSET.decode(greedy(frames[:count]))
    references = [line.text for line in usable]
    scores = character_scores(count_confusions(references, texts))
    absent = [score for char, score in scores.items() if char not in known]
    written = sum(score.count for score in absent)
    right = sum(score.right for score in absent)
    return {
        "font_cer": cer(references, texts),
        "font_n": len(usable),
        "absent_recall": right / written if written else float("nan"),
        "absent_n": written,
    }
