"""Fetch one file over HTTP: resumed where it broke off, checked, and renamed only when right."""

import http.client
import os
import ssl
import time
import urllib.error
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from handwriting.download.disk import (
    disk_errors,
    make_folder,
    megabytes,
    need_space,
    set_aside,
)
from handwriting.download.part import Part
from handwriting.download.transfer import require_web, transfer
from handwriting.errors import UserError

# Worth another try: the server is busy or restarting, or the connection broke.
BUSY = {408, 425, 429, 500, 502, 503, 504}
# An OSError is the network's: those of the disk are UserErrors by then.
DROPPED = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Patience:
    """How long to try: seconds without a byte, tries without progress, first pause in seconds."""

    timeout: float = 30.0
    tries: int = 5
    pause: float = 1.0


def fetch(
    url: str,
    target: Path,
    problem: Callable[[Path], str],
    size: int = 0,
    patience: Patience = Patience(),
) -> None:
    """Fetch `url` to `target`; whatever goes wrong, a file already at `target` stays.

    Args:
        problem: says what is wrong with a finished download, or an empty string.
        size: bytes expected, to check the free space first; 0 where not known.

    Raises:
        UserError: the address, the network, the disk or the content is wrong. Content that
            fails the check is kept as `NAME.broken`.
    """
    require_web(url)
    make_folder(target.parent)
    part = Part(target)
    need_space(target.parent, size - part.size())
    resumed = _fetch_part(url, part, patience)
    wrong = problem(part.path)
    if wrong and resumed:
        # The old half may belong to another version of the file: once more, from the start.
        part.discard()
        _fetch_part(url, part, patience)
        wrong = problem(part.path)
    if wrong:
        _reject(url, target, part, wrong)
    _put_in_place(part, target)


def _reject(url: str, target: Path, part: Part, wrong: str) -> None:
    broken = target.with_name(target.name + ".broken")
    with disk_errors(target):
        os.replace(part.path, broken)
        part.note.unlink(missing_ok=True)
    raise UserError(
        f"{target}: the download from {url} is not the published file: {wrong}; it is kept as "
        f"{broken.name}; run the command again later, or fetch the file by hand"
    )


def _put_in_place(part: Part, target: Path) -> None:
    if target.exists():
        set_aside(target, "old")
    with disk_errors(target):
        os.replace(part.path, target)
        part.note.unlink(missing_ok=True)


def _fetch_part(url: str, part: Part, patience: Patience) -> bool:
    """Fill the part, trying again while it grows; True if older bytes were built upon."""
    failures, most, resumed = 0, part.size(), part.size() > 0
    while True:
        try:
            continued = transfer(url, part, patience.timeout)
            return resumed and continued
        except DROPPED as error:
            cause = _permanent(url, error)
            if cause:
                raise UserError(cause) from error
            failures = 1 if part.size() > most else failures + 1
            most = max(most, part.size())
            if failures >= patience.tries:
                raise UserError(_gave_up(url, part, error)) from error
            time.sleep(patience.pause * 2 ** (failures - 1))


def _permanent(url: str, error: Exception) -> str:
    """The message for an error that another try cannot mend; empty for one that it may."""
    if isinstance(error, urllib.error.HTTPError) and error.code not in BUSY:
        return (
            f"{url}: the server answers {error.code} {error.reason}; the address may have moved: "
            "fetch the file by hand (see data/README.md)"
        )
    if isinstance(getattr(error, "reason", error), ssl.SSLCertVerificationError):
        return f"{url}: the server's certificate is not valid; check the clock and the proxy"
    return ""


def _gave_up(url: str, part: Part, error: Exception) -> str:
    cause = str(getattr(error, "reason", "") or error or type(error).__name__)
    kept = f"{megabytes(part.size())} are kept, " if part.size() else ""
    return (
        f"{url}: the connection failed ({' '.join(cause.split())}); {kept}run the command again "
        "to go on, or fetch the file by hand (see data/README.md)"
    )
