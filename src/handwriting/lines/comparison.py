"""Designs of the line network side by side, at equal processor time."""

from dataclasses import replace

import pandas as pd

from handwriting import paths
from handwriting.experiments import with_changes
from handwriting.lines.augment import LineAugmentation
from handwriting.lines.charset import DEFAULT_CHARSET
from handwriting.lines.collections import find_lines
from handwriting.lines.experiments import LineExperiment
from handwriting.lines.network import build_training_model
from handwriting.lines.synthesis import cached_synthetic
from handwriting.lines.training import train_lines
from handwriting.results import append_result

STRONG = LineAugmentation().scaled(2)

# What each design changes in the experiment `lines`, which has two LSTMs of 192 units.
ONE_LSTM = {"recurrent": 128, "recurrent_layers": 1}
DESIGNS: dict[str, dict] = {
    "crnn": {**ONE_LSTM, "batch_columns": 24_000, "augmentation": STRONG},
    "crnn-2d": {**ONE_LSTM, "batch_columns": 24_000, "augmentation": STRONG, "blocks": 1},
    "gated": {
        "batch_columns": 24_000,
        "augmentation": STRONG,
        "architecture": "gated",
        "depth": 4,
    },
    "crnn-small-batches": {**ONE_LSTM, "augmentation": STRONG},
    "crnn-weak-augmentation": ONE_LSTM,
    "crnn-wide": {"recurrent_layers": 1, "recurrent": 224, "units": 320},
    "crnn-deep-lstm": {"recurrent": 128, "depth": 0},
    "crnn-tall": {**ONE_LSTM, "height": 48},
    "gated-weak-augmentation": {"architecture": "gated", "depth": 4},
    "gated-deep": {"architecture": "gated", "depth": 8},
    "crnn-two-lstms": {},
}


def compare(
    experiment: LineExperiment, designs: dict[str, dict], cpu_minutes: float, title: str = "designs"
) -> pd.DataFrame:
    """Train each design for so many minutes of processor time, at a constant rate.

    On real lines alone, unless the design asks for synthetic ones.

    A row for every epoch of each goes to `outputs/line_TITLE.csv`, and one of each design
    to `outputs/results.csv`. Designs of which the file already has the rows are not trained
    again, so that a comparison can be continued and extended.

    Returns:
        All rows: design, parameters, epoch, cpu_minutes, validation_cer, cer_SOURCE, …
    """
    path = paths.outputs_dir() / f"line_{title}.csv"
    rows = pd.read_csv(path) if path.is_file() else pd.DataFrame({"design": []})
    data = find_lines(experiment.dataset)
    for name, changes in designs.items():
        if name in set(rows["design"]):
            continue
        base = replace(experiment, epochs=10_000, cooldown_epochs=0, synthetic_end=0.0)
        variant = with_changes(replace(base, synthetic=0.0), changes)
        print(f"design {name}: {variant.summary()}", flush=True)
        synthetic = ()
        if variant.synthetic:
            synthetic = cached_synthetic(variant.synthetic_pool, variant.seed)
        result = train_lines(
            variant, data.train, data.validation, synthetic, cpu_minutes=cpu_minutes
        )
        history = pd.DataFrame(result.history)
        history.insert(0, "design", name)
        history["parameters"] = build_training_model(variant, DEFAULT_CHARSET).count_params()
        history["cpu_minutes"] = history["cpu_seconds"].cumsum() / 60
        rows = pd.concat([rows, history], ignore_index=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        rows.to_csv(path, index=False, float_format="%.6g")
        append_result(
            experiment=f"compare {name}",
            data=data.name,
            data_hash=data.fingerprint()[:12],
            seed=variant.seed,
            epochs=len(history),
            train_n=len(data.train),
            validation_score=history["validation_cer"].min(),
            validation_n=len(data.validation),
            metric="mean CER",
            minutes=round(result.minutes, 1),
            notes=f"{cpu_minutes:g} CPU minutes, constant rate, best path; comparison",
        )
    return rows
