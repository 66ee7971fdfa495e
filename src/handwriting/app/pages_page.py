"""The Lines and pages tab: read, look, correct, download, save."""

from pathlib import Path

import gradio as gr

from handwriting.app.desk import Desk
from handwriting.app.parts import (
    PRIVATE,
    messages,
    path_only,
    source_of,
    static_text,
    with_messages,
)
from handwriting.app.session import Session
from handwriting.errors import UserError
from handwriting.finetune.versions import MARK

TYPES = ["image", ".tif", ".tiff", ".pdf"]
MODES = {"Find out": "auto", "One line": "line", "A page": "page"}
FORMATS = {"Text": "text", "Word": "docx", "PDF": "pdf", "ALTO": "alto", "JSON": "json"}
EDITS_JS = """(edits, ...others) =>
  [window.handwritingEdits ? window.handwritingEdits() : "", ...others]"""
# The hidden button holds the file once it is written; the person pressed another.
DOWNLOAD_JS = """() => setTimeout(() => {
  const place = document.querySelector("#download-file");
  const target = place && (place.matches("a, button") ? place : place.querySelector("a, button"));
  if (target) target.click();
}, 120)"""
NOTHING_YET = "choose a picture or a PDF first"


class PagesPage:
    """Handlers of the tab; each is a plain function of its inputs."""

    def __init__(self, desk: Desk):
        self.desk = desk

    def read(self, files: list[str] | None, photo: str | None, mode: str, before: Session | None):
        """Read page by page; gives session, view, page chooser and status after each of them."""
        paths = [*(files or []), *([photo] if photo else [])]
        if not paths:
            raise UserError(NOTHING_YET)
        if before is not None:
            before.close()
        session, done, total = None, 0, 1

        def progress(number: int, count: int) -> None:
            nonlocal total
            total = count

        yield None, None, _chooser(None), "Reading…"
        for session in self.desk.read_files(paths, MODES.get(mode, "auto"), progress):
            done = len(session.readings)
            busy = done < total
            status = f"{done} of {total} pages read" if busy else _status(session)
            view = session.view(done - 1 if busy else 0) | {"busy": busy}
            yield session, view, _chooser(session), status

    def turn(self, edits: str, session: Session | None, label: str | None):
        """Show another page; gives its view."""
        if session is None or not label:
            return None
        session.edit(edits)
        return session.view(_page_number(label, len(session.readings)))

    def download(self, edits: str, session: Session | None, format: str) -> str:
        """Write the corrected document; gives the file's path."""
        if session is None:
            raise UserError(NOTHING_YET)
        session.edit(edits)
        return str(session.write(format))

    def save(self, edits: str, session: Session | None, visitor: str) -> str:
        """Keep the corrected lines; gives a line that says how many."""
        if session is None:
            raise UserError(NOTHING_YET)
        session.edit(edits)
        count = self.desk.save_lines(session, source_of(visitor))
        if not count:
            raise UserError("no line was corrected; change a text first")
        return f"{count} corrected {'line' if count == 1 else 'lines'} saved. Thank you."

    def collect(self, session: Session | None, visitor: str) -> None:
        """Keep every line, where the operator wants them all."""
        if session is not None and self.desk.settings.collect and self.desk.store:
            self.desk.save_lines(session, source_of(visitor), everything=True)

    def build(self, visitor: gr.State) -> None:
        """Lay the tab out inside the current block."""
        session = gr.State(None, time_to_live=7200, delete_callback=_close)
        edits = gr.Textbox(visible=False)
        files, photo, mode, read, stop = self._inputs()
        status = gr.Markdown(elem_classes="quiet", elem_id="status")
        pages = gr.Dropdown([], label="Page", visible=False, elem_id="page-chooser")
        view = gr.HTML(
            html_template=static_text("reading.html"),
            js_on_load=static_text("reading.js"),
            elem_id="reading",
        )
        with gr.Row(visible=False, elem_id="downloads") as bar:
            gr.Markdown("Download as", elem_classes="quiet", container=False)
            buttons = {
                gr.Button(name, size="md", min_width=80, elem_id=f"download-{format}"): format
                for name, format in FORMATS.items()
            }
            save = gr.Button(
                "Save corrections",
                variant="primary",
                size="md",
                min_width=160,
                visible=self.desk.store is not None,
                elem_id="save-lines",
            )
        file = gr.DownloadButton("Download", visible="hidden", elem_id="download-file")

        reading = read.click(
            _streamed(self.read),
            [files, photo, mode, session],
            [session, view, pages, status],
            concurrency_limit=self.desk.settings.workers,
            concurrency_id="pages",
            show_progress="minimal",
            **PRIVATE,
        )
        reading.then(lambda s: gr.update(visible=s is not None), session, bar, **PRIVATE)
        reading.then(self.collect, [session, visitor], None, **PRIVATE)
        stop.click(lambda: "Stopped.", None, status, cancels=[reading], **PRIVATE)
        turn = with_messages(self.turn)
        pages.input(turn, [edits, session, pages], view, js=EDITS_JS, **PRIVATE)
        for button, format in buttons.items():
            button.click(
                self._writer(format), [edits, session], file, js=EDITS_JS, **PRIVATE
            ).success(None, None, None, js=DOWNLOAD_JS)
        keep = with_messages(self.save)
        save.click(keep, [edits, session, visitor], status, js=EDITS_JS, **PRIVATE)

    def _inputs(self):
        with gr.Row(equal_height=True):
            with gr.Column(scale=3, min_width=300):
                files = path_only(
                    gr.File(
                        file_count="multiple",
                        file_types=TYPES,
                        type="filepath",
                        label="Pictures, multi-page TIFF or PDF",
                        height=210,
                        elem_id="files",
                    )
                )
            with gr.Column(scale=2, min_width=260):
                photo = path_only(
                    gr.Image(
                        sources=["clipboard", "webcam"],
                        type="filepath",
                        image_mode=None,
                        label="Or paste, or take a photo",
                        height=210,
                        webcam_options=gr.WebcamOptions(mirror=False),
                        elem_id="photo",
                    )
                )
        with gr.Row(elem_id="reading-bar"):
            mode = gr.Radio(list(MODES), value="Find out", label="What is it?", scale=3)
            read = gr.Button("Read", variant="primary", scale=1, min_width=120, elem_id="read")
            stop = gr.Button("Stop", scale=1, min_width=90, elem_id="stop")
        return files, photo, mode, read, stop

    def _writer(self, format: str):
        return with_messages(lambda edits, session: self.download(edits, session, format))


def _streamed(read):
    def generate(*args):
        with messages():
            yield from read(*args)

    return generate


def _chooser(session: Session | None):
    if session is None or len(session.readings) < 2:
        return gr.update(choices=[], value=None, visible=False)
    names = [_page_label(n, reading.page.file) for n, reading in enumerate(session.readings, 1)]
    return gr.update(choices=names, value=names[0], visible=True)


def _page_label(number: int, file: str) -> str:
    return f"{number}: {Path(file).name[:60]}"


def _page_number(label: str, count: int) -> int:
    number = label.partition(":")[0]
    return min(max(int(number) - 1, 0), count - 1) if number.isdecimal() else 0


def _status(session: Session) -> str:
    count = sum(len(texts) for texts in session.texts)
    pages = len(session.readings)
    notes = sum(len(reading.page.notes) for reading in session.readings)
    lines = f"{count} {'line' if count == 1 else 'lines'}"
    where = f" on {pages} pages" if pages > 1 else ""
    model = session.readings[0].model
    version = f" Read with {model}." if MARK in model else ""
    return (
        f"{lines}{where}. Click a line to see it enlarged; correct its text in place."
        f"{f' {notes} notes.' if notes else ''}{version}"
    )


def _close(session: Session | None) -> None:
    if session is not None:
        session.close()
