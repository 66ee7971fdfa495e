"""Parts that several pages of the interface share."""

import html
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

import gradio as gr

from handwriting.app.settings import STATIC
from handwriting.errors import UserError

# Set by a script in the page: an unguessable name for this browser, kept by the browser.
VISITOR_JS = """() => {
  let name = null;
  try { name = localStorage.getItem("handwriting-visitor"); } catch (error) {}
  if (!/^[0-9a-f]{32}$/.test(name || "")) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    name = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    try { localStorage.setItem("handwriting-visitor", name); } catch (error) {}
  }
  return name;
}"""
PRIVATE = {"api_visibility": "private"}


def static_text(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def path_only(component):
    """Let a component that takes files hand over their paths, unread and undecoded.

    What it would do itself, such as decoding pictures, happens in this process and without
    our limits.
    """

    def preprocess(payload):
        if payload is None:
            return None
        if isinstance(payload, list) or hasattr(payload, "root"):
            return [item.path for item in payload]
        return payload.path

    component.preprocess = preprocess
    return component


@contextmanager
def messages(as_html: bool = True) -> Iterator[None]:
    """Show a `UserError` as a message; the page takes its text for HTML, programs do not."""
    try:
        yield
    except UserError as error:
        text = html.escape(str(error)) if as_html else str(error)
        raise gr.Error(text, duration=12, print_exception=False) from None


def with_messages(function: Callable, as_html: bool = True) -> Callable:
    """`function` inside `messages`."""

    @wraps(function)
    def wrapper(*args, **kwargs):
        with messages(as_html):
            return function(*args, **kwargs)

    return wrapper


def source_of(visitor: str) -> str:
    """The name under which the store keeps what a browser sends."""
    name = "".join(c for c in str(visitor or "")[:32] if c in "0123456789abcdef")
    return f"web:{name}" if len(name) == 32 else "web"
