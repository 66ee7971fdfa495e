"""The Characters tab: draw, upload or photograph one character."""

import base64
import binascii

import gradio as gr
import numpy as np
from PIL import Image

from handwriting.app.desk import Desk
from handwriting.app.parts import PRIVATE, path_only, source_of, static_text, with_messages
from handwriting.app.readings import CharacterReading
from handwriting.errors import UserError

PREFIX = "data:image/png;base64,"
# The drawing comes as a picture of 280 × 280 pixels: anything far larger is no drawing.
LONGEST_DRAWING = 1_000_000
SEEN_SCALE = 6
NO_READING = (None, None, None)
DRAWING_JS = (
    "(drawing, model) => [window.handwritingDrawing ? window.handwritingDrawing() : '', model]"
)


def drawing_bytes(text: str) -> bytes:
    """The PNG in a data address.

    Raises:
        UserError: it is none.
    """
    if not text.startswith(PREFIX) or len(text) > LONGEST_DRAWING:
        raise UserError("the drawing did not arrive; draw it again")
    try:
        return base64.b64decode(text[len(PREFIX) :], validate=True)
    except binascii.Error:
        raise UserError("the drawing did not arrive; draw it again") from None


def seen_picture(reading: CharacterReading) -> Image.Image:
    """The input of the model, dark on light, each pixel a square."""
    pixels = np.kron(255 - reading.seen, np.ones((SEEN_SCALE, SEEN_SCALE), np.uint8))
    return Image.fromarray(pixels.astype(np.uint8))


def outputs_of(reading: CharacterReading):
    """Values of the label, the picture of the input, and the state."""
    return dict(reading.top), seen_picture(reading), reading


def _picture_input() -> gr.Image:
    image = gr.Image(
        sources=["upload", "clipboard", "webcam"],
        type="filepath",
        image_mode=None,
        label="A picture of one character",
        height=420,
        webcam_options=gr.WebcamOptions(mirror=False),
        elem_id="character-picture",
    )
    return path_only(image)


class CharactersPage:
    """Handlers of the tab; each is a plain function of its inputs."""

    def __init__(self, desk: Desk):
        self.desk = desk

    def drawn(self, drawing: str, model: str):
        """Read the drawing as far as it is; an empty pad clears the answer."""
        if not drawing:
            return NO_READING
        try:
            return outputs_of(self.desk.read_character(drawing_bytes(drawing), model))
        except UserError as error:
            if "no writing" in str(error):
                return NO_READING
            raise

    def pictured(self, path: str | None, model: str):
        """Read an uploaded, pasted or photographed picture."""
        if not path:
            return NO_READING
        return outputs_of(self.desk.read_character(self.desk.upload(path, "the picture"), model))

    def save(self, reading: CharacterReading | None, text: str, visitor: str):
        """Keep the character with what it is; gives the emptied box and a line that says so."""
        if reading is None:
            raise UserError("draw or choose a character first")
        self.desk.save_character(reading, text or "", source_of(visitor))
        return "", f"Saved as “{text.strip()}”. Thank you."

    def collect(self, reading: CharacterReading | None, visitor: str) -> None:
        """Keep a reading without a correction, where the operator wants them all."""
        if reading is not None and self.desk.settings.collect and self.desk.store:
            self.desk.keep_character(reading, source_of(visitor))

    def choices(self):
        """The models by the versions that stand in for them."""
        used = self.desk.versions.used
        return gr.update(choices=[(used(model), model) for model in self.desk.models])

    def build(self, visitor: gr.State, tab: gr.Tab) -> gr.Dropdown:
        """Lay the tab out inside the current block; gives the choice of model.

        `tab` refreshes that when it is opened.
        """
        reading = gr.State(None, time_to_live=3600)
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=320), gr.Tabs():
                with gr.Tab("Draw"):
                    pad = gr.HTML(
                        html_template=static_text("canvas.html"),
                        js_on_load=static_text("canvas.js"),
                        elem_id="pad",
                    )
                    drawing = gr.Textbox(visible=False)
                with gr.Tab("Picture or camera"):
                    picture = _picture_input()
            with gr.Column(scale=4, min_width=300):
                model = gr.Dropdown(
                    list(self.desk.models), value=self.desk.models[0], label="Model"
                )
                label = gr.Label(num_top_classes=5, label="Read as", elem_id="answer")
                box, save, said = self._correction()
                gr.Markdown("What the model sees, 28 × 28 pixels:", elem_classes="quiet")
                seen = gr.Image(
                    format="png",
                    height=168,
                    width=168,
                    show_label=False,
                    interactive=False,
                    buttons=[],
                    elem_id="seen",
                )
        answer = [label, seen, reading]
        drawn, pictured = with_messages(self.drawn), with_messages(self.pictured)
        live = {"show_progress": "hidden", "trigger_mode": "always_last", "queue": False}
        pad.stroke(drawn, [drawing, model], answer, js=DRAWING_JS, **live, **PRIVATE)
        pad.clear(self.collect, [reading, visitor], None, queue=False, **PRIVATE)
        pad.clear(lambda: NO_READING, None, answer, queue=False, **PRIVATE)
        picture.change(pictured, [picture, model], answer, concurrency_limit=4, **PRIVATE).then(
            self.collect, [reading, visitor], None, **PRIVATE
        )
        model.input(drawn, [drawing, model], answer, js=DRAWING_JS, **live, **PRIVATE)
        keep = with_messages(self.save)
        for event in (save.click, box.submit):
            event(keep, [reading, box, visitor], [box, said], **PRIVATE)
        tab.select(self.choices, None, model, queue=False, **PRIVATE)
        return model

    def _correction(self):
        with gr.Row(visible=self.desk.store is not None, elem_id="correction"):
            box = gr.Textbox(
                label="That’s wrong, it is:", max_length=8, scale=3, min_width=140, elem_id="truth"
            )
            save = gr.Button("Save", scale=1, min_width=100, elem_id="save-character")
        said = gr.Markdown(elem_classes="quiet", sanitize_html=True)
        return box, save, said
