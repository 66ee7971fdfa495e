"""`src/predict.py` as a user runs it: what is on stdout, on stderr, and the exit status."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from toy import CLASSES, draw, save

SCRIPT = Path(__file__).resolve().parents[1] / "src" / "predict.py"


@pytest.fixture
def start(toy_model, tmp_path):
    """Start `predict.py` on the toy model, in a working folder that is not the project's."""
    work = tmp_path / "work"
    work.mkdir()
    environment = os.environ | {
        "HANDWRITING_MODELS": str(toy_model),
        "HANDWRITING_OUTPUTS": str(tmp_path / "outputs"),
    }
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)

    def start(*arguments, script=(str(SCRIPT),), **options) -> subprocess.Popen:
        command = [sys.executable, *script, *map(str, arguments)]
        return subprocess.Popen(command, **{"cwd": work, "env": environment, **pipes, **options})

    return start


@pytest.fixture
def predict(start):
    """Run it to its end: (exit status, stdout, stderr)."""

    def run(*arguments, stdin: bytes = b"", **options) -> tuple[int, str, str]:
        process = start(*arguments, **options)
        output, errors = process.communicate(stdin, timeout=120)
        return process.returncode, (output or b"").decode(), errors.decode()

    return run


@pytest.fixture
def pictures(tmp_path) -> Path:
    """A folder with I.png, L.png, O.png."""
    for text in CLASSES:
        save(draw(text), tmp_path / "pictures" / f"{text}.png")
    return tmp_path / "pictures"


def test_text_is_the_readings_in_order_and_nothing_else(predict, pictures):
    files = [pictures / f"{text}.png" for text in "LOIL"]
    assert predict(*files, "--model", "toy") == (0, "L\nO\nI\nL\n", "")


def test_model_is_chosen_by_itself_and_found_by_path(predict, pictures, toy_model):
    assert predict(pictures / "O.png") == (0, "O\n", "")
    assert predict(pictures / "O.png", "--model", toy_model / "toy.onnx") == (0, "O\n", "")


def test_json_is_one_object_a_line(predict, pictures):
    relative = Path(os.path.relpath(pictures, pictures.parent / "work"))
    files = [str(relative / "L.png"), str(relative / "O.png")]
    status, output, errors = predict(*files, "--format", "json")
    assert (status, errors) == (0, "")
    values = [json.loads(line) for line in output.splitlines()]
    assert [value["file"] for value in values] == files, "as the user named them"
    for value, text in zip(values, "LO", strict=True):
        assert set(value) == {"file", "text", "confidence", "model", "top"}
        assert (value["text"], value["model"]) == (text, "toy")
        assert value["top"][0] == {"text": text, "probability": value["confidence"]}
        assert {item["text"] for item in value["top"]} == set(CLASSES)
        assert sum(item["probability"] for item in value["top"]) == pytest.approx(1, abs=1e-5)


def test_top_limits_json_and_goes_to_stderr_for_text(predict, pictures):
    _, output, _ = predict(pictures / "L.png", "--top", "2", "--format", "json")
    assert len(json.loads(output)["top"]) == 2
    status, output, errors = predict(pictures / "L.png", "--top", "2")
    assert (status, output) == (0, "L\n")
    assert errors.startswith(f"{pictures / 'L.png'}: L ") and errors.count("%") == 2


def test_stdin_and_a_folder(predict, pictures):
    (pictures / "notes.txt").write_text("no picture")
    stdin = (pictures / "O.png").read_bytes()
    assert predict(pictures, "-", stdin=stdin) == (0, "I\nL\nO\nO\n", "")


def test_what_cannot_be_read_is_one_line_each_and_the_rest_is_read(predict, pictures):
    bad = {
        "missing.png": None,
        "broken.png": b"\x89PNG\r\n\x1a\n" + b"damaged" * 9,
        "empty.png": b"",
        "the": Image.new("L", (40, 40), 255),
        "two\nlines.png": None,
    }
    for name, content in bad.items():
        if isinstance(content, bytes):
            (pictures / name).write_bytes(content)
        elif content:
            content.save(pictures / name, "PNG")
    (pictures / "none").mkdir()
    names = ["I.png", *bad, "none", "L.png"]
    status, output, errors = predict(*names, cwd=pictures)
    assert (status, output) == (2, "I\nL\n")
    lines = errors.splitlines()
    expected = ["missing.png", "broken.png", "empty.png", "the", "two\\x0alines.png", "none"]
    assert [line.split(": ")[:2] for line in lines] == [["error", name] for name in expected]
    assert "no writing" in lines[3] and "no such file" in lines[0]


def test_empty_stdin_is_an_error(predict):
    status, output, errors = predict("-")
    assert (status, output) == (2, "")
    assert errors.startswith("error: -: ") and errors.count("\n") == 1


def test_word_is_read_with_a_remark(predict, tmp_path):
    word = save(np.hstack([draw(text) for text in "LILOLI"]), tmp_path / "word.png")
    status, output, errors = predict(word)
    assert status == 0 and len(output.splitlines()) == 1
    assert errors == f"note: {word}: looks like several characters; " + (
        "this model reads one at a time\n"
    )


def test_output_goes_to_a_file(predict, pictures, tmp_path):
    assert predict(pictures, "--output", tmp_path / "read.txt") == (0, "", "")
    assert (tmp_path / "read.txt").read_text("utf-8") == "I\nL\nO\n"


def test_output_that_cannot_be_written_is_an_error(predict, pictures, tmp_path):
    target = tmp_path / "absent" / "read.txt"
    status, output, errors = predict(pictures / "I.png", "--output", target)
    assert (status, output) == (2, "")
    assert errors.startswith(f"error: {target}: cannot be written (")
    assert errors.count("\n") == 1


def test_a_folder_gets_a_file_for_each_picture(predict, pictures, tmp_path):
    (tmp_path / "read").mkdir()
    assert predict(pictures, "--output", tmp_path / "read", "--format", "json") == (0, "", "")
    found = {p.name: json.loads(p.read_text()) for p in (tmp_path / "read").glob("*.json")}
    assert {name: value["text"] for name, value in found.items()} == {
        "I.json": "I",
        "L.json": "L",
        "O.json": "O",
    }


def test_other_formats_hold_characters_too(predict, pictures, tmp_path):
    assert predict(pictures, "--format", "markdown")[1].count("\n---\n") == 0
    status, output, _ = predict(pictures / "L.png", "--format", "alto")
    assert status == 0 and 'CONTENT="L"' in output


def test_output_never_overwrites_an_input(predict, pictures):
    before = (pictures / "I.png").read_bytes()
    status, _, errors = predict(pictures / "I.png", "--output", pictures / "I.png")
    assert status == 2 and "is one of the pictures" in errors
    assert (pictures / "I.png").read_bytes() == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_is_an_error(predict, pictures):
    with open("/dev/full", "wb") as full:
        status, _, errors = predict(pictures / "I.png", stdout=full)
    assert (status, errors) == (
        2,
        "error: stdout: cannot be written (No space left on device)\n",
    )


def test_unknown_model_lists_those_there(predict, pictures):
    status, output, errors = predict(pictures / "I.png", "--model", "nope")
    assert (status, output) == (2, "")
    assert errors.startswith("error: ") and errors.endswith("models here: toy\n")


def test_visuals_of_files_of_one_name_are_all_kept(predict, pictures, tmp_path):
    other = save(draw("L"), tmp_path / "other" / "I.png")
    status, output, errors = predict(pictures / "I.png", other, "--save-visual")
    assert (status, output) == (0, "I\nL\n")
    written = [Path(line.removeprefix("picture: ")) for line in errors.splitlines()]
    assert written[0] == tmp_path / "outputs" / "prediction_visuals" / "I_toy.png"
    assert written[1].name == "I_toy_2.png"
    assert written[0].read_bytes() != written[1].read_bytes()
    for path in written:
        with Image.open(path) as image:
            assert image.format == "PNG" and min(image.size) > 100
            assert len(np.unique(np.asarray(image.convert("L")))) > 10


def test_names_and_classes_outside_the_terminal_encoding(predict, pictures):
    name = os.fsdecode(b"\xff-\xc3\xa9.png")
    try:
        (pictures / "O.png").rename(pictures / name)
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    environment = os.environ | {
        "HANDWRITING_MODELS": str(pictures.parent / "models"),
        "PYTHONIOENCODING": "ascii",
    }
    status, output, _ = predict(pictures / name, "--format", "json", env=environment)
    assert status == 0
    assert os.path.basename(json.loads(output)["file"]) == name and "é" in output


PROBE = """
import runpy, sys
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    slow = ("tensorflow", "keras", "torch", "pandas", "matplotlib", "sklearn", "scipy", "onnx")
    print(*[name for name in slow if name in sys.modules], "imported", file=sys.stderr)
"""


def test_prediction_imports_nothing_slow(predict, pictures):
    found = predict(pictures / "I.png", "--format", "json", script=("-c", PROBE, str(SCRIPT)))
    assert found[0] == 0 and '"text": "I"' in found[1]
    assert found[2] == "imported\n"


def test_reader_that_went_away_is_no_traceback(start, pictures):
    process = start(*[pictures] * 3)
    process.stdout.close()  # as `| head` does
    assert process.stderr.read() == b""
    assert process.wait(60) == 1
    process.stdin.close()
    process.stderr.close()


@pytest.mark.skipif(os.name == "nt", reason="no signals of this kind")
def test_interrupt_leaves_with_130(start):
    restore = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    process = start("-", **restore)
    process.stdin.write(bytes(300_000))  # more than a pipe holds: returns once it reads
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, b"interrupted\n")
