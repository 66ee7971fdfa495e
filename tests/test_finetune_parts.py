"""The parts of learning from corrections: checks, folds, mixing, gate, versions."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from lines_toy import CHARSET, draw_text, make_data
from toy import write_model

from handwriting.cards import list_models
from handwriting.errors import UserError
from handwriting.finetune import list_versions, rollback
from handwriting.finetune.corrections import (
    check_corrections,
    load_corrections,
    make_folds,
    picture_hash,
)
from handwriting.finetune.gate import Scores, judge
from handwriting.finetune.language import extend_language_model
from handwriting.finetune.versions import check_user, new_name, root_name
from handwriting.lines.charset import Charset
from handwriting.lines.data import Line
from handwriting.lines.decoding import BeamSettings, beam_search
from handwriting.lines.language import NgramModel


def lines_of(*texts: str) -> list[Line]:
    rng = np.random.default_rng(len(texts))
    shown = {c: "abc"[ord(c) % 3] for text in texts for c in text if c not in CHARSET}
    drawn = ["".join(shown.get(c, c) for c in text) for text in texts]
    return [Line(draw_text(d, rng), text) for d, text in zip(drawn, texts, strict=True)]


def check(lines):
    return check_corrections("mine", lines, CHARSET, 40)


def test_good_corrections_are_kept_once_each():
    lines = list(make_data(12, 1).train)
    found = check([*lines, lines[3]])
    assert found.lines == tuple(lines)
    assert found.charset == CHARSET and found.new == ""
    assert "1 of 13 left out" in found.notes[0]


def test_new_characters_extend_the_charset_behind():
    found = check(lines_of("abx", "bca", "cab", "xacb", "bbcÿ", "acca"))
    assert found.new == "xÿ"
    assert found.charset.characters == (*CHARSET.characters, "x", "ÿ")


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([], "no corrections"),
        (["abc", "bca", "cab"], "3 corrections are too few"),
        (["прив", "вет", "как", "дела", "мир", "дом a"], r"9\d% .* new \(Cyrillic\)"),
    ],
)
def test_what_cannot_be_learned_from_is_said_in_one_line(texts, message):
    with pytest.raises(UserError, match=message) as caught:
        check(lines_of(*texts))
    assert "\n" not in str(caught.value)


def test_one_picture_with_two_texts_is_refused():
    lines = list(make_data(8, 1).train)
    with pytest.raises(UserError, match=r"one picture is corrected to .* and to 'abba'"):
        check([*lines, replace(lines[0], text="abba")])


def test_a_file_that_is_no_data_is_said_in_one_line(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"nothing")
    for data in (tmp_path / "x.parquet", tmp_path / "gone.parquet", tmp_path):
        with pytest.raises(UserError):
            load_corrections(data)


def test_a_named_collection_gives_its_training_lines_and_own_data_all():
    data = make_data(9, 4)
    assert load_corrections(replace(data, name="peraire"))[1] == data.train.lines
    assert len(load_corrections(data)[1]) == 17
    given = data.with_notes("splits as the files give them")
    assert len(load_corrections(given)[1]) == 13
    assert load_corrections(given)[2] == ()  # a note that means nothing to who corrected lines
    assert load_corrections(data, limit=3)[1] == data.train.lines[:3]


def test_many_corrections_have_one_held_out_part_that_the_pictures_decide():
    lines = list(make_data(60, 1).train)
    (fold,) = make_folds(lines)
    assert 6 <= len(fold.held_out) <= 24
    assert len(fold.train) + len(fold.held_out) == 60
    assert not set(map(id, fold.train)) & set(map(id, fold.held_out))
    (again,) = make_folds(lines[::-1])
    assert {picture_hash(x.image) for x in again.held_out} == {
        picture_hash(x.image) for x in fold.held_out
    }


def test_of_few_corrections_each_is_held_out_once():
    lines = list(make_data(10, 1).train)
    folds = make_folds(lines)
    assert sorted(row for fold in folds for row in fold.rows) == list(range(10))
    assert all(len(fold.train) + len(fold.held_out) == 10 for fold in folds)


@pytest.mark.parametrize(
    ("scores", "accepted", "word"),
    [
        (Scores("CER", 0.20, 0.10, 0.1, 0.105), True, "accepted"),
        (Scores("CER", 0.20, 0.10, 0.1, 0.106), False, "more than 0.5 points lost"),
        (Scores("CER", 0.20, 0.20, 0.1, 0.1), False, "no better"),
        (Scores("accuracy", 0.5, 0.6, 0.9, 0.896), True, "accepted"),
        (Scores("accuracy", 0.5, 0.6, 0.9, 0.89), False, "more than 0.5 points lost"),
        (Scores("accuracy", 0.5, 0.4, 0.9, 0.9), False, "no better"),
    ],
)
def test_the_gate_says_the_numbers(scores, accepted, word):
    found, reason = judge(scores)
    assert found is accepted and word in reason
    for value in (scores.before, scores.after, scores.general_before, scores.general_after):
        assert f"{100 * value:.1f} %" in reason


def test_versions_are_counted_listed_and_taken_back(toy_model, toy_onnx):
    day = date(2026, 1, 31)
    names = []
    for _ in range(3):
        names.append(new_name("toy", "anna", day))
        write_model(toy_model, toy_onnx, names[-1])
    assert names == [
        "toy@anna-2026-01-31",
        "toy@anna-2026-01-31.2",
        "toy@anna-2026-01-31.3",
    ]
    write_model(toy_model, toy_onnx, "toy@ben-2025-01-31")
    assert list_versions("toy", "anna") == names
    assert list_versions() == ["toy@ben-2025-01-31", *names]
    assert root_name(names[1]) == "toy"
    rollback(names[1])
    assert list_versions("toy", "anna") == [names[0], names[2]]
    assert not list(toy_model.glob(f"{names[1]}.*"))
    # The name is not given away again, and the base cannot be rolled back.
    assert new_name("toy", "anna", day) == "toy@anna-2026-01-31.4"
    for name in ("toy", "toy@carl-2026-01-31", names[1]):
        with pytest.raises(UserError):
            rollback(name)
    assert "toy" in list_models()


@pytest.mark.parametrize("user", ["", "a/b", "a@b", "a.b", "ü", "x" * 41])
def test_a_name_that_no_file_can_carry_is_refused(user):
    with pytest.raises(UserError, match="user's name"):
        check_user(user)


def test_language_model_takes_new_characters(tmp_path):
    charset = Charset(" abc")
    model = NgramModel.train(["ab ca", "cab ab", "ab ab c"], charset, order=3)
    wider = charset.union("x☂")
    texts = ["ab x", "xa"]
    extend_language_model(model, wider, texts).save(tmp_path / "new.npz")
    extended = NgramModel.load(tmp_path / "new.npz")
    assert extended.charset == wider
    for context in ("", "a", "ab", " ", "x", "c☂"):
        row = np.exp(extended.row(wider.encode(context)))
        assert len(row) == len(wider) + 1
        assert row.sum() == pytest.approx(1, abs=1e-5)
        assert (row > 0).all()
    # What it knew it still knows, at the end of a line too.
    for text in ("ab ca", "cab"):
        assert extended.log_prob(text) == pytest.approx(model.log_prob(text), abs=1.2)
    assert extended.scores(extended.start())[wider.encode("x")[0]] > np.log(1e-4)


def test_beam_reads_a_new_character_that_the_network_sees():
    charset = Charset(" abc")
    model = NgramModel.train(["ab ca", "cab ab"], charset, order=3)
    wider = charset.union("x")
    model = extend_language_model(model, wider, ["x"])
    logits = np.zeros((9, len(wider) + 1), np.float32)
    logits[:, -1] = 6
    for frame, character in ((1, "a"), (4, "x"), (7, "b")):
        logits[frame, wider.encode(character)[0]] = 12
    best = beam_search(logits, wider, model, BeamSettings(alpha=0.65, beta=1.5))[0]
    assert wider.decode(best.indices) == "axb"
