"""A desk with corrections to learn from, and runs that stop in the middle."""

import os
import select
from pathlib import Path

import numpy as np
import pytest
from app_fakes import MODELS, FakeService
from learning_desk import SCRIPT, keep, plan
from lines_toy import write_line_model
from toy import write_model

from handwriting.app.desk import Desk
from handwriting.app.learn import learner as learner_module
from handwriting.app.learn.learner import Learner
from handwriting.app.settings import Settings
from handwriting.feedback import FeedbackStore
from handwriting.feedback.metrics import ServingMetrics


@pytest.fixture
def models(tmp_path, toy_onnx, monkeypatch) -> Path:
    """A models folder with `characters` and `lines`."""
    folder = tmp_path / "models"
    write_model(folder, toy_onnx, "characters")
    write_line_model(folder)
    monkeypatch.setenv("HANDWRITING_MODELS", str(folder))
    monkeypatch.setattr(learner_module, "NEEDED", ())
    return folder


@pytest.fixture
def desk(models, tmp_path) -> Desk:
    """With three corrected lines and one corrected character."""
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    settings = Settings(store=tmp_path / "store")
    store = FeedbackStore(settings.store)
    for number, text in enumerate(("cab", "a cab", "cabs")):
        keep(store, "line", np.full((64, 80 + number), 235 - number, np.uint8), text)
    keep(store, "character", np.full((40, 30), 200, np.uint8), "L")
    desk = Desk(settings, FakeService(), store, ServingMetrics(), uploads, MODELS)
    desk.learner = Learner(store, desk.versions, SCRIPT)
    yield desk
    desk.learner.stop()


@pytest.fixture
def middle(models, tmp_path):
    """Stop runs in the middle: gives a function that waits for that, and one to go on."""
    pipes = [tmp_path / name for name in ("reached", "go_on")]
    for pipe in pipes:
        os.mkfifo(pipe)
    plan(models, wait=[str(pipe) for pipe in pipes])
    # Open for both, so that neither side waits for the other to open its end.
    reached, go_on = (os.open(pipe, os.O_RDWR) for pipe in pipes)

    def wait() -> None:
        ready, _, _ = select.select([reached], [], [], 60)
        assert ready, "the process that learns did not get there"

    yield wait, lambda: os.write(go_on, b"go")
    os.close(reached)
    os.close(go_on)
