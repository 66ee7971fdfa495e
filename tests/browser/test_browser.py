"""The application in a real browser: headless Chromium, driven by Playwright.

The models are the committed ones, and the server is a process of its own. Skipped with the
reason where Chromium, Playwright or a model is missing.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("gradio", reason="gradio serves the application")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
from PIL import Image  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples" / "lines"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000  # milliseconds that a step may take on a busy machine
# A seven in shares of the drawing area.
SEVEN = ((0.28, 0.25), (0.5, 0.23), (0.7, 0.25), (0.62, 0.45), (0.52, 0.65), (0.44, 0.85))
MARKUP = "<img src=x onerror=document.title='run'>"

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path"),
    pytest.mark.skipif(
        not (ROOT / "saved_models" / "lines.onnx").exists(), reason="no model of lines"
    ),
]


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


def wait_for(address: str, process) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        assert process.poll() is None, "the server ended"
        time.sleep(0.2)
    pytest.fail("the server did not start")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    port, folder = free_port(), tmp_path_factory.mktemp("browser")
    environment = os.environ | {"HANDWRITING_STORE": str(folder / "store")}
    command = [sys.executable, str(ROOT / "src" / "app.py"), "--port", str(port)]
    process = subprocess.Popen(command, env=environment, cwd=folder)
    try:
        wait_for(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, address):
    """A fresh page; whatever it asked of other hosts, and errors in it, fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page, asked, errors = context.new_page(), [], []
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    page.wait_for_selector("#pad canvas")
    yield page
    context.close()
    outside = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert not outside and not errors


def draw(page, points) -> None:
    box = page.locator("#pad canvas").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def answer(page) -> str:
    return page.locator("#answer").inner_text()


def test_a_drawn_digit_is_read_and_corrected(page):
    draw(page, SEVEN)
    page.wait_for_function(r"/^\s*7\s+7\s/m.test(document.querySelector('#answer').innerText)")
    assert "%" in answer(page)
    page.wait_for_selector("#seen img")
    page.fill("#truth input, #truth textarea", "1")
    page.click("#save-character")
    page.wait_for_selector("text=Saved as")
    page.click("#pad button[data-do=clear]")
    page.wait_for_function("!document.querySelector('#answer').innerText.includes('%')")
    page.get_by_role("tab", name="Corrections").click()
    page.wait_for_selector("text=1 of them with a correction")


def test_pages_are_uploaded_corrected_downloaded_and_saved(page, tmp_path):
    sheets = [Image.open(SAMPLES / name).convert("L") for name in ("letter_en.png", "gruss_de.png")]
    sheet = Image.new("L", (1600, 520), 235)
    for number, line in enumerate(sheets):
        sheet.paste(line, (80, 80 + 200 * number))
    sheet.save(tmp_path / "page.png")
    line = tmp_path / f"{MARKUP}.png"
    shutil.copy(SAMPLES / "letter_en.png", line)

    page.get_by_role("tab", name="Lines and pages").click()
    page.set_input_files("#files input[type=file]", [str(tmp_path / "page.png"), str(line)])
    page.wait_for_selector("#files .download a >> nth=1")  # both have arrived
    page.click("#read")
    page.wait_for_selector("#status >> text=on 2 pages")
    texts = page.locator(".reading-lines textarea")
    assert texts.count() == 2 and "photos" in texts.nth(0).input_value()

    # What lies on top: the mark of a doubtful word, if the line has one, or its outline.
    page.locator(".reading-sheet [data-line='1']").last.click()
    row = page.locator(".reading-lines li.selected")
    assert row.get_attribute("data-line") == "1"
    assert row.locator("canvas").is_visible()
    texts.nth(1).fill(f"Viele Grüße {MARKUP}")

    with page.expect_download() as text:
        page.click("#download-text")
    assert f"Viele Grüße {MARKUP}" in Path(text.value.path()).read_text()
    with page.expect_download() as pdf:
        page.click("#download-pdf")
    assert pdf.value.suggested_filename == "handwriting.pdf"
    assert Path(pdf.value.path()).read_bytes().startswith(b"%PDF-1.7")
    page.click("#save-lines")
    page.wait_for_selector("#status >> text=1 corrected line saved")

    page.get_by_role("tab", name="Corrections").click()
    page.wait_for_selector("#kept >> text=Viele Grüße <img", state="attached")
    assert page.title() != "run", "text of a user ran as HTML"


def test_a_phone_has_all_tabs_and_nothing_sticks_out(browser, address):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.wait_for_selector("#pad canvas")
    marks = {
        "Corrections": "#kept tbody tr >> nth=0",
        "Lines and pages": "#files",
        "Characters": "#pad canvas",
    }
    for name, mark in marks.items():
        page.get_by_role("tab", name=name).click()
        page.wait_for_selector(mark)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator("#pad canvas").bounding_box()
    assert box["width"] > 300
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#pad button[data-do=undo]:enabled")
    context.close()
