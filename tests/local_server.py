"""A web server on 127.0.0.1 for the download tests, with the bad manners of real ones."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What is served and how.

    Attributes:
        content: path without the slash -> bytes.
        drop_after: hang up after so many bytes of a body, for the first `drops` requests.
        ranges: answer Range requests with 206; else send everything again.
        requests: what was asked: (path, Range header or None).
    """

    content: dict = field(default_factory=dict)
    drop_after: int = 0
    drops: int = 0
    ranges: bool = True
    etag: str = '"one"'
    busy: int = 0
    redirect: dict = field(default_factory=dict)
    requests: list = field(default_factory=list)
    address: str = ""


@contextmanager
def serve(site: Site):
    """Serve `site` on a free port; its `address` ends in a slash."""
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.address = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self):
        site, name = self.site, self.path.lstrip("/")
        site.requests.append((name, self.headers.get("Range")))
        if site.busy:
            site.busy -= 1
            return self.send_error(503)
        if name in site.redirect:
            self.send_response(302)
            self.send_header("Location", site.redirect[name])
            return self.end_headers()
        if name not in site.content:
            return self.send_error(404)
        return self._send(site.content[name])

    def _send(self, body: bytes):
        start = self._start()
        if start >= len(body):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(body)}")
            return self.end_headers()
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(body) - start))
        if self.site.etag:
            self.send_header("ETag", self.site.etag)
        self.end_headers()
        return self.wfile.write(self._cut(body[start:]))

    def _start(self) -> int:
        """The first byte asked for; 0 where the server does not or may not go on."""
        asked = self.headers.get("Range")
        fits = self.headers.get("If-Range") in (None, self.site.etag)
        return int(asked[6:-1]) if asked and fits and self.site.ranges else 0

    def _cut(self, body: bytes) -> bytes:
        if not self.site.drops:
            return body
        self.site.drops -= 1
        self.close_connection = True
        return body[: self.site.drop_after]

    def log_message(self, *args):
        pass
