"""Kaggle serves data sets only to people with an account: find the key, or say how to get one."""

import contextlib
import importlib.util
import io
import json
import os
import shutil
import sys
from pathlib import Path

from handwriting.download.catalogue import DataSet
from handwriting.download.disk import disk_errors, make_folder
from handwriting.errors import UserError

SETTINGS = "https://www.kaggle.com/settings/api"


def credentials() -> str:
    """Where Kaggle credentials were found; an empty string without any.

    The same places as the `kaggle` package looks at, without importing it: its import
    signs in, makes folders, and prints its own help.

    Raises:
        UserError: `kaggle.json` is there but is not what Kaggle hands out.
    """
    if os.environ.get("KAGGLE_API_TOKEN"):
        return "KAGGLE_API_TOKEN"
    if os.environ.get("KAGGLE_USERNAME") and os.environ.get("KAGGLE_KEY"):
        return "KAGGLE_USERNAME and KAGGLE_KEY"
    for name in ("access_token", "access_token.txt", "credentials.json"):
        path = Path.home() / ".kaggle" / name
        if path.is_file() and path.stat().st_size:
            return str(path)
    return _legacy_key()


def _legacy_key() -> str:
    path = _config_folder() / "kaggle.json"
    if not path.is_file():
        return ""
    try:
        key = json.loads(path.read_text(encoding="utf-8"))
        if key["username"] and key["key"]:
            return str(path)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise UserError(
        f'{path}: not a Kaggle key ({{"username": …, "key": …}}); make a new one at {SETTINGS}'
    )


def _config_folder() -> Path:
    if os.environ.get("KAGGLE_CONFIG_DIR"):
        return Path(os.environ["KAGGLE_CONFIG_DIR"])
    home = Path.home() / ".kaggle"
    if home.exists():
        return home
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "kaggle"


def by_hand(data_set: DataSet, archive: Path) -> str:
    """The way without credentials, in half a sentence."""
    return (
        f"download https://www.kaggle.com/datasets/{data_set.archive.kaggle} in a browser, save it "
        f"as {archive} and run this command again: it is then unpacked"
    )


def fetch_kaggle(data_set: DataSet, archive: Path) -> None:
    """Fetch a data set's zip from Kaggle to `archive`; an interrupted one is gone on with.

    Raises:
        UserError: no credentials, no `kaggle` package, or Kaggle refuses.
    """
    hand = by_hand(data_set, archive)
    if not credentials():
        raise UserError(
            f"{data_set.name}: no Kaggle credentials; make a token at {SETTINGS} and save it as "
            f"~/.kaggle/access_token, or set KAGGLE_API_TOKEN to it; or {hand}"
        )
    if importlib.util.find_spec("kaggle") is None:
        raise UserError(
            f"{data_set.name}: install the kaggle package (pip install kaggle), or {hand}"
        )
    # The package keeps its own resumable file, named by the data set: give it a folder.
    folder = archive.with_name(f".{archive.stem}.kaggle")
    make_folder(folder)
    try:
        quiet = not sys.stderr.isatty()
        _sign_in().dataset_download_files(data_set.archive.kaggle, path=str(folder), quiet=quiet)
    except UserError as error:
        raise UserError(f"{data_set.name}: {error}; or {hand}") from error
    except (Exception, SystemExit) as error:
        raise UserError(f"{data_set.name}: {_refusal(error)}; or {hand}") from error
    with disk_errors(archive):
        os.replace(folder / f"{data_set.archive.kaggle.split('/')[1]}.zip", archive)
    shutil.rmtree(folder, ignore_errors=True)


def _sign_in():
    """The package's API object, signed in; its printed help is left out."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        from kaggle.api.kaggle_api_extended import KaggleApi

        api = KaggleApi()
        try:
            api.authenticate()
        except SystemExit as error:
            raise UserError(
                f"Kaggle does not accept the credentials in {credentials()}; make a new token at "
                f"{SETTINGS}"
            ) from error
    return api


def _refusal(error: BaseException) -> str:
    """One line for whatever the package or the network raises; 401 and 403 in plain words."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return (
            f"Kaggle refuses the credentials in {credentials()} ({status}); make a new token at "
            f"{SETTINGS}, and open the data set's page once while signed in"
        )
    cause = " ".join(str(error).split())[:200] or type(error).__name__
    return f"the download from Kaggle failed ({cause})"
