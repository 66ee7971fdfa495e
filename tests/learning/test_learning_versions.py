"""What was learned: accepted, discarded, rolled back, read with."""

import re

import numpy as np
import pytest
from app_fakes import png
from learning_desk import finish, keep, plan, run_here

from handwriting.app.learn import learner as learner_module
from handwriting.app.learn.versions import VersionsInUse
from handwriting.app.learning_view import run_view
from handwriting.app.models import character_models
from handwriting.app.service import Service
from handwriting.errors import UserError
from handwriting.finetune import list_versions

pytestmark = pytest.mark.skipif(not learner_module.lock.AVAILABLE, reason="no flock here")


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


def test_deleting_what_was_learned_from_discards_what_waits(desk):
    keep(desk.store, "line", np.full((64, 99), 9, np.uint8), "cabbage", source="web:2")
    run_here(desk.learner)
    desk.learner.forget_deleted()
    assert desk.learner.status().state == "done"
    desk.store.delete(source="web:2")
    desk.learner.forget_deleted()
    assert desk.learner.status().state == "discarded"


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
