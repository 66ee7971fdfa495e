"""One HTTP connection: ask for the bytes that are missing and append them."""

import os
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from handwriting.download.disk import disk_errors, open_file, progress, read_chunks
from handwriting.download.part import Part
from handwriting.errors import UserError

# NIST's server answers 403 to the name that urllib gives by itself.
USER_AGENT = "handwriting-download/1.0"


class _WebOnly(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, request, stream, code, message, headers, url):
        require_web(url)
        return super().redirect_request(request, stream, code, message, headers, url)


def require_web(url: str) -> None:
    """Refuse `file:`, `ftp:` and the like, also as the goal of a redirect."""
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise UserError(f"{url}: only http and https addresses are fetched")


def transfer(url: str, part: Part, timeout: float) -> bool:
    """One connection: ask for the missing bytes and append them.

    Returns:
        Whether the server went on from the bytes that were there.

    Raises:
        ConnectionError: the body ended early.
    """
    request = urllib.request.Request(url, headers={"User-Agent": USER_AGENT})
    start, validator = part.size(), part.validator(url)
    if start and validator:
        request.add_header("Range", f"bytes={start}-")
        request.add_header("If-Range", validator)
    opener = urllib.request.build_opener(_WebOnly)
    try:
        response = opener.open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        if error.code != 416:
            raise
        # Nothing lies beyond these bytes: all is there, or they are not of this file.
        if error.headers.get("Content-Range", "").endswith(f"/{start}"):
            return True
        part.discard()
        raise ConnectionError("the server refused to go on; starting over") from error
    with response:
        return _receive(response, url, part, start)


def _receive(response, url: str, part: Part, start: int) -> bool:
    continued = response.status == 206 and _first_byte(response) == start
    if response.status == 206 and not continued:
        part.discard()
        raise ConnectionError("the server sent another piece than asked for")
    if not continued:
        part.begin(url, response.headers)
        start = 0
    length = response.headers.get("Content-Length", "")
    total = start + int(length) if length.isdigit() else 0
    with progress(total, part.path.name.removesuffix(".part")) as bar:
        bar.update(start)
        _append(response, part.path, bar)
    # http.client ends quietly when the other side hangs up in the middle.
    if total and part.size() < total:
        raise ConnectionError(f"the connection was dropped at {part.size():,} of {total:,} bytes")
    return continued


def _append(response, path: Path, bar) -> None:
    with open_file(path, "ab") as out:
        for chunk in read_chunks(response):
            with disk_errors(path):
                out.write(chunk)
            bar.update(len(chunk))
        with disk_errors(path):
            out.flush()
            os.fsync(out.fileno())


def _first_byte(response) -> int:
    """The start of `Content-Range: bytes 100-199/200`; -1 if there is none."""
    words = response.headers.get("Content-Range", "").replace("-", " ").split()
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else -1
