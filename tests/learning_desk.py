"""What tests of learning share: corrections kept, and runs that only pretend to learn."""

import json
import os
import sys
from pathlib import Path

from handwriting.app.learn.learner import Learner
from handwriting.app.learn.worker import work
from handwriting.feedback import FeedbackStore

SCRIPT = (sys.executable, str(Path(__file__).with_name("fake_learning.py")))


def keep(store: FeedbackStore, kind: str, image, text: str, source: str = "web:1") -> str:
    reading = {"kind": kind, "image": image, "prediction": "cob", "confidence": 0.5}
    return store.add(**reading, model="lines", model_hash="ab", source=source, correction=text)


def plan(models: Path, **facts) -> None:
    (models / "plan").write_text(json.dumps(facts))


def finish(learner: Learner):
    """The run once its process has ended."""
    learner._process.wait(60)
    return learner.status()


def run_here(learner: Learner, kind: str = "lines", hand: str = "anna"):
    """A whole run in this process."""
    from fake_learning import learn

    models = Path(os.environ["HANDWRITING_MODELS"])
    learner._launch = lambda id: None
    run = learner.start(kind, hand, 5)
    work(learner.store.folder, models, run.id, lambda kind: learn)
    os.environ["HANDWRITING_MODELS"] = str(models)
    return learner.status()
