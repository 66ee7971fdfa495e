"""Many pages: documents and folders of them, resumed where a run was interrupted."""

import io
import json
import os
import signal
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from fake_reader import (
    WORDS,
    FakeRecognizer,
    answer_until_dead,
    drawn_page,
    save_pdf,
    save_tiff,
)
from PIL import Image
from toy import draw, save

from handwriting import prediction
from handwriting.pages.log import Log
from handwriting.pages.outcome import Outcome
from handwriting.pages.tasks import Task, find_files, list_tasks
from handwriting.pages.workers import read_in_parallel
from handwriting.reader import Reader

SCRIPT = Path(__file__).resolve().parents[1] / "src" / "predict.py"
TEXT = " ".join(WORDS)
PAGE = f"{TEXT}\n{TEXT}\n"


class Kept(io.BytesIO):
    """Can be read after the script has closed it."""

    def close(self):
        pass


class Terminal(io.TextIOWrapper):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def seen() -> list:
    """Pages that were read: file name and number."""
    return []


@pytest.fixture
def predict(toy_model, monkeypatch, seen):
    """`predict.py` in this process, with the toy for characters and the fake for lines."""
    monkeypatch.setattr("handwriting.reader.choose_models", lambda model: ("toy", "lines"))
    monkeypatch.setattr(Reader, "lines", FakeRecognizer())
    monkeypatch.setattr(Reader, "models", ("toy",))
    read_page = Reader._read_page

    def note(self, source):
        seen.append((Path(source.file).name, source.number))
        return read_page(self, source)

    monkeypatch.setattr(Reader, "_read_page", note)

    def run(*images, stdout=io.TextIOWrapper, **options) -> tuple[int, bytes, str]:
        seen.clear()
        standard = {"model": "auto", "format": "text", "output": None, "pages": None, "jobs": None}
        standard |= {"top": None, "language_model": True, "save_visual": False}
        options = {name: str(v) if isinstance(v, Path) else v for name, v in options.items()}
        out, errors = Kept(), io.StringIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stdout(out))
            patch.setattr(sys, "stderr", errors)
            images = [str(image) for image in images]
            status = prediction.run(Namespace(images=images, **(standard | options)))
        return status, out.getvalue(), errors.getvalue()

    return run


def pages_in(folder: Path, names: str = "ab") -> Path:
    for number, name in enumerate(names):
        save(drawn_page(2 + number), folder / f"{name}.png")
    return folder


def test_text_of_pages_is_parted_by_form_feeds(predict, tmp_path):
    file = save_tiff(tmp_path / "a.tif", [drawn_page(2), drawn_page(2)])
    status, output, errors = predict(file)
    assert (status, output.decode()) == (0, f"{PAGE}\f{PAGE}")
    assert errors.startswith("done: 2 pages with 4 lines in ") and errors.endswith(", 0 errors\n")


def test_json_of_pages_has_lines_and_words_in_pixels_of_the_input(predict, tmp_path):
    file = save_pdf(tmp_path / "a.pdf", [drawn_page(2), drawn_page(3)])
    _, output, _ = predict(file, format="json")
    found = [json.loads(line) for line in output.splitlines()]
    assert [(v["file"], v["page"], len(v["lines"])) for v in found] == [
        (str(file), 1, 2),
        (str(file), 2, 3),
    ]
    page = found[0]
    assert (page["width"], page["height"]) == drawn_page(2).shape[::-1]
    assert page["text"] == PAGE.strip() and page["model"] == "lines"
    assert page["confidence"] == pytest.approx(0.9)
    line = page["lines"][1]
    assert {"text", "box", "confidence", "polygon", "baseline", "words"} <= set(line)
    assert [word["text"] for word in line["words"]] == list(WORDS)
    assert set(line["words"][0]) == {"text", "box", "confidence", "alternatives"}
    x0, y0, x1, y1 = line["words"][0]["box"]
    assert 30 < x0 < x1 < 300 and 110 - 20 < y0 < 140 < y1 < 170


def test_a_pdf_becomes_a_searchable_one_with_words_where_they_were(predict, tmp_path):
    pictures = [drawn_page(2), drawn_page(3)]
    file, target = save_pdf(tmp_path / "a.pdf", pictures, dpi=100), tmp_path / "b.pdf"
    assert predict(file, format="pdf", output=target)[0] == 0
    pdf = pypdfium2.PdfDocument(target)
    assert len(pdf) == 2
    for page, picture in zip(pdf, pictures, strict=True):
        assert page.get_width() == pytest.approx(504, abs=1), "as large as it was"
        shown = page.render(scale=100 / 72, grayscale=True).to_numpy()
        assert np.abs(shown[: len(picture)].reshape(picture.shape).astype(int) - picture).mean() < 8
        text = page.get_textpage()
        found = text.search("wind")
        for number in range(1, len(picture) // 70):
            start, count = found.get_next()
            boxes = [text.get_charbox(i) for i in range(start, start + count)]
            baseline = page.get_height() - 70 * number * 72 / 100
            assert min(b[1] for b in boxes) < baseline < max(b[3] for b in boxes)
        assert found.get_next() is None


def test_several_files_become_one_document(predict, tmp_path):
    folder, target = pages_in(tmp_path / "in"), tmp_path / "all.pdf"
    assert predict(folder, format="pdf", output=target)[0] == 0
    assert len(pypdfium2.PdfDocument(target)) == 2
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["all.pdf"]


@pytest.mark.parametrize(
    "format, names",
    [
        ("text", ["a.txt", "book.txt"]),
        ("alto", ["a.alto.xml", "book-1.alto.xml", "book-2.alto.xml"]),
        ("docx", ["a.docx", "book.docx"]),
    ],
)
def test_a_folder_gets_a_file_for_each_input(predict, tmp_path, format, names):
    files = pages_in(tmp_path / "in", "a") / "a.png", tmp_path / "book.tif"
    save_tiff(files[1], [drawn_page(2), drawn_page(3)])
    status, output, _ = predict(*files, format=format, output=f"{tmp_path}/out/")
    assert (status, output) == (0, b"")
    found = sorted(p.name for p in (tmp_path / "out").iterdir() if p.name[0] != ".")
    assert found == names


def test_inputs_of_one_name_do_not_replace_each_other(predict, tmp_path):
    for name in ("one/a.png", "two/a.png", "two/a.jpg"):
        save(drawn_page(2), tmp_path / name)
    predict(tmp_path / "one", tmp_path / "two", output=f"{tmp_path}/out/")
    assert len(list((tmp_path / "out").glob("*.txt"))) == 3


def test_finished_pages_are_not_read_again(predict, tmp_path, seen):
    folder, out = pages_in(tmp_path / "in"), f"{tmp_path}/out/"
    predict(folder, output=out)
    assert seen == [("a.png", 1), ("b.png", 1)]
    first = (tmp_path / "out" / "a.txt").stat()
    status, _, errors = predict(folder, output=out)
    assert (status, seen) == (0, []) and "2 finished before" in errors
    assert (tmp_path / "out" / "a.txt").stat().st_mtime_ns == first.st_mtime_ns

    save(drawn_page(4), folder / "b.png")
    predict(folder, output=out)
    assert seen == [("b.png", 1)], "it has changed"
    assert (tmp_path / "out" / "b.txt").read_text().count("\n") == 4
    (tmp_path / "out" / "a.txt").unlink()
    predict(folder, output=out)
    assert seen == [("a.png", 1)], "what became of it was gone"
    predict(folder, output=out, language_model=False)
    assert len(seen) == 2, "they are to be read otherwise"


def interrupt_at(monkeypatch, seen, number):
    read_page = Reader._read_page

    def stop(self, source):
        if len(seen) == number:
            raise KeyboardInterrupt
        return read_page(self, source)

    monkeypatch.setattr(Reader, "_read_page", stop)
    return lambda: monkeypatch.setattr(Reader, "_read_page", read_page)


@pytest.mark.parametrize("output", ["out/", "all.pdf"])
def test_an_interrupted_run_goes_on_where_it_was(predict, tmp_path, seen, monkeypatch, output):
    file = save_tiff(tmp_path / "a.tif", [drawn_page(2)] * 4)
    options = {"format": "pdf", "output": f"{tmp_path}/{output}"}
    go_on = interrupt_at(monkeypatch, seen, 2)
    with pytest.raises(KeyboardInterrupt):
        predict(file, **options)
    assert not list(tmp_path.rglob("*.pdf")), "a document is there in full or not at all"
    go_on()
    assert predict(file, **options)[0] == 0
    assert [number for _, number in seen] == [3, 4]
    (pdf,) = tmp_path.rglob("*.pdf")
    assert len(pypdfium2.PdfDocument(pdf)) == 4


def test_a_bad_page_is_a_line_and_the_others_are_read(predict, tmp_path, seen):
    folder = pages_in(tmp_path / "in", "ac")
    (folder / "b.pdf").write_bytes(b"%PDF-1.4 cut")
    status, _, errors = predict(folder, output=f"{tmp_path}/out/")
    lines = errors.splitlines()
    assert status == 2 and len(lines) == 2
    assert lines[0].startswith(f"error: {folder / 'b.pdf'}: the PDF is damaged")
    assert lines[1].startswith("done: 2 pages with 5 lines") and lines[1].endswith("1 error")
    assert [p.name for p in sorted((tmp_path / "out").glob("*.txt"))] == ["a.txt", "c.txt"]


@pytest.mark.parametrize(
    "options, cause",
    [
        ({"output": "{in}/a.png"}, "is one of the pictures"),
        ({"format": "pdf", "output": "{in}"}, "would replace a file that is read"),
        ({"format": "alto"}, "holds one page; name a folder"),
        ({"output": "{in}/a.png/sub/"}, "cannot be made"),
        (
            {"format": "pdf", "output": "{in}/no/such.pdf"},
            r"cannot be written \(no folder",
        ),
        ({"pages": "x"}, "not a list of pages"),
    ],
)
def test_what_can_only_end_badly_is_refused_before_reading(predict, tmp_path, seen, options, cause):
    folder = pages_in(tmp_path / "in")
    save_pdf(folder / "c.pdf", [drawn_page(2)])
    options = {name: value.replace("{in}", str(folder)) for name, value in options.items()}
    with pytest.raises(prediction.UserError, match=cause):
        predict(folder, **options)
    assert seen == []


def test_binary_formats_are_not_for_a_terminal(predict, tmp_path, seen):
    with pytest.raises(prediction.UserError, match="name a file with --output"):
        predict(pages_in(tmp_path / "in"), format="docx", stdout=Terminal)
    assert seen == []


def test_a_pdf_may_go_down_a_pipe(predict, tmp_path):
    _, output, _ = predict(pages_in(tmp_path / "in", "a"), format="pdf")
    assert len(pypdfium2.PdfDocument(output)) == 1


def test_the_overlay_shows_the_lines(predict, tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_OUTPUTS", str(tmp_path / "outputs"))
    file = save_tiff(tmp_path / "a.tif", [drawn_page(2), drawn_page(3)])
    _, _, errors = predict(file, output=tmp_path / "a.txt", save_visual=True)
    names = [line.split("/")[-1] for line in errors.splitlines() if "picture:" in line]
    assert names == [f"a_p00{n}_lines{what}.png" for n in (1, 2) for what in ("", "_steps")]
    with Image.open(tmp_path / "outputs" / "prediction_visuals" / names[0]) as image:
        colours = np.asarray(image.convert("RGB")).reshape(-1, 3)
        assert (np.ptp(colours.astype(int), axis=1) > 100).sum() > 500, "lines are in colour"


def test_files_of_a_folder_are_read_by_number(tmp_path):
    for name in ("p10.png", "p9.pdf", "p9.txt", "p1.tif"):
        (tmp_path / name).touch()
    with find_files([str(tmp_path)]) as files:
        assert [Path(file).name for file, _ in files] == ["p1.tif", "p9.pdf", "p10.png"]


def test_a_line_of_the_log_that_was_cut_short_is_left_out(tmp_path):
    outcome = Outcome("a.png", page=None, model="lines")
    log = Log(tmp_path / "log")
    for key in ("one", "two"):
        log.add_page(key, outcome)
    log.close()
    with open(tmp_path / "log", "r+b") as file:
        file.truncate(os.path.getsize(tmp_path / "log") - 9)
    log = Log(tmp_path / "log")
    assert "one" in log and "two" not in log
    log.add_page("two", outcome)
    log.close()
    log = Log(tmp_path / "log")
    assert log.page("one") == log.page("two") == outcome
    log.close()


def characters(folder: Path, count: int) -> Path:
    for number in range(count):
        save(draw("ILO"[number % 3]), folder / f"{number}.png")
    return folder


def test_processes_give_the_same_in_the_same_order(toy_model, tmp_path):
    folder = characters(tmp_path / "in", 9)
    (folder / "4.png").write_bytes(b"")
    tasks = list_tasks([(str(p), str(p)) for p in sorted(folder.iterdir())], ((1, None),))
    settings = prediction.Settings(top=1)
    one, two = (list(prediction.read_batch(tasks, settings, Reader(), jobs)) for jobs in (1, 2))
    assert one == two and [o.error is None and o.text for o in one] == [*"ILOI", False, *"OILO"]


def test_a_page_that_kills_its_process_does_not_stop_the_others():
    tasks = [(number, Task(str(number), "")) for number in range(6)]
    settings = prediction.Settings(model="3")
    found = dict(read_in_parallel(tasks, settings, 2, answer_until_dead))
    assert sorted(found) == list(range(6))
    assert [n for n, outcome in found.items() if outcome.error] == [3]
    assert found[3].error == "3: page 1: reading it ended its process; is there enough memory?"


@pytest.mark.skipif(os.name == "nt", reason="no signals of this kind")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_killed_is_finished_by_the_next(toy_model, tmp_path, how):
    folder, out = characters(tmp_path / "in", 40), tmp_path / "out"
    command = [sys.executable, str(SCRIPT), str(folder), "--output", f"{out}/", "--jobs", "2"]
    restore = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    first = subprocess.Popen(command, stderr=subprocess.PIPE, **restore)
    log = out / prediction.FOLDER_LOG
    while first.poll() is None and not (log.exists() and log.read_bytes().count(b"\n") > 4):
        os.sched_yield()
    first.send_signal(how)
    _, errors = first.communicate(timeout=120)
    assert first.returncode in (0, -how, 130) and b"Traceback" not in errors
    again = subprocess.run(command, capture_output=True, timeout=120)
    assert again.returncode == 0
    texts = [(out / f"{number}.txt").read_text() for number in range(40)]
    assert texts == [f"{'ILO'[number % 3]}\n" for number in range(40)]
