"""Simulated deployments: what changed is found, what did not change raises no alarm."""

import json
import runpy
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from feedback_rows import picture, quick_disk, reading  # noqa: F401

from handwriting import calibration
from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore
from handwriting.monitor import Limits, watch
from handwriting.monitor.report import GONE, OTHER_VERSION, PRESENT
from handwriting.monitor.scores import calibration_error
from handwriting.monitor.text import as_json, as_text
from handwriting.monitor.verdict import DUE, NOT_DUE, TOO_FEW
from handwriting.paths import ROOT

START = datetime(2026, 3, 2, 8, tzinfo=UTC)  # a Monday
TRUTH = "nine eels in a tin pail"

pytestmark = pytest.mark.usefixtures("quick_disk")


@pytest.fixture(autouse=True)
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_MODELS", str(tmp_path / "models"))


@pytest.fixture
def store(tmp_path):
    with FeedbackStore(tmp_path / "store") as store:
        yield store


def deploy(store, confidences, start=START, hours=1.0, wrong=(), corrected=(), **changes):
    """A line read every `hours`; `wrong` are misread by three characters of 23."""
    image = picture(0, 64, 90)
    readings = []
    for n, confidence in enumerate(confidences):
        time = start + timedelta(hours=hours * n)
        row = {"kind": "line", "image": image, "confidence": confidence, "time": time}
        row["prediction"] = "mine eels in a fin pall" if n in wrong else TRUTH
        row["source"] = f"{time.timestamp()}"
        row["correction"] = TRUTH if n in corrected else None
        readings.append(reading(**row | changes))
    store.add_many(readings)


def beta(a, b, count, seed=0):
    return np.random.default_rng(seed).beta(a, b, count)


def test_without_scipy_there_is_psi_alone(store, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    deploy(store, [*beta(9, 2, 200), *beta(4, 3, 200)])
    (version,) = watch(store).versions
    assert np.isnan(version.drift.ks_p) and version.verdict.due
    assert len(version.verdict.reasons) == 1 and "without the package" in as_text(watch(store))


def test_a_store_that_drifts_and_one_that_does_not(store):
    deploy(store, beta(9, 2, 400), model="steady")
    deploy(store, [*beta(9, 2, 200, 1), *beta(4, 3, 200, 2)], model="drifting")
    verdicts = {version.model: version.verdict for version in watch(store).versions}
    assert verdicts["steady"].answer == NOT_DUE
    assert verdicts["drifting"].answer == DUE
    assert any("PSI" in reason for reason in verdicts["drifting"].reasons)
    assert watch(store).due


def test_since_compares_with_what_came_before(store):
    deploy(store, [*beta(9, 2, 300), *beta(4, 3, 120, 1)])
    (version,) = watch(store, since=START + timedelta(hours=300)).versions
    assert (version.n, version.drift.reference_n, version.drift.current_n) == (120, 300, 120)
    assert version.verdict.due and version.first == START + timedelta(hours=300)
    (version,) = watch(store, since=START).versions
    assert (version.drift.reference_n, version.drift.current_n) == (210, 210), "nothing before"
    (version,) = watch(store, since=START + timedelta(hours=420)).versions
    assert (version.n, version.first, version.drift) == (0, None, None)
    assert "no readings in this period" in as_text(watch(store, since=datetime(2027, 1, 1)))


def test_the_reference_may_be_another_model(store):
    deploy(store, beta(9, 2, 200), model="old")
    deploy(store, beta(4, 3, 240, 1), START + timedelta(days=30), model="new")
    old, new = watch(store, reference="old").versions
    assert new.drift.reference_n == 200 and new.verdict.due
    assert old.drift.reference_n == 100 and not old.verdict.due
    assert not watch(store).versions[1].verdict.due
    with pytest.raises(UserError, match="no readings of none; models there: new, old"):
        watch(store, reference="none")


def test_errors_that_rise_are_noticed_and_bad_luck_is_not(store):
    some = range(0, 200, 2)
    deploy(store, [0.9] * 200, wrong=range(100, 200), corrected=some, model="worse")
    deploy(store, [0.9] * 200, wrong=range(0, 200, 7), corrected=some, model="same")
    limits = Limits(corrections=1000)
    versions = {version.model: version for version in watch(store, limits=limits).versions}
    worse, same = versions["worse"], versions["same"]
    assert worse.rise.reference_error == 0 and worse.rise.rise == pytest.approx(3 / 23)
    assert worse.verdict.due and "rose from 0.0% to 13.0%" in worse.verdict.reasons[0]
    assert same.rise.low < 0.02 and not same.verdict.due


def test_scores_are_those_one_can_count(store):
    deploy(store, [0.9] * 10, wrong=[0, 1], corrected=[0, 1, 2, 3])
    (version,) = watch(store).versions
    assert (version.n, version.corrected, version.changed) == (10, 4, 2)
    assert version.score.error == pytest.approx(6 / (4 * 23))
    assert version.score.error_if_rest_right == pytest.approx(6 / (10 * 23))
    assert version.score.low <= version.score.error <= version.score.high
    (lines,) = version.calibration
    assert lines.right == pytest.approx(1 - 3 / 23 / 2) and lines.confidence == 0.9


def test_characters_are_right_or_wrong(store):
    rows = [reading(n, correction="A" if n % 4 else "B", time=START) for n in range(20)]
    store.add_many([*rows, reading(99)])
    (version,) = watch(store).versions
    assert version.score.error == 0.25
    assert version.calibration[0].error == 0, "75 % sure, and right in 75 %"


def test_words_are_held_against_the_corrected_line(store):
    words = [{"text": "nine", "confidence": 1}, {"text": "fin", "confidence": 0.25}]
    about = {"words": words, "page": "p"}
    rows = [
        {"prediction": "nine fin", "correction": "nine tin", "about": about, "source": "1"},
        {"prediction": "nine fin", "about": about, "source": "2"},
        {"prediction": "x", "correction": "x", "about": {"words": "all"}, "source": "3"},
    ]
    store.add_many([reading(kind="line", **row) for row in rows])
    entry = next(e for e in watch(store).versions[0].calibration if e.unit == "words")
    assert (entry.n, entry.confidence, entry.right) == (2, 0.625, 0.5)
    assert entry.error == pytest.approx(0.125)


def test_calibration_error_is_the_one_of_whole_hits():
    random = np.random.default_rng(0)
    confidence = random.random(500)
    right = random.random(500) < confidence**2
    labels = np.where(right, 0, 1)
    expected = calibration.expected_calibration_error(confidence[:, None], labels, 10)
    assert calibration_error(confidence, right) == pytest.approx(expected)


def test_only_errors_corrected_is_said(store):
    deploy(store, [0.9] * 40, wrong=range(10), corrected=range(10), model="errors")
    deploy(store, [0.9] * 40, wrong=range(10), corrected=range(20), model="both")
    remarks = {version.model: version.remarks[0] for version in watch(store).versions}
    assert "only errors were corrected (0 of 10" in remarks["errors"]
    assert "people chose" in remarks["both"] and "10 of 20" in remarks["both"]
    assert "biased" in as_text(watch(store))


def test_corrections_are_due_until_a_model_has_learned_from_them(store):
    deploy(store, [0.9] * 50, corrected=range(45), model="lines", model_hash="1")
    (version,) = watch(store).versions
    assert version.verdict.due and "45 corrections" in version.verdict.reasons[0]
    store.mark_used([item.id for item in store.items(corrected=True)], "lines@ann")
    later = START + timedelta(days=9)
    deploy(store, [0.9] * 5, later, corrected=range(3), model="lines@ann", model_hash="2")
    old, new = watch(store).versions
    assert old.verdict is None, "a newer version reads now"
    assert new.unused == 3 and new.verdict.answer == TOO_FEW


def test_an_empty_store_and_three_readings(store):
    assert watch(store).versions == () and not watch(store).due
    assert as_text(watch(store)).endswith("no readings yet")
    assert json.loads(as_json(watch(store)))["versions"] == []
    deploy(store, [0.9, None, float("nan")], corrected=[1])
    (version,) = watch(store).versions
    assert version.drift is None and version.rise is None
    assert version.verdict.answer == TOO_FEW and len(version.verdict.reasons) == 2
    assert "too few" in as_text(watch(store))
    assert "2 readings without a confidence" in version.remarks[-1]


def test_readings_without_a_confidence_do_not_stop_the_rest(store):
    deploy(store, [None] * 120, wrong=range(60, 120), corrected=range(120))
    (version,) = watch(store).versions
    assert version.drift is None and version.verdict.due and version.calibration == ()
    json.loads(as_json(watch(store)))


def test_a_model_that_is_gone_or_replaced(store, toy_model):
    card = json.loads((toy_model / "toy.json").read_text())
    real = next(iter(card["files"].values()))
    for name, digest in (("gone", "1"), ("toy", "f00d"), ("toy", real), ("toy", real[:12])):
        deploy(store, [0.9], model=name, model_hash=digest)
    files = [version.files for version in watch(store).versions]
    assert sorted(files) == sorted([GONE, OTHER_VERSION, PRESENT, PRESENT])
    assert GONE in as_text(watch(store))


def test_the_course_is_by_day_or_week(store):
    deploy(store, [0.9, 0.7, 0.8], hours=12, corrected=[0], wrong=[0], model="short")
    deploy(store, [0.9] * 5, hours=24 * 7, model="long")
    short, long = sorted(watch(store).versions, key=lambda version: version.n)
    assert short.period == "day" and [p.n for p in short.trend] == [2, 1]
    first = short.trend[0]
    assert (first.confidence, first.corrected, first.changed) == (pytest.approx(0.8), 1, 1)
    assert first.error == pytest.approx(3 / 23) and str(first.start) == "2026-03-02"
    assert long.period == "week" and len(long.trend) == 5
    assert all(period.start.weekday() == 0 for period in long.trend)


def test_order_of_storing_does_not_matter(store, tmp_path):
    values = [*beta(9, 2, 150), *beta(4, 3, 150, 1)]
    deploy(store, values, corrected=range(20))
    with FeedbackStore(tmp_path / "shuffled") as other:
        for n in np.random.default_rng(0).permutation(6):
            part = slice(50 * n, 50 * n + 50)
            begin = START + timedelta(hours=50 * int(n))
            deploy(other, values[part], begin, corrected=range(20 if n == 0 else 0))
        one, two = (as_json(replace(watch(s), store=Path())) for s in (store, other))
    assert one == two


@pytest.fixture
def run(monkeypatch, capsys):
    def call(*arguments, status=0) -> str:
        script = str(ROOT / "src" / "monitor.py")
        monkeypatch.setattr(sys, "argv", [script, *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            runpy.run_path(script, run_name="__main__")
        assert done.value.code == status
        return "".join(capsys.readouterr())

    return call


def test_the_script(store, run, tmp_path):
    deploy(store, beta(9, 2, 240), corrected=range(5), wrong=range(2), model_hash="abcdef0123")
    text = run(store.folder)
    for part in ("toy (lines, abcdef01)", "240, 2026-03-02", "CER", "PSI", "verdict"):
        assert part in text
    report = json.loads(run(store.folder, "--since", "2026-03-07 12:00", "--format", "json"))
    assert report["versions"][0]["drift"]["reference_n"] > 0 and report["due"] is False
    assert "no date" in run(store.folder, "--since", "yesterday", status=2)
    assert "no readings of x" in run(store.folder, "--reference", "x", status=2)
    assert "no feedback store" in run(tmp_path / "none", status=2)
