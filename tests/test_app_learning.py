"""Learning from corrections beside serving: started, watched, accepted, rolled back, restarted."""

import json
import os
import re
import select
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from app_fakes import MODELS, FakeService, png
from lines_toy import write_line_model
from toy import write_model

from handwriting.app.desk import Desk
from handwriting.app.learn import learner as learner_module
from handwriting.app.learn.learner import Learner, missing
from handwriting.app.learn.lock import HeldError, held
from handwriting.app.learn.run import RUNNING, read_run, write_run
from handwriting.app.learn.versions import VersionsInUse
from handwriting.app.learn.worker import work
from handwriting.app.learning_view import run_view
from handwriting.app.models import character_models
from handwriting.app.service import Service
from handwriting.app.settings import Settings, from_environment
from handwriting.cards import list_models
from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore
from handwriting.feedback.metrics import ServingMetrics
from handwriting.finetune import list_versions

SCRIPT = (sys.executable, str(Path(__file__).with_name("fake_learning.py")))
pytestmark = pytest.mark.skipif(not learner_module.lock.AVAILABLE, reason="no flock here")


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


def test_a_run_outlives_the_server_that_started_it(desk, middle, models):
    reached, go_on = middle
    desk.learner.start("lines", "anna", 5)
    reached()
    run = desk.learner.status()
    assert (run.state, run.share, run.doing) == ("running", 0.4, "learning")
    assert run.pid == desk.learner._process.pid == int(desk.learner.places.lock.read_text())
    assert os.getpgid(run.pid) != os.getpgid(0), "Ctrl-C would end it too"

    restarted = Learner(desk.store, desk.versions, SCRIPT)
    assert restarted.status() == run
    with pytest.raises(UserError, match="under way already"):
        restarted.start("lines", "bert", 5)
    with pytest.raises(UserError, match="under way already"):
        desk.learner.start("lines", "bert", 5)
    go_on()
    assert finish(desk.learner).state == "done"
    waiting = Learner(desk.store, desk.versions, SCRIPT).status()
    assert waiting.version.startswith("lines@anna-") and list_versions() == []
    with pytest.raises(UserError, match="accept or discard"):
        restarted.start("lines", "bert", 5)
    assert restarted.accept() == waiting.version
    assert list_versions("lines") == [waiting.version]
    assert restarted.status().state == "accepted" and not restarted.places.candidate.exists()


def test_what_is_accepted_is_read_with_and_its_corrections_are_used(desk):
    run = run_here(desk.learner)
    assert run.result["learned"] > 0 and not list(desk.learner.places.folder.rglob("*.parquet"))
    first, *_ = desk.store.items(kind="line")
    desk.store.correct(first.id, "cabin")
    desk.learner.accept()
    assert desk.versions.used("lines") == run.version
    assert VersionsInUse(desk.versions.file).used("lines") == run.version
    used = {item.correction: item.used for item in desk.store.items()}
    assert used == {"cabin": False, "a cab": True, "cabs": True, "L": False}

    path = desk.uploads / "note.png"
    path.write_bytes(png())
    *_, session = desk.read_files([str(path)])
    assert session.readings[0].model == run.version
    assert desk.read_character(png(), "characters").model == "characters"


def test_characters_learn_too_and_stand_in_for_their_model(desk):
    run = run_here(desk.learner, "characters")
    assert run.result["learned"] == 1
    assert not (desk.learner.places.candidate / "corrections").exists()
    desk.learner.accept()
    assert desk.read_character(png(), "characters").model == run.version
    assert desk.read_character(png(), "mnist").model == "mnist"
    assert character_models(versions=False) == ["characters"]
    assert character_models() == ["characters", run.version]


def test_a_second_version_gets_a_name_of_its_own_and_each_can_be_rolled_back(desk, models):
    names = []
    for _ in range(2):
        names.append(run_here(desk.learner).version)
        desk.learner.accept()
    assert names[1] == f"{names[0]}.2"
    assert desk.versions.choices("lines") == ["lines", *names]
    desk.versions.use(names[0])
    assert desk.versions.used("lines") == names[0]
    desk.versions.use(names[1])
    assert desk.versions.roll_back("lines") == names[0]
    assert list_versions() == names[:1] and (models / "retired" / f"{names[1]}.onnx").exists()
    assert desk.versions.roll_back("lines") == "lines" == desk.versions.used("lines")
    with pytest.raises(UserError, match="nothing to roll back"):
        desk.versions.roll_back("lines")
    run_here(desk.learner)
    assert desk.learner.accept() == f"{names[0]}.3"


def test_a_version_rolled_back_elsewhere_or_damaged_is_not_read_with(desk, models):
    name = run_here(desk.learner).version
    desk.learner.accept()
    (models / f"{name}.json").rename(models / "elsewhere")
    assert desk.versions.used("lines") == "lines"
    (models / "elsewhere").rename(models / f"{name}.json")
    desk.versions.use("lines")
    (models / f"{name}.onnx").write_bytes(b"damaged")
    with pytest.raises(UserError, match="does not match the SHA-256"):
        desk.versions.use(name)
    for other in ("", "../lines", "lines@bert-2026-01-01", "mnist"):
        with pytest.raises(UserError, match="no such version"):
            desk.versions.use(other)
    assert desk.versions.used("lines") == "lines"
    desk.versions.file.write_text("[1")
    assert desk.versions.used("lines") == "lines"


def test_what_is_discarded_leaves_nothing(desk, models):
    before = sorted(models.rglob("*"))
    run = run_here(desk.learner)
    assert run.version and desk.learner.places.models.is_dir()
    desk.learner.discard()
    assert sorted(models.rglob("*")) == before and not desk.learner.places.candidate.exists()
    for act in (desk.learner.accept, desk.learner.discard):
        with pytest.raises(UserError, match="nothing waits"):
            act()
    assert run_here(desk.learner).state == "done", "another run can follow"


def test_a_damaged_candidate_is_not_accepted_and_still_waits(desk):
    run = run_here(desk.learner)
    (desk.learner.places.models / f"{run.version}.onnx").write_bytes(b"cut off")
    with pytest.raises(UserError, match="does not match the SHA-256"):
        desk.learner.accept()
    assert desk.learner.status().state == "done" and list_versions() == []
    assert not any(item.used for item in desk.store.items())


def test_what_does_not_pass_the_check_can_only_be_discarded(desk, models):
    plan(models, refused=True)
    run = run_here(desk.learner)
    assert run.state == "done" and not run.version
    with pytest.raises(UserError, match="did not pass the check"):
        desk.learner.accept()
    assert "no better on &lt;i&gt;held-out" in run_view(run, desk.learner.places)
    desk.learner.discard()


def test_bad_corrections_are_said_in_one_line_and_change_nothing(desk, models):
    message = "corrections: 3 corrections are too few to learn from; correct 5 lines or more"
    plan(models, reason=message)
    desk.learner.start("lines", "anna", 5)
    run = finish(desk.learner)
    assert (run.state, run.message) == ("failed", message)
    assert not desk.learner.places.candidate.exists()
    assert list_models() == ["characters", "lines"]


def test_a_fault_is_in_the_log_and_not_on_the_page(desk, models):
    plan(models, fail=True)
    desk.learner.start("lines", "anna", 5)
    run = finish(desk.learner)
    assert run.state == "failed" and "secret" not in run.message
    assert "ZeroDivisionError: secret detail" in desk.learner.places.log.read_text()


def test_a_killed_worker_is_noticed_and_another_can_start(desk, middle, models):
    reached, _ = middle
    desk.learner.start("lines", "anna", 5)
    reached()
    os.kill(desk.learner.status().pid, signal.SIGKILL)
    run = finish(desk.learner)
    assert run.state == "failed" and "broke off" in run.message
    assert not desk.learner.places.candidate.exists()
    plan(models)
    assert run_here(desk.learner).state == "done"


def test_another_server_can_stop_a_run(desk, middle):
    reached, _ = middle
    desk.learner.start("lines", "anna", 5)
    reached()
    Learner(desk.store, desk.versions, SCRIPT).stop()
    assert desk.learner._process.wait(60) == -signal.SIGTERM
    assert desk.learner.status().state == "discarded"
    assert not desk.learner.places.candidate.exists()


def test_a_lock_file_left_behind_locks_nothing(desk):
    """Not even where another process has the number of the one that is gone."""
    run_here(desk.learner)
    desk.learner.discard()
    for pid in (os.getpid(), 2**22 + 1):
        places = desk.learner.places
        places.lock.write_text(f"{pid}\n")
        write_run(places, read_run(places).__class__("old", "lines", "anna", 5, pid=pid))
        run = Learner(desk.store, desk.versions, SCRIPT).status()
        assert run.state == "failed" and "broke off" in run.message
        assert run_here(desk.learner).state == "done"
        desk.learner.discard()


def test_a_lock_that_is_held_is_respected(tmp_path):
    with held(tmp_path / "lock"):
        with pytest.raises(HeldError), held(tmp_path / "lock"):
            pass
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    with held(tmp_path / "lock"):
        pass


def test_a_run_that_another_has_replaced_does_not_begin(desk, models):
    desk.learner._launch = lambda id: None
    run = desk.learner.start("lines", "anna", 5)
    assert work(desk.store.folder, models, "another", None) == 1
    assert read_run(desk.learner.places) == run and run.state == RUNNING


@pytest.mark.parametrize(
    "kind, hand, minutes, message",
    [
        ("pages", "anna", 5, "choose lines or characters"),
        ("lines", "../anna", 5, "letters, digits"),
        ("lines", "", 5, "letters, digits"),
        ("lines", "anna", 0, "more than 0"),
        ("lines", "anna", float("nan"), "more than 0"),
        ("lines", "anna", 1e9, "at most 120"),
    ],
)
def test_what_cannot_be_learned_is_refused_at_once(desk, kind, hand, minutes, message):
    with pytest.raises(UserError, match=message):
        desk.learner.start(kind, hand, minutes)
    assert desk.learner.status() is None


def test_without_corrections_nothing_starts(desk):
    desk.store.delete(everything=True)
    with pytest.raises(UserError, match="no corrected lines yet"):
        desk.learner.start("lines", "anna", 5)


def test_deleting_what_was_learned_from_discards_what_waits(desk):
    keep(desk.store, "line", np.full((64, 99), 9, np.uint8), "cabbage", source="web:2")
    run_here(desk.learner)
    desk.learner.forget_deleted()
    assert desk.learner.status().state == "done"
    desk.store.delete(source="web:2")
    desk.learner.forget_deleted()
    assert desk.learner.status().state == "discarded"


def test_without_tensorflow_one_line_says_what_to_install(desk, monkeypatch):
    assert missing() == ""
    monkeypatch.setattr(learner_module, "NEEDED", ("tensorflow_that_is_not_there",))
    assert "requirements.txt" in missing() and "\n" not in missing()
    with pytest.raises(UserError, match="install TensorFlow"):
        desk.learner.start("lines", "anna", 5)


@pytest.mark.parametrize(
    "environment, host, learns",
    [
        ({}, None, True),
        ({"HANDWRITING_LEARN": "0"}, None, False),
        ({}, "0.0.0.0", False),
        ({"HANDWRITING_ROOT_PATH": "/writing"}, None, False),
        ({"HANDWRITING_LEARN": "1"}, "0.0.0.0", False),
        ({"HANDWRITING_LEARN": "1", "HANDWRITING_OPERATOR": "1"}, "0.0.0.0", True),
        ({"HANDWRITING_SAVE": "0"}, None, False),
    ],
)
def test_who_may_have_models_learn(tmp_path, environment, host, learns):
    """It shows what everyone saved: to an operator alone."""
    settings = from_environment(environment | {"HANDWRITING_STORE": str(tmp_path)}, host=host)
    store = FeedbackStore(tmp_path) if settings.save else None
    desk = Desk(settings, FakeService(), store, ServingMetrics(), tmp_path, MODELS)
    assert (desk.learner is not None) == learns


def test_what_a_run_shows_is_text_never_html(desk, middle):
    reached, go_on = middle
    places = desk.learner.places
    assert run_view(None, places) == ""
    desk.learner.start("lines", "anna", 5)
    reached()
    shown = run_view(desk.learner.status(), places)
    assert 'style="width: 40.0%"' in shown and re.search(
        r"learning: 40%, about \d+ \w+ left", shown
    )
    go_on()
    shown = run_view(finish(desk.learner), places)
    assert "20.0 %</td><td>12.5 %" in shown and "5.0 %</td><td>5.0 %" in shown
    assert "&lt;b&gt;cab&lt;/b&gt;" in shown and "<b>cab" not in shown
    assert shown.count("data:image/png;base64,") == 1 and "general test: made up" in shown
    desk.learner.accept()
    assert "was accepted" in run_view(desk.learner.status(), places)


def test_a_worker_reads_with_another_version_as_soon_as_it_is_chosen(models):
    loaded = []
    service = Service(load_lines=lambda name: loaded.append(name) or name)
    for name in ("lines", "lines", "lines@anna-2026-11-20", "lines"):
        assert service._recognizer(name, "lines") == name
    assert loaded == ["lines", "lines@anna-2026-11-20", "lines"]


def test_the_panel_follows_a_run(desk, models):
    gradio = pytest.importorskip("gradio")
    from handwriting.app.learning import LearningPanel

    panel = LearningPanel(desk, desk.learner)
    assert "3 lines and 1 characters" in panel.shown()[0]
    with pytest.raises(UserError, match="write a number"):
        panel.start("Lines", "anna", "soon")
    run_here(desk.learner)
    last, *values = panel.tick("")
    assert values[4]["visible"] and values[5]["visible"] and not values[1]["interactive"]
    assert panel.tick(last)[1:] == tuple([gradio.skip()] * 7)
    said, *values = panel.accept()
    version = desk.versions.used("lines")
    assert version in said and values[1]["interactive"] and not values[4]["visible"]
    lines, characters, back, _ = panel.in_use()
    assert lines["value"] == version and characters["value"] == "characters" and back["visible"]
    assert panel.roll_back("lines") == ("Rolled back: lines (as it came) is read with from now on.")
