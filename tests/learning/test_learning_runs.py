"""Learning beside serving: runs started, watched, killed, refused."""

import os
import signal

import pytest
from app_fakes import MODELS, FakeService
from learning_desk import SCRIPT, finish, plan, run_here

from handwriting.app.desk import Desk
from handwriting.app.learn import learner as learner_module
from handwriting.app.learn.learner import Learner, missing
from handwriting.app.learn.lock import HeldError, held
from handwriting.app.learn.run import RUNNING, read_run, write_run
from handwriting.app.learn.worker import work
from handwriting.app.settings import from_environment
from handwriting.cards import list_models
from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore
from handwriting.feedback.metrics import ServingMetrics
from handwriting.finetune import list_versions

pytestmark = pytest.mark.skipif(not learner_module.lock.AVAILABLE, reason="no flock here")


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
