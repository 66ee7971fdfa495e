"""`outputs/results.csv`: one row for every run that produced a score."""

import csv
import os
import platform
import re
import shlex
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pandas as pd

from handwriting import paths
from handwriting.errors import UserError
from handwriting.machine import available_cores

try:
    import fcntl
except ImportError:  # Windows: rows are still written in one piece, without the lock
    fcntl = None

HEADER = (
    "date,experiment,commit,data,data_hash,seed,epochs,train_n,validation_score,validation_n,"
    "test_score,test_n,metric,minutes,hardware,command,notes"
)
COLUMNS = tuple(HEADER.split(","))
TABLE_COLUMNS = (
    "experiment",
    "data",
    "metric",
    "validation_score",
    "validation_n",
    "test_score",
    "test_n",
    "minutes",
)


def append_result(path: Path | None = None, **columns) -> None:
    """Append one row; what is not given stays empty, except what the machine knows itself.

    Date (minutes, local time), commit, hardware and command are filled in unless given.
    Two processes may append at the same time.

    Args:
        path: the file, default `paths.results_file()`; made with its header if absent.
        columns: any of `COLUMNS`.

    Raises:
        ValueError: a column that the file does not have.
        UserError: the file has another header.
    """
    if unknown := set(columns) - set(COLUMNS):
        raise ValueError(f"no such columns: {', '.join(sorted(unknown))}")
    row = {
        "date": datetime.now().isoformat(" ", "minutes"),
        "commit": commit_id(),
        "hardware": hardware(),
        "command": command(),
    } | columns
    path = Path(path or paths.results_file())
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", newline="", encoding="utf-8") as file, _locked(file):
        _write_row(file, row, path)


def _write_row(file, row: dict, path: Path) -> None:
    file.seek(0)
    text = file.read()
    writer = csv.writer(file, lineterminator="\n")
    if not text:
        writer.writerow(COLUMNS)
    elif text.splitlines()[0] != HEADER:
        raise UserError(f"{path}: unexpected header; move the file away to start a new one")
    elif not text.endswith("\n"):
        file.write("\n")  # a row that was cut short stays a line of its own
    writer.writerow([_cell(row.get(name)) for name in COLUMNS])


def _cell(value) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return hide_paths(" ".join(str(value).split()))


@contextmanager
def _locked(file):
    """Hold the file alone; the row is on disk before the next process reads the end."""
    if fcntl:
        fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
        file.flush()
    finally:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_UN)


def read_results(path: Path | None = None) -> pd.DataFrame:
    """All rows, oldest first; without a file, an empty table with the same columns."""
    path = Path(path or paths.results_file())
    text_columns = dict.fromkeys(("experiment", "commit", "data", "data_hash", "notes"), str)
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    return pd.read_csv(path, dtype=text_columns)


def results_table(
    frame: pd.DataFrame | None = None, columns=TABLE_COLUMNS, evaluations: bool = False
) -> str:
    """Markdown table of the latest row of each experiment on each data set.

    Args:
        frame: rows of `read_results`, default all.
        columns: which to show.
        evaluations: with the rows of `evaluate.py` and of comparisons, `evaluate MODEL` and
            `compare DESIGN`, as well.
    """
    frame = read_results() if frame is None else frame
    if not evaluations:
        frame = frame[~frame["experiment"].astype(str).str.contains(" ")]
    latest = frame.drop_duplicates(["experiment", "data"], keep="last").sort_values("experiment")
    lines = [_markdown_row(name.replace("_", " ") for name in columns)]
    lines.append(_markdown_row("---" for _ in columns))
    for row in latest[list(columns)].itertuples(index=False):
        lines.append(_markdown_row(map(_table_cell, columns, row)))
    return "\n".join(lines)


def lines_table(model: str = "lines", frame: pd.DataFrame | None = None) -> str:
    """Markdown table of the latest test scores of a line model by collection.

    Best path and language model side by side, as `evaluate.py` left them.
    """
    frame = read_results() if frame is None else frame
    frame = frame[frame["test_score"].notna()]
    titles = {f"evaluate {model} best path": "CER, best path", f"evaluate {model}": "CER, with LM"}
    tested = frame[frame["experiment"].isin(list(titles))]
    latest = tested.drop_duplicates(["experiment", "data"], keep="last")
    lines = [_markdown_row(("collection", "lines", *titles.values(), "WER, with LM"))]
    lines.append(_markdown_row("---" for _ in range(5)))
    for data, rows in latest.groupby("data"):
        scores = rows.set_index("experiment")["test_score"].reindex(list(titles))
        cells = [f"{score:.1%}" if pd.notna(score) else "" for score in scores]
        notes = rows.set_index("experiment")["notes"].reindex(list(titles)).astype(str).iloc[-1]
        wer = re.search(r"WER ([\d.]+)", notes)
        count = f"{rows['test_n'].iloc[-1]:,.0f}"
        lines.append(_markdown_row((data, count, *cells, f"{float(wer[1]):.1%}" if wer else "")))
    return "\n".join(lines)


def _markdown_row(cells) -> str:
    return "| " + " | ".join(cells) + " |"


def _table_cell(column: str, value) -> str:
    if pd.isna(value):
        return ""
    if column.endswith("_score"):
        return f"{value:.4f}"
    if isinstance(value, (int, float)):
        return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
    return str(value).replace("|", r"\|")


def commit_id() -> str:
    """Short hash of the checked-out commit, `+` behind it if `src/` differs; "" without git."""
    commit = _git("rev-parse", "--short", "HEAD")
    return commit + "+" if commit and _git("status", "--porcelain", "--", "src") else commit


def _git(*arguments: str) -> str:
    call = ["git", "-C", str(paths.ROOT), *arguments]
    try:
        done = subprocess.run(call, capture_output=True, text=True, timeout=20, check=True)
        return done.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def hardware() -> str:
    """Processor model and the number of cores this process may use, without the host name."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        text = ""
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    name = model[1] if model else platform.processor() or platform.machine()
    return f"{name}, {available_cores()} cores"


def command() -> str:
    """How this process was started, as a reader would type it in the project's folder."""
    script = sys.argv[0] or "-"
    if "ipykernel" in script:
        return "notebook"
    return shlex.join(["python", *map(_argument, [script, *sys.argv[1:]])])


def _argument(text: str) -> str:
    """One argument, `--option=VALUE` too; a path in it may hold spaces."""
    option, equals, value = text.rpartition("=")
    shown = _short_path(value) if value.startswith(("/", "~")) else hide_paths(value)
    return option + equals + shown


def hide_paths(text: str) -> str:
    """Absolute paths as seen from the project, of others only the last part.

    The data folder reads `data`, wherever it lies.
    """
    given = os.environ.get("HANDWRITING_DATA", "").rstrip("/")
    if given:
        text = re.sub(rf"(?<![\w./-]){re.escape(given)}(?![\w.-])", "data", text)
    absolute = r"(?<![\w./:~-])~?(?:/[^\s/=:,;'\"]+)+/?"
    return re.sub(absolute, lambda match: _short_path(match[0]), text)


def _short_path(text: str) -> str:
    path = Path(text).expanduser()
    for folder, shown in ((paths.data_dir(), Path("data")), (paths.ROOT, Path())):
        for candidate in (path, path.resolve()):
            if candidate.is_relative_to(folder):
                return str(shown / candidate.relative_to(folder))
    return path.name
