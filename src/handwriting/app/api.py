"""The interface for programs: named endpoints of Gradio, and plain routes for machines.

`/character`, `/line` and `/page` take an uploaded file and give JSON, `/document` gives a file.
"""

import base64
import io
import json
import secrets

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from handwriting import __version__
from handwriting.app.desk import Desk
from handwriting.app.parts import path_only, with_messages
from handwriting.app.session import FORMATS, Session
from handwriting.errors import UserError
from handwriting.export import export
from handwriting.feedback.metrics import CONTENT_TYPE

API_SOURCE = "api"


class Api:
    """The functions behind the endpoints."""

    def __init__(self, desk: Desk):
        self.desk = desk

    def character(self, image: str, model: str, top: float) -> dict:
        """Read one character: its text, confidence and most probable classes."""
        data = self.desk.upload(_given(image), "the picture")
        reading = self.desk.read_character(data, model or self.desk.models[0], int(top or 5))
        if self.desk.settings.collect and self.desk.store:
            self.desk.keep_character(reading, API_SOURCE)
        return reading.as_json()

    def line(self, image: str) -> dict:
        """Read one line of writing: its text, confidence and words with their boxes."""
        return _first_line(self._read([_given(image)], "line"))

    def page(self, file: str) -> dict:
        """Read every page of a picture, TIFF or PDF: lines and words with their boxes."""
        return self._read([_given(file)], "page")

    def document(self, file: str, format: str) -> str:
        """Read every page and give the document as a file."""
        if format not in FORMATS:
            raise UserError(f"{format[:40]!a}: no such format; choose one of {', '.join(FORMATS)}")
        return str(self._session([_given(file)], "auto").write(format))

    def _read(self, paths: list[str], mode: str) -> dict:
        session = self._session(paths, mode)
        try:
            stream = io.BytesIO()
            export(session.document, "json", stream)
            return {"pages": [json.loads(page) for page in stream.getvalue().splitlines()]}
        finally:
            session.close()

    def _session(self, paths: list[str], mode: str) -> Session:
        *_, session = self.desk.read_files(paths, mode)
        if self.desk.settings.collect and self.desk.store:
            self.desk.save_lines(session, API_SOURCE, everything=True)
        return session

    def build(self) -> None:
        """Add the endpoints to the current block, without anything to see."""
        image = path_only(gr.File(type="filepath", visible=False, label="image"))
        file = path_only(gr.File(type="filepath", visible=False, label="file"))
        model = gr.Textbox(self.desk.models[0], visible=False, label="model")
        top = gr.Number(5, visible=False, label="top")
        format = gr.Textbox("pdf", visible=False, label="format")
        result, written = gr.JSON(visible=False), gr.File(visible=False)
        pages = {"concurrency_limit": self.desk.settings.workers, "concurrency_id": "pages"}
        for function, inputs, output, options in (
            (self.character, [image, model, top], result, {"queue": False}),
            (self.line, [image], result, pages),
            (self.page, [file], result, pages),
            (self.document, [file, format], written, pages),
        ):
            gr.Button(visible=False).click(
                with_messages(function, as_html=False),
                inputs,
                output,
                api_name=function.__name__,
                **options,
            )


def _given(path: str | None) -> str:
    if not path:
        raise UserError("no file was given; upload one first")
    return path


def _first_line(read: dict) -> dict:
    page = read["pages"][0]
    line = page["lines"][0] if page["lines"] else {"text": "", "confidence": None, "words": []}
    keys = ("text", "confidence", "words")
    return {"file": page["file"], "model": page["model"]} | {key: line[key] for key in keys}


def add_routes(app: FastAPI, desk: Desk) -> None:
    """`/health`, open to everyone, and `/metrics`, behind the user and password where there are."""

    @app.get("/health")
    def health() -> JSONResponse:
        return JSONResponse({"status": "ok", "version": __version__, "models": list(desk.models)})

    @app.get("/metrics")
    def metrics(request: Request) -> Response:
        if not _may_see(request, desk):
            header = {"WWW-Authenticate": 'Basic realm="handwriting"'}
            return Response("user and password, please\n", 401, headers=header)
        return Response(desk.metrics.text(), media_type=CONTENT_TYPE)


def _may_see(request: Request, desk: Desk) -> bool:
    if desk.settings.auth is None:
        return True
    expected = base64.b64encode(":".join(desk.settings.auth).encode())
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    right = secrets.compare_digest(given.strip().encode(), expected)
    return scheme.lower() == "basic" and right
