"""What a stranger meets first: the samples are read right, and the README tells the truth."""

import csv
import re

import pytest

from handwriting.cards import list_models
from handwriting.lines.metrics import cer
from handwriting.paths import ROOT
from handwriting.reader import Reader
from handwriting.readme import README, with_results
from handwriting.recognizer import CharacterRecognizer

SAMPLES = {
    "2_drawn.png": "2",
    "5_photo.jpg": "5",
    "7_ruled.png": "7",
    "8_blackboard.png": "8",
    "A_drawn.png": "A",
    "R_photo.jpg": "R",
    "hash_squared.png": "#",
    "star_drawn.png": "⭐",
}


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_read_by_the_model_for_everything(name):
    reading = CharacterRecognizer.load("characters").predict(ROOT / "samples" / name)
    assert reading.text == SAMPLES[name]


@pytest.mark.parametrize("model", ["mnist", "mnist_cnn"])
def test_sample_digits_are_read_by_digit_models(model):
    recognizer = CharacterRecognizer.load(model)
    digits = {name: text for name, text in SAMPLES.items() if text.isdigit()}
    read = {name: recognizer.predict(ROOT / "samples" / name).text for name in digits}
    assert read == digits


def test_sample_lines_are_read_without_being_told_that_they_are_lines():
    with open(ROOT / "samples" / "lines" / "lines.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    files = [str(ROOT / "samples" / "lines" / row["image"]) for row in rows]
    read = [reading.prediction.text for reading in Reader().read_all(files, top=1)]
    assert cer([row["text"] for row in rows], read) < 0.1, read


def test_results_table_is_the_one_that_the_results_give():
    text = README.read_text(encoding="utf-8")
    assert with_results(text) == text, "run `python -m handwriting.readme`"


def test_every_model_that_the_readme_offers_is_there():
    text = README.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[^|]+) \| reads|^\| (`[^|]+) \|", text, re.MULTILINE)
    named = {name for row in rows for cell in row for name in re.findall(r"`(\w+)`", cell)}
    assert named == set(list_models())


def test_every_file_that_the_readme_names_is_there():
    text = README.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    scripts = re.findall(r"python ((?:src|benchmarks)/\w+\.py)", text)
    assert links and scripts
    assert [name for name in links + scripts if not (ROOT / name).exists()] == []
