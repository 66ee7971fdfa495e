"""What the learning panel shows, as HTML; every text of a person or a model is escaped."""

import base64
from html import escape
from pathlib import Path

from handwriting.app.learn.run import ACCEPTED, DISCARDED, DONE, FAILED, RUNNING, Places, Run

NAMES = {"lines": "Lines", "characters": "Characters"}
# What the numbers count, by kind.
METRICS = {"CER": "character errors", "accuracy": "read right"}


def run_view(run: Run | None, places: Places) -> str:
    """A run from its start to what became of it; "" where there is nothing to show."""
    if run is None or run.state == DISCARDED:
        return ""
    if run.state == RUNNING:
        return _progress(run)
    if run.state == FAILED:
        return f'<p class="learn-failed">{escape(run.message)}</p>'
    parts = [_verdict(run), _scores(run.result), _notes(run.result)]
    if run.state == DONE:
        parts.append(_examples(run, places))
    return "".join(parts)


def _progress(run: Run) -> str:
    left = run.seconds_left
    when = "" if left is None else f", {_duration(left)} left"
    doing = f"{escape(run.doing)}: {run.share:.0%}{when}"
    return (
        f'<div class="learn-progress"><div class="learn-track" role="progressbar" '
        f'aria-valuenow="{run.share:.0%}"><span style="width: {run.share:.1%}"></span></div>'
        f"<p>Learning {run.kind} of {escape(run.hand)} – {doing}. "
        "Reading goes on meanwhile; this page may be closed.</p></div>"
    )


def _duration(seconds: float) -> str:
    return f"about {seconds / 60:.0f} min" if seconds > 90 else f"about {seconds:.0f} s"


def _verdict(run: Run) -> str:
    if run.state == ACCEPTED:
        return f"<p><b>{escape(run.version)}</b> was accepted.</p>"
    if not run.version:
        reason = escape(run.result["reason"].removeprefix("refused, "))
        return (
            f'<p class="learn-failed">Nothing to accept: {reason}. '
            "More corrections, or more minutes, may help.</p>"
        )
    return (
        f"<p><b>{escape(run.version)}</b> passed the check and waits: accept it to read with it, "
        "or discard it.</p>"
    )


def _scores(result: dict) -> str:
    what = METRICS.get(result["metric"], escape(result["metric"]))
    rows = (
        ("Corrections held out", "held_out", "before", "after"),
        ("General test", "general", "general_before", "general_after"),
    )
    body = "".join(
        f"<tr><th>{name}</th><td>{result[count]}</td><td>{_percent(result[before])}</td>"
        f"<td>{_percent(result[after])}</td></tr>"
        for name, count, before, after in rows
    )
    head = f"<tr><th>{what}</th><td>examples</td><td>before</td><td>after</td></tr>"
    return f'<table class="learn-scores"><thead>{head}</thead><tbody>{body}</tbody></table>'


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _notes(result: dict) -> str:
    learned = f"learned from {result['learned']} corrections in {result['cpu_minutes']:g} minutes"
    notes = "; ".join([f"{learned} of processor time", *result["notes"]])
    return f'<p class="learn-notes">{escape(notes)}</p>'


def _examples(run: Run, places: Places) -> str:
    if not run.examples:
        return "<p>No held-out correction is read otherwise now.</p>"
    rows = "".join(_example(example, places.examples) for example in run.examples)
    return (
        "<h4>Held-out corrections that are read otherwise now</h4>"
        f'<ul class="learn-examples learn-{run.kind}">{rows}</ul>'
    )


def _example(example: dict, folder: Path) -> str:
    right = example["reference"]
    texts = "".join(
        f'<dt>{name}</dt><dd class="{"learn-right" if text == right else "learn-wrong"}">'
        f"{escape(text) or '–'}</dd>"
        for name, text in (("before", example["before"]), ("after", example["after"]))
    )
    return (
        f"<li>{_picture(folder / Path(example['picture']).name, right)}"
        f"<dl>{texts}<dt>right</dt><dd>{escape(right)}</dd></dl></li>"
    )


def _picture(file: Path, text: str) -> str:
    try:
        data = base64.b64encode(file.read_bytes()).decode()
    except OSError:
        return ""
    return f'<img alt="{escape(text)}" src="data:image/png;base64,{data}">'
