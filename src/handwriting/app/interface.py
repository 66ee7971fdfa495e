"""The page in the browser: three tabs, and the endpoints for programs."""

import os

# Before Gradio is imported: nothing is reported to anyone.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

import gradio as gr

from handwriting.app.api import Api
from handwriting.app.characters_page import CharactersPage
from handwriting.app.corrections_page import CorrectionsPage
from handwriting.app.desk import Desk
from handwriting.app.pages_page import PagesPage
from handwriting.app.parts import PRIVATE, VISITOR_JS

TITLE = "Handwriting recognition"
HEADING = (
    '<div class="title"><h1>Handwriting recognition</h1>'
    "<p>Draw, upload or photograph it; read, correct and download the text.</p></div>"
)
# The fonts that the visitor's system has: none is fetched from anywhere.
FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
MONOSPACED = ["ui-monospace", "Menlo", "Consolas", "monospace"]
# Relative addresses, so that the page works at a sub-path too. The style is here because Gradio
# keeps style sheets to what lies inside its margins.
HEAD = """
<link rel="manifest" href="./app.webmanifest">
<link rel="apple-touch-icon" href="./icon-192.png">
<meta name="theme-color" content="#1d4ed8">
<style>
@media (max-width: 760px) { .gradio-container > .main { padding: 0.75rem !important; } }
</style>
<script>
if ("serviceWorker" in navigator) navigator.serviceWorker.register("./worker.js").catch(() => {});
</script>
"""


def theme() -> gr.themes.Base:
    return gr.themes.Default(
        primary_hue="blue", neutral_hue="slate", font=FONTS, font_mono=MONOSPACED
    )


def build_interface(desk: Desk) -> gr.Blocks:
    """The whole interface over a desk."""
    with gr.Blocks(title=TITLE, analytics_enabled=False) as blocks:
        # `gr.State` never leaves the server; the name comes from the browser, once.
        visitor = gr.State("")
        name = gr.Textbox(visible=False)
        gr.HTML(HEADING)
        with gr.Tabs():
            with gr.Tab("Characters") as tab:
                characters = CharactersPage(desk)
                model = characters.build(visitor, tab)
            with gr.Tab("Lines and pages"):
                PagesPage(desk).build(visitor)
            with gr.Tab("Corrections") as tab:
                CorrectionsPage(desk).build(visitor, tab)
        Api(desk).build()
        blocks.load(lambda text: text, name, visitor, js=VISITOR_JS, queue=False, **PRIVATE)
        blocks.load(characters.choices, None, model, queue=False, **PRIVATE)
    blocks.queue(max_size=desk.settings.limits.waiting + 50, default_concurrency_limit=8)
    return blocks
