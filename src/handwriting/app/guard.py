"""A guard before the web framework: bodies that are too big, and addresses where files belong.

Gradio fetches a web address that a program names in place of an uploaded file, and serves
`file=http://…` likewise. This server fetches nothing for anyone.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from handwriting.app.limits import MEGABYTE, Limits

# A drawing, or the texts of a long page: what is larger is no request of the interface.
JSON_BYTES = 4 * MEGABYTE
# Room for the frame of an upload besides the files.
FRAME_BYTES = MEGABYTE
# Of Gradio, and nothing the application uses: each has the server fetch or publish something.
CLOSED = re.compile(
    r"/gradio_api/(proxy=|deep_link|run-history|runs|stream/|component_server|custom_component)"
    r"|/monitoring|/svelte/"
)
ADDRESS = re.compile(r"^\s*[a-z][a-z0-9+.-]*:", re.IGNORECASE)
DEEPEST = 50


class TooBigError(Exception):
    """A body beyond its limit."""


class Guard:
    """ASGI middleware.

    Args:
        app: the application behind it.
        uploads: the only folder whose files a request may name.
    """

    def __init__(self, app, limits: Limits, uploads: Path):
        self.app = app
        self.limits = limits
        self.uploads = uploads.resolve()

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        refusal = self._refuse_path(scope["path"])
        if refusal:
            return await refusal(scope, receive, send)
        limit, is_json = self._limit(scope)
        if int(Headers(scope=scope).get("content-length") or 0) > limit:
            return await _too_big(limit)(scope, receive, send)
        receive = _counted(receive, limit)
        try:
            if is_json:
                body = await _read_body(receive)
                if not self._is_safe(body):
                    return await _no_file()(scope, receive, send)
                receive = _replayed(body, receive)
            await self.app(scope, receive, send)
        except TooBigError:
            await _too_big(limit)(scope, receive, send)

    def _refuse_path(self, path: str) -> JSONResponse | None:
        path = unquote(path)
        if CLOSED.search(path):
            return _answer(404, "not found")
        _, named, file = path.partition("/gradio_api/file=")
        if named and not self._is_upload(file):
            return _answer(403, "no such file")
        return None

    def _limit(self, scope) -> tuple[int, bool]:
        """The most bytes of the body, and whether it may name files."""
        if scope["method"] not in ("POST", "PUT", "PATCH"):
            return FRAME_BYTES, False
        if scope["path"].rstrip("/").endswith("/upload"):
            return self.limits.files * self.limits.bytes + FRAME_BYTES, False
        if scope["path"].rstrip("/").endswith("/login"):
            return FRAME_BYTES, False
        return JSON_BYTES, True

    def _is_safe(self, body: bytes) -> bool:
        if not body.strip():
            return True
        try:
            values = json.loads(body)
        except (ValueError, RecursionError):
            return False
        return all(self._is_upload(path) for path in _paths(values))

    def _is_upload(self, path) -> bool:
        if not isinstance(path, str) or ADDRESS.match(path) or "\0" in path:
            return False
        try:
            real = Path(path).resolve()
        except (OSError, RuntimeError, ValueError):
            return False
        return real.is_relative_to(self.uploads) and not Path(path).is_symlink()


def _paths(values, depth: int = 0) -> Iterator[object]:
    """Every `path` of an object that is a file to Gradio; deep nesting is none of its requests."""
    if depth > DEEPEST:
        yield None
        return
    if isinstance(values, dict):
        if "path" in values:
            yield values["path"]
        values = values.values()
    if isinstance(values, (list, tuple)) or not isinstance(values, (str, int, float, type(None))):
        for value in values:
            yield from _paths(value, depth + 1)


def _counted(receive, limit: int):
    seen = 0

    async def counted():
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooBigError
        return message

    return counted


async def _read_body(receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _replayed(body: bytes, receive):
    done = False

    async def replayed():
        nonlocal done
        if done:
            return await receive()
        done = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _answer(status: int, text: str) -> JSONResponse:
    return JSONResponse({"error": text, "detail": text}, status)


def _too_big(limit: int) -> JSONResponse:
    return _answer(413, f"the request is larger than {limit / MEGABYTE:.0f} MB")


def _no_file() -> JSONResponse:
    return _answer(400, "name a file that was uploaded here; addresses are not fetched")
