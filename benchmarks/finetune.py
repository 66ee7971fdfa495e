"""What learning from corrections brings: `python benchmarks/finetune.py [PART...] [--record]`.

PART is one or several of
  curve     10, 20, 40 and 80 training lines of a hand that the base has never seen (peraire)
  mixing    forty of those, with replay and without: gained and forgotten from base to version
  writers   ten lines each of several unseen writers (copiste), averaged
  symbol    twenty examples of a new character, drawn after handwriting fonts
Scores are of other lines of the same hand. By default those are validation lines; `--test`
takes the test lines, to be scored once: of an unseen writer, who has test lines alone, the
first ten are learned from and the others read. Versions go to a temporary folder. `--record`
writes `outputs/finetune_PART.csv`, where other rows stay, and, but for mixing, rows of results.
"""

import argparse
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pandas as pd

from handwriting import paths
from handwriting.cards import card_path, read_card
from handwriting.datasets.base import CharacterData, Split, empty_split
from handwriting.datasets.symbols import draw_symbols, list_fonts, split_fonts, trace_glyph
from handwriting.errors import run_script
from handwriting.finetune.characters import finetune_characters
from handwriting.finetune.decoder import Decoder
from handwriting.finetune.general import load_general
from handwriting.finetune.line_training import line_logits
from handwriting.finetune.lines import finetune_lines
from handwriting.finetune.mixing import Mixer, Shares
from handwriting.finetune.recipe import DEFAULT_RECIPE
from handwriting.lines.charset import Charset
from handwriting.lines.collections import find_lines
from handwriting.lines.data import Line, LineSplit
from handwriting.lines.metrics import cer
from handwriting.lines.recognizer import LineRecognizer
from handwriting.lines.saving import model_inputs
from handwriting.recognizer import CharacterRecognizer
from handwriting.results import append_result, hardware
from handwriting.saving import load_keras

SIZES = (10, 20, 40, 80)
HAND = "peraire"
WRITERS = "copiste"
LEARNED = 10  # lines of each writer
FEWEST_LEFT = 8  # lines of a writer to measure on
MIXED, REPLAY = 40, ("with replay", "without replay")
STEPS = (0.2, 0.4, 0.6, 0.8, 1.0)
SYMBOL, EXAMPLES, UNSEEN = "§", 20, 100


def score(model: str, lines: list[Line]) -> dict[str, float]:
    """CER by the best path and with the language model."""
    recognizer = LineRecognizer.load(model)
    split = LineSplit(tuple(lines))
    pictures = model_inputs(split, recognizer.height)
    plain = recognizer.without_language_model()
    return {
        "cer_best_path": cer(split.texts, plain.texts(pictures)),
        "cer": cer(split.texts, recognizer.texts(pictures)),
    }


def measure(base: str, user: str, learn: list[Line], read: list[Line], minutes: float) -> dict:
    """One row: a version from `learn`, scored on `read` with its base."""
    result = finetune_lines(base, learn, user=user, minutes=minutes, keep=True)
    row = {"version": result.name, "lines": len(learn), "n": len(read), "minutes": minutes}
    for name, model in (("base", base), ("tuned", result.name)):
        row |= {f"{name}_{key}": value for key, value in score(model, read).items()}
    row["relative_gain"] = 1 - row["tuned_cer"] / row["base_cer"]
    row["relative_gain_best_path"] = 1 - row["tuned_cer_best_path"] / row["base_cer_best_path"]
    row |= {name: getattr(result, name) for name in ("general_before", "general_after")}
    row |= {"accepted": result.accepted, "cpu_minutes": result.cpu_minutes}
    shares = read_card(result.name).finetuning["recipe"]["shares"]
    print(row | shares, flush=True)
    return row | shares


def measure_curve(args: argparse.Namespace) -> pd.DataFrame:
    data = find_lines(HAND)
    read = list(data.test if args.test else data.validation)
    rows = []
    for size in args.sizes:
        learn = list(data.train.lines[:size])
        rows.append(measure(args.base, f"curve{size}", learn, read, args.minutes))
        args.versions[REPLAY[0], size] = rows[-1]["version"]
    return pd.DataFrame(rows)


def measure_mixing(args: argparse.Namespace) -> pd.DataFrame:
    """The hand and the general test on the way from the base to a tuned network.

    On validation lines always: this is to understand the method.
    """
    data, rows = find_lines(HAND), []
    for name in REPLAY:
        recipe = DEFAULT_RECIPE if name == REPLAY[0] else replace(DEFAULT_RECIPE, replay=0.0)
        version = (
            args.versions.get((name, MIXED))
            or finetune_lines(
                args.base,
                list(data.train.lines[:MIXED]),
                user=name.replace(" ", "-"),
                minutes=args.minutes,
                keep=True,
                recipe=recipe,
            ).name
        )
        rows += [{"recipe": name} | row for row in walk(args.base, version, data.validation.lines)]
    return pd.DataFrame(rows)


def walk(base: str, version: str, hand: Sequence[Line]) -> list[dict]:
    """CER of the hand and of the general test, for mixes with the middle part and without."""
    model, card = load_keras(base)
    charset, general = Charset(card.classes), load_general(HAND).test
    decoder = Decoder.of(LineRecognizer.load(base))
    mixer = Mixer(model, model.get_weights())
    shares = Shares(**read_card(version).finetuning["recipe"]["shares"])
    end = mixer.beyond(load_keras(version)[0].get_weights(), shares)
    ways = {"all parts": lambda s: Shares(s, s, s), "middle less": lambda s: Shares(1.0, s, 1.0)}
    rows = []
    for way, step in [("all parts", 0.0), *product(ways, STEPS)]:
        model.set_weights(mixer.mix(end, ways[way](step)))
        row = {"way": way, "share": step}
        for name, lines in (("hand", hand), ("general", general)):
            read = decoder.texts(line_logits(model, lines, charset))
            row |= {
                f"{name}_cer": cer([line.text for line in lines], read),
                f"{name}_n": len(lines),
            }
        print(row, flush=True)
        rows.append(row)
    return rows


def measure_writers(args: argparse.Namespace) -> pd.DataFrame:
    """Writers with enough lines; those of the split that is read, none of them in training."""
    by_writer = defaultdict(list)
    data = find_lines(WRITERS)
    for line in data.test if args.test else data.validation:
        by_writer[line.writer].append(line)
    chosen = [name for name, lines in by_writer.items() if len(lines) >= LEARNED + FEWEST_LEFT]
    rows = []
    for number, name in enumerate(sorted(chosen)[: args.writers]):
        learn, read = by_writer[name][:LEARNED], by_writer[name][LEARNED:]
        rows.append({"writer": name} | measure(args.base, f"w{number}", learn, read, args.minutes))
    return pd.DataFrame(rows)


def measure_symbol(args: argparse.Namespace) -> pd.DataFrame:
    """Learn a character from some fonts, read it in others."""
    fonts = [font for font in list_fonts(paths.data_dir() / "fonts") if trace_glyph(font, SYMBOL)]
    train, _, test = split_fonts(fonts)
    rng = np.random.default_rng(0)
    learn = Split(draw_symbols(SYMBOL, train, EXAMPLES, rng), np.zeros(EXAMPLES, np.int64))
    unseen = draw_symbols(SYMBOL, test, UNSEEN, rng)
    data = CharacterData("symbol", (SYMBOL,), learn, empty_split(), empty_split())
    result = finetune_characters(
        args.characters, data, user="symbol", minutes=args.minutes, keep=True
    )
    version = CharacterRecognizer.load(result.name)
    read = version.logits(unseen).argmax(axis=1) == version.classes.index(SYMBOL)
    row = {"symbol": SYMBOL, "examples": EXAMPLES, "n": UNSEEN, "read": float(read.mean())}
    row |= {name: getattr(result, name) for name in ("general_before", "general_after")}
    row |= {"accepted": result.accepted, "cpu_minutes": result.cpu_minutes}
    print(row, flush=True)
    return pd.DataFrame([row])


PARTS = {
    "curve": measure_curve,
    "mixing": measure_mixing,
    "writers": measure_writers,
    "symbol": measure_symbol,
}

KEYS = {"curve": "lines", "mixing": "recipe", "writers": "writer", "symbol": "symbol"}


def _others(path: Path, table: pd.DataFrame, key: str) -> pd.DataFrame | None:
    """Rows of an earlier run that this one does not make anew."""
    if not path.is_file():
        return None
    old = pd.read_csv(path)
    return old[~old[key].isin(table[key])]


def record(part: str, table: pd.DataFrame, args: argparse.Namespace) -> None:
    path = paths.outputs_dir() / f"finetune_{part}.csv"
    kept = _others(path, table, KEYS[part])
    table = table.assign(hardware=hardware())
    pd.concat([kept, table]).sort_values(KEYS[part], kind="stable").to_csv(
        path, index=False, float_format="%.5g"
    )
    split = "test" if args.test else "validation"
    symbol = part == "symbol"
    print(f"written to {path}")
    if part == "mixing":
        return
    for row in table.to_dict("records"):
        learned = row["examples"] if symbol else row["lines"]
        append_result(
            experiment=f"finetune {part} {row.get('writer', '')}{learned}",
            data={"curve": HAND, "writers": WRITERS}.get(part, "drawn symbols"),
            seed=0,
            train_n=learned,
            metric="accuracy" if symbol else "CER",
            minutes=row["cpu_minutes"],
            notes=(
                f"CPU minutes; general {row['general_before']:.4f} to {row['general_after']:.4f}"
                + ("" if symbol else f"; base {row['base_cer']:.4f}")
            ),
            **{f"{split}_score": row["read" if symbol else "tuned_cer"], f"{split}_n": row["n"]},
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--base", default="lines")
    parser.add_argument("--characters", default="characters", help="base of the new character")
    parser.add_argument("--minutes", type=float, default=5.0, help="of processor time, each")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--writers", type=int, default=6, help="how many")
    parser.add_argument("--test", action="store_true", help="score test lines; once")
    parser.add_argument("--record", action="store_true")
    args = parser.parse_args()
    args.versions = {}
    with tempfile.TemporaryDirectory() as folder:
        for model in (args.base, args.characters):
            for file in card_path(model).parent.glob(f"{read_card(model).name}.*"):
                shutil.copy(file, folder)
        args.base, args.characters = (read_card(m).name for m in (args.base, args.characters))
        os.environ["HANDWRITING_MODELS"] = str(Path(folder))
        for part in args.parts or PARTS:
            table = PARTS[part](args)
            print(table.to_string(index=False, float_format="{:.4f}".format))
            if args.record:
                record(part, table, args)
    return 0


if __name__ == "__main__":
    run_script(main)
