"""The server: the interface, health and metrics, behind the guard."""

import argparse
import atexit
import contextlib
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from handwriting.app.desk import Desk
from handwriting.app.models import LINE_MODEL, character_models
from handwriting.app.settings import LOCAL, STATIC, Settings, from_environment
from handwriting.app.workers import RemoteService
from handwriting.errors import UserError
from handwriting.feedback import FeedbackStore
from handwriting.feedback.metrics import ServingMetrics

logger = logging.getLogger(__name__)

FILES = {
    "app.webmanifest": ("manifest.json", "application/manifest+json"),
    "manifest.json": ("manifest.json", "application/manifest+json"),
    "worker.js": ("worker.js", "text/javascript"),
    "icon-192.png": ("icon-192.png", "image/png"),
    "icon-512.png": ("icon-512.png", "image/png"),
}
SWEEP_SECONDS = 600


@contextlib.contextmanager
def upload_folder() -> Iterator[Path]:
    """A folder of our own for everything that is uploaded; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="handwriting-")).resolve()
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(folder: Path, hours: float) -> int:
    """Remove what nobody has touched for so many hours; how many entries went."""
    oldest, removed = time.time() - hours * 3600, 0
    for entry in list(folder.iterdir()):
        with contextlib.suppress(OSError):
            if entry.stat().st_mtime < oldest:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
                removed += 1
    return removed


def open_desk(settings: Settings, uploads: Path, service=None) -> Desk:
    """The desk behind the pages.

    Args:
        service: instead of processes that read.
    """
    models = tuple(character_models(versions=False))
    if not models:
        raise UserError("no models: train one, or restore saved_models/ from the repository")
    store = FeedbackStore(settings.store) if settings.save else None
    desk = Desk(
        settings, service or RemoteService(settings), store, ServingMetrics(), uploads, models
    )
    if service is None:
        used = desk.versions.used
        desk.service.warm([used(model) for model in models], [used(LINE_MODEL)])
    return desk


def build_app(desk: Desk):
    """The ASGI application: interface, API, health, metrics and the guard before them all."""
    import gradio as gr
    from fastapi import FastAPI
    from fastapi.responses import FileResponse

    from handwriting.app.api import add_routes
    from handwriting.app.guard import Guard
    from handwriting.app.interface import HEAD, build_interface, theme

    settings = desk.settings
    app = FastAPI(title="Handwriting recognition", docs_url=None, redoc_url=None, openapi_url=None)
    add_routes(app, desk)
    for address, (name, kind) in FILES.items():
        send = partial(FileResponse, STATIC / name, media_type=kind)
        app.get(f"/{address}", response_class=FileResponse)(lambda send=send: send())
    blocks = build_interface(desk)
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        server_name=settings.host,
        server_port=settings.port,
        auth=settings.auth,
        root_path=settings.root_path or None,
        allowed_paths=[],
        show_error=True,
        max_file_size=settings.limits.bytes,
        footer_links=["api"],
        run_history=False,
        ssr_mode=False,
        pwa=True,
        favicon_path=str(STATIC / "icon-192.png"),
        theme=theme(),
        css_paths=[STATIC / "style.css"],
        head=HEAD,
        mcp_server=False,
        enable_monitoring=False,
    )
    # Mounted rather than launched, Gradio would take any path of the server for an upload.
    blocks.has_launched = True
    app.add_middleware(Guard, limits=settings.limits, uploads=desk.uploads)
    return app


def serve(settings: Settings) -> None:
    """Run until interrupted."""
    import uvicorn

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for name in ("httpx", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Uvicorn raises the signal again at its end: a plain SIGTERM would leave the uploads behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with upload_folder() as uploads:
        # Once more at the very end: a request that was cut off may still write into it, and a
        # second Ctrl-C skips what comes after the first.
        atexit.register(shutil.rmtree, uploads, ignore_errors=True)
        desk = open_desk(settings, uploads)
        app = build_app(desk)
        _start_sweeping(uploads, settings.hours)
        if settings.host not in LOCAL and settings.auth is None:
            logger.warning("open to everyone who reaches %s, without a password", settings.host)
        print(f"http://{settings.host}:{settings.port}", flush=True)
        try:
            uvicorn.run(
                app,
                host=settings.host,
                port=settings.port,
                log_level="warning",
                proxy_headers=True,
                server_header=False,
                timeout_graceful_shutdown=3,
            )
        finally:
            desk.service.stop()


def _start_sweeping(folder: Path, hours: float) -> None:
    def run() -> None:
        while True:
            time.sleep(SWEEP_SECONDS)
            sweep(folder, hours)

    threading.Thread(target=run, daemon=True).start()


def parse_arguments(arguments=None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", help="where to listen (127.0.0.1: this machine alone)")
    parser.add_argument("--port", type=int, help="7860")
    return parser.parse_args(arguments)


def main() -> int:
    args = parse_arguments()
    serve(from_environment(host=args.host, port=args.port))
    return 0
