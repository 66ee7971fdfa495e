"""Settings of the web application, from the environment and the command line."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from handwriting.app.limits import Limits
from handwriting.errors import UserError
from handwriting.paths import outputs_dir

STATIC = Path(__file__).parent / "static"
LOCAL = ("127.0.0.1", "localhost", "::1")
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


@dataclass(frozen=True)
class Settings:
    """How the application runs; see `from_environment` for the variables.

    Attributes:
        host, port: where it listens; only this machine by default.
        root_path: the path before every address, where a proxy puts it at one.
        user, password: asked for when both are given.
        store: folder of the corrections.
        save: whether corrections can be saved at all.
        collect: keep every reading, not only what a person saves.
        operator: whether the Corrections tab shows what everyone saved, with export; a
            visitor otherwise sees and deletes only what the same browser saved.
        learn: whether the operator may have models learn from corrections.
        workers: processes that read lines and pages side by side, started when needed.
        hours: after which uploaded files are removed.
        limits: on one request.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    root_path: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    store: Path = field(default_factory=lambda: outputs_dir() / "feedback")
    save: bool = True
    collect: bool = False
    operator: bool = True
    learn: bool = True
    workers: int = 2
    hours: float = 6.0
    limits: Limits = field(default_factory=Limits)

    @property
    def auth(self) -> tuple[str, str] | None:
        return (self.user, self.password) if self.user else None

    def __post_init__(self):
        if bool(self.user) != bool(self.password):
            raise UserError("HANDWRITING_USER and HANDWRITING_PASSWORD: set both, or neither")
        if self.root_path and not self.root_path.startswith("/"):
            raise UserError(f"HANDWRITING_ROOT_PATH={self.root_path}: begin it with /")


def from_environment(
    environment: Mapping[str, str] | None = None, host: str | None = None, port: int | None = None
) -> Settings:
    """Settings from `HANDWRITING_*`; host and port of the command line win.

    HOST, PORT, ROOT_PATH, USER, PASSWORD, STORE, SAVE, COLLECT, OPERATOR, LEARN, WORKERS, HOURS,
    and for the limits MAX_MEGABYTES, MAX_MEGAPIXELS, MAX_PAGES, MAX_FILES, MAX_SECONDS,
    MAX_CHARACTER_SECONDS, MAX_WAITING. Without OPERATOR, the visitor of an application that
    listens on this machine alone is taken for its operator; LEARN is on there alone too.

    Raises:
        UserError: a value that cannot be.
    """
    environment = os.environ if environment is None else environment
    defaults = Settings(store=Path())
    values = {
        item.name: _value(environment, item.name, getattr(defaults, item.name))
        for item in fields(Settings)
        if item.name not in ("limits", "store")
    }
    values["host"], values["port"] = host or values["host"], port or values["port"]
    for name in ("operator", "learn"):
        if f"HANDWRITING_{name.upper()}" not in environment:
            values[name] = values["host"] in LOCAL and not values["root_path"]
    store = environment.get("HANDWRITING_STORE")
    values["store"] = Path(store).expanduser() if store else outputs_dir() / "feedback"
    values["root_path"] = values["root_path"].rstrip("/")
    return Settings(**values, limits=_limits(environment))


def _limits(environment: Mapping[str, str]) -> Limits:
    limits = Limits()
    values = {
        item.name: _value(environment, f"max_{item.name}", getattr(limits, item.name))
        for item in fields(Limits)
    }
    return replace(limits, **values)


def _value(environment: Mapping[str, str], name: str, default):
    variable = f"HANDWRITING_{name.upper()}"
    text = environment.get(variable)
    if text is None:
        return default
    if isinstance(default, bool):
        if text.lower() in _TRUE + _FALSE:
            return text.lower() in _TRUE
        raise UserError(f"{variable}={text}: write 1 or 0")
    try:
        value = type(default)(text)
    except ValueError:
        raise UserError(f"{variable}={text}: write a number") from None
    if not isinstance(value, str) and value <= 0:
        raise UserError(f"{variable}={text}: write a number above 0")
    return value
