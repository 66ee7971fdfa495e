"""`python src/feedback.py` as a person calls it."""

import json
import runpy
import sys

import pytest
from drawn_lines import draw_line
from feedback_rows import quick_disk, reading  # noqa: F401

from handwriting.feedback import FeedbackStore
from handwriting.paths import ROOT

pytestmark = pytest.mark.usefixtures("quick_disk")


@pytest.fixture
def folder(tmp_path):
    with FeedbackStore(tmp_path / "store") as store:
        store.add(**reading(source="ann", correction="B"))
        store.add(**reading(1, kind="line", image=draw_line("tide"), correction="tide"))
    return tmp_path / "store"


@pytest.fixture
def run(monkeypatch, capsys):
    def call(*arguments, status=0) -> str:
        script = str(ROOT / "src" / "feedback.py")
        monkeypatch.setattr(sys, "argv", [script, *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            runpy.run_path(script, run_name="__main__")
        assert done.value.code == status
        return "".join(capsys.readouterr())

    return call


def test_counts_export_and_delete(folder, tmp_path, run):
    assert json.loads(run(folder))["corrected"] == 2
    assert "1 pictures (1 train)" in run(folder, "--export", "lines", tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").is_file()
    assert run(folder, "--delete-source", "ann") == "1 deleted\n"
    assert run(folder, "--check") == "no faults\n"


def test_faults_and_mistakes(folder, tmp_path, run):
    next(folder.rglob("*.png")).unlink()
    assert "missing" in run(folder, "--check", status=1)
    assert run(tmp_path / "none", status=2).startswith("error: ")
    assert not (tmp_path / "none").exists()
    assert "there are lines and characters" in run(folder, "--export", "pages", "x", status=2)
