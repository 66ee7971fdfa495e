"""Recognition behind the application, and the processes that it runs in."""

import os
import time
from types import SimpleNamespace

import numpy as np
import pytest
from app_fakes import png
from PIL import Image
from toy import draw

from handwriting.app.limits import Limits
from handwriting.app.service import Service
from handwriting.app.settings import Settings
from handwriting.app.workers import Pool, Worker
from handwriting.errors import UserError
from handwriting.lines.decoding import Decoded, Word


class FakeLines:
    """Reads every line as two words of four frames each."""

    height = 40
    card = SimpleNamespace(name="lines", files={"lines.onnx": "ef56"})

    def to_input(self, line):
        return line

    def read(self, pictures):
        words = (Word("high", 0.9, 0, 8, ()), Word("tide", 0.4, 9, 20, (("tides", 0.3),)))
        return [Decoded("high tide", 0.8, (), words) for _ in pictures]

    def word_boxes(self, decoded, view):
        return [view.box(4 * word.start, 4 * word.end) for word in decoded.words]


class Odd:
    """Misbehaves on demand, in a process of its own."""

    def echo(self, value):
        return value, os.getpid()

    def hang(self):
        time.sleep(600)

    def die(self):
        os._exit(3)

    def refuse(self):
        raise UserError("a.png: is not an image; save it as PNG")

    def fail(self):
        raise ZeroDivisionError("secret detail")


@pytest.fixture
def service(toy_model) -> Service:
    return Service(Limits(megapixels=1), load_lines=lambda name: FakeLines())


def encoded(picture: np.ndarray) -> bytes:
    import io

    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, format="PNG")
    return stream.getvalue()


def test_a_character_comes_with_what_was_seen(service):
    reading = service.character(encoded(draw("L")), "toy", 2)
    assert reading.text == "L" and len(reading.top) == 2
    assert reading.seen.shape == (28, 28) and reading.seen.max() == 255
    assert reading.image.shape == (48, 48) and len(reading.model_hash) == 64
    assert reading.as_json()["top"][0]["text"] == "L"


@pytest.mark.parametrize(
    "data, model, message",
    [
        (b"no picture", "toy", "is not an image"),
        (png(), "../toy", "no such model; choose one of toy"),
        (png(1500, 900), "toy", "1,500 × 900 pixels are too many"),
        (encoded(np.full((90, 90), 255, np.uint8)), "toy", "no writing"),
    ],
)
def test_what_cannot_be_read_is_said(service, data, model, message):
    with pytest.raises(UserError, match=message):
        service.character(data, model)


def test_a_line_is_a_page_of_one_line_with_words_in_the_picture(service, tmp_path):
    sheet = np.full((60, 600), 255, np.uint8)
    sheet[20:40, 50:500:12] = 0
    path = tmp_path / "upload"
    path.write_bytes(encoded(sheet))
    reading = service.page(path, 0, tmp_path, 1, "line", "note.png")
    (line,) = reading.page.lines
    assert line.text == "high tide" and reading.page.file == "note.png"
    assert all(0 <= x <= 600 for word in line.words for x in word.box[::2])
    assert Image.open(reading.picture).size == (600, 60)
    (cut,) = service.cut(reading.picture, [line])
    assert cut.shape[0] == 64 and cut.dtype == np.uint8


def test_every_frame_of_a_tiff_is_a_page(service, tmp_path):
    frames = [Image.new("RGB", (80, 60), colour) for colour in ("white", "lightblue", "pink")]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    assert service.count(tmp_path / "a.tif", "a.tif") == 3
    reading = service.page(tmp_path / "a.tif", 2, tmp_path, 3, "line", "a.tif")
    assert (
        np.abs(np.subtract(Image.open(reading.picture).getpixel((9, 9)), (255, 192, 203))).max() < 9
    )


def test_a_file_that_is_no_picture_is_refused_by_its_name(service, tmp_path):
    (tmp_path / "x").write_bytes(b"nothing to see")
    with pytest.raises(UserError, match=r"note\.png: is not an image"):
        service.count(tmp_path / "x", "note.png")


@pytest.fixture(scope="module")
def worker():
    worker = Worker(Odd)
    yield worker
    worker.stop()


def test_a_worker_answers_passes_mistakes_on_and_hides_faults(worker):
    assert worker.call(30, "echo", 7)[0] == 7
    with pytest.raises(UserError, match=r"a\.png: is not an image"):
        worker.call(30, "refuse")
    with pytest.raises(UserError, match="something went wrong") as fault:
        worker.call(30, "fail")
    assert "secret" not in str(fault.value)


def test_what_hangs_is_ended_and_what_died_is_started_again(worker):
    _, first = worker.call(30, "echo", 1)
    with pytest.raises(UserError, match=r"took longer than 0\.1 seconds"):
        worker.call(0.1, "hang")
    _, second = worker.call(30, "echo", 2)
    with pytest.raises(UserError, match="broke off"):
        worker.call(30, "die")
    _, third = worker.call(30, "echo", 3)
    assert len({first, second, third}) == 3
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_a_pool_refuses_more_than_may_wait():
    pool = Pool(Odd, size=1, waiting=0)
    with pool._borrow(), pytest.raises(UserError, match="too many readings are waiting"):
        pool.call(1, "echo", 1)
    assert pool.pids == []


def test_processes_do_without_tensorflow_and_gradio():
    import subprocess
    import sys

    code = (
        "import sys, handwriting.app.service, handwriting.app.server;"
        "print([m for m in ('tensorflow', 'keras', 'gradio', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_settings_reach_the_pools():
    from handwriting.app.workers import RemoteService

    remote = RemoteService(Settings(workers=3), make=Odd)
    assert len(remote.pages._workers) == 3 and remote.pages.pids == []
