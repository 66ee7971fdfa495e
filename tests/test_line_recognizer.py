"""Reading lines with a saved model: a network without training on bars for letters."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from lines_toy import CHARSET, draw_text, make_data, write_line_model
from PIL import Image

from handwriting.cards import list_models, read_card, write_card
from handwriting.errors import UserError
from handwriting.images import load
from handwriting.lines.augment import shrink, to_ink
from handwriting.lines.language import MixedModel, NgramModel
from handwriting.lines.language.word_building import build_words
from handwriting.lines.language.word_counts import count_words
from handwriting.lines.metrics import cer
from handwriting.lines.normalise import view_line
from handwriting.lines.recognizer import LineRecognizer
from handwriting.lines.saving import model_inputs, tune_decoding
from handwriting.reader import Reader

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def models(tmp_path, monkeypatch):
    folder = tmp_path / "models"
    write_line_model(folder)
    monkeypatch.setenv("HANDWRITING_MODELS", str(folder))
    return folder


def picture(text: str) -> np.ndarray:
    return draw_text(text, np.random.default_rng(0))


def read_alone(text: str) -> str:
    """What the recogniser makes of the picture: the bars are no letters, so heights mislead it."""
    return LineRecognizer.load("lines").predict(picture(text)).text


def test_it_reads_stored_lines_exactly(models):
    recognizer = LineRecognizer.load("lines")
    split = make_data(30, 1).train
    read = recognizer.read(model_inputs(split, recognizer.height))
    assert [line.text for line in read] == split.texts
    assert all(0 < line.confidence <= 1 for line in read)
    assert recognizer.texts(model_inputs(split, recognizer.height)) == split.texts


def test_a_line_reads_the_same_whatever_is_read_with_it(models):
    recognizer = LineRecognizer.load("lines")
    pictures = [shrink(to_ink(picture(t)), 40) for t in ("a", "abcabcab", "ab", "cab")]
    alone = [recognizer.logits([p])[0] for p in pictures]
    together = recognizer.logits(pictures)
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_words_know_their_place(models):
    decoded = LineRecognizer.load("lines").read([shrink(to_ink(picture("ab")), 40)])[0]
    first, second = decoded.characters
    assert 0 <= first.start < first.end <= second.start < second.end
    assert decoded.words[0].text == "ab"
    # The first bar lies at 14 … 30 of the stored 64 rows' scale, columns 9 … 19 of the input.
    assert first.start * 4 <= 14 <= first.end * 4


@pytest.mark.parametrize("slope", [0.0, 0.06])
def test_a_line_knows_where_in_the_picture_it_was(models, slope):
    line = cv2.resize(picture("cccccccc"), None, fx=2, fy=2)
    page = np.full((400, 900), 235, np.uint8)
    page[120 : 120 + line.shape[0], 150 : 150 + line.shape[1]] = line
    turn = cv2.getRotationMatrix2D((450, 200), -np.degrees(slope), 1.0)
    page = cv2.warpAffine(page, turn, (900, 400), borderValue=235)
    rows, columns = np.nonzero(page < 150)
    written = columns.min(), rows.min(), columns.max(), rows.max()
    view = view_line(page)
    assert np.abs(np.subtract(view.box(0, view.image.shape[1]), written)).max() < 40


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (64, 30_000), (300, 400)])
def test_blank_paper_of_any_shape_reads_as_nothing(models, shape):
    decoded = LineRecognizer.load("lines").predict(np.full(shape, 235, np.uint8))
    assert decoded.text == "" and decoded.words == ()


@pytest.mark.parametrize("language_model", [False, True])
def test_the_shipped_model_reads_nothing_on_bare_paper(language_model):
    recognizer = LineRecognizer.load("lines", language_model=language_model)
    paper = np.random.default_rng(0).normal(235, 4, (60, 800)).clip(0, 255).astype(np.uint8)
    for blank in (np.full((60, 800), 235, np.uint8), paper):
        assert recognizer.predict(blank).text == ""


def test_the_shipped_model_reads_a_strip_of_thirty_thousand_pixels():
    strip = cv2.resize(load(ROOT / "samples/lines/letter_en.png"), None, fx=0.5, fy=0.5)
    count = 30_000 // strip.shape[1]
    read = LineRecognizer.load("lines").predict(np.tile(strip, (1, count)))
    written = " ".join(["Thank you for the photos, they made us laugh."] * count)
    assert cer([written], [read.text]) < 0.1


def test_nothing_to_read_is_no_error(models):
    assert LineRecognizer.load("lines").read([]) == []


def test_a_model_of_another_task_is_refused(models, toy_onnx):
    from toy import write_model

    write_model(models, toy_onnx)
    with pytest.raises(UserError, match="not lines"):
        LineRecognizer.load("toy")


def test_a_language_model_is_taken_up_tuned_and_checked(models):
    NgramModel.train(["abc abc", "abcabc"] * 20, CHARSET, order=3).save(models / "lines.lm.npz")
    validation = make_data(1, 30).validation
    card = tune_decoding("lines", validation)
    assert card.validation["cer"] == 0 == card.validation["cer_best_path"]
    assert card.validation["n"] == 30
    again = LineRecognizer.load("lines")
    assert again.language_model is not None and again.settings.width > 1
    assert again.without_language_model().settings is None
    assert again.read([shrink(to_ink(picture("abc")), 40)])[0].text == "abc"
    (models / "lines.lm.npz").write_bytes(b"something else")
    with pytest.raises(UserError, match="SHA-256"):
        LineRecognizer.load("lines")


def test_words_beside_the_language_model_are_taken_up_and_checked(models):
    NgramModel.train(["abc abc", "abcabc"] * 20, CHARSET, order=3).save(models / "lines.lm.npz")
    counts = count_words(["abc abc", "cab"], ["en", "en"], [1.0, 1.0])
    build_words(counts, {}, CHARSET, rarest=0).save(models / "lines.words.npz")
    (models / "lines.words.json").write_text("{}")  # a card, but of no model that reads
    card = tune_decoding("lines", make_data(1, 30).validation)
    assert card.decoding["words"] == "lines.words.npz" in card.files
    assert list_models() == ["lines"]
    again = LineRecognizer.load("lines")
    assert isinstance(again.language_model, MixedModel)
    assert again.read([shrink(to_ink(picture("abc")), 40)])[0].text == "abc"
    (models / "lines.words.npz").unlink()
    with pytest.raises(UserError, match="words"):
        LineRecognizer.load("lines")


def test_calibration_on_the_card_changes_confidences_only(models):
    plain = LineRecognizer.load("lines").predict(picture("abc"))
    card = read_card("lines")
    card.decoding["calibration"] = {"characters": [1.0, -2.0], "words": [1.0, -2.0]}
    write_card(card, models)
    unsure = LineRecognizer.load("lines").predict(picture("abc"))
    assert unsure.text == plain.text
    assert unsure.confidence < plain.confidence
    assert unsure.words[0].confidence < plain.words[0].confidence


def test_auto_reads_a_line_with_the_line_model(models, toy_onnx, tmp_path):
    from toy import draw, write_model

    write_model(models, toy_onnx, name="characters")
    Image.fromarray(picture("abcb")).save(tmp_path / "line.png")
    Image.fromarray(draw("O")).save(tmp_path / "letter.png")
    files = [str(tmp_path / name) for name in ("line.png", "letter.png", "gone.png")]
    line, letter, gone = Reader().read_all(files, top=3)
    assert (line.model, line.prediction.text) == ("lines", read_alone("abcb"))
    assert (letter.model, letter.prediction.text) == ("characters", "O")
    assert gone.error and "\n" not in gone.error


def run_predict(models, *arguments):
    environment = {**os.environ, "HANDWRITING_MODELS": str(models)}
    return subprocess.run(
        [sys.executable, ROOT / "src" / "predict.py", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def test_predict_prints_a_line_and_its_words(models, tmp_path):
    Image.fromarray(picture("abcb")).save(tmp_path / "line.png")
    done = run_predict(models, "--model", "lines", "--format", "json", tmp_path / "line.png")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["text"] == read_alone("abcb") != "" and found["model"] == "lines"
    (word,) = found["words"]
    assert word["text"] == found["text"] and 0 < word["confidence"] <= 1
    x0, y0, x1, y1 = word["box"]
    width, height = Image.open(tmp_path / "line.png").size
    assert 0 <= x0 <= 20 and 100 <= x1 <= width and 0 <= y0 < y1 <= height
