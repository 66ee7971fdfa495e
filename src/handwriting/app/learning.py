"""Learning from corrections, inside the Corrections tab: start, progress, accept, roll back."""

import gradio as gr

from handwriting.app.desk import Desk
from handwriting.app.learn.learner import Learner, missing
from handwriting.app.learn.run import BASES, DONE, RUNNING
from handwriting.app.learning_view import NAMES, run_view
from handwriting.app.parts import PRIVATE, with_messages
from handwriting.errors import UserError

HEADING = "### Learn from my corrections"
ABOUT = (
    "A new version of the model learns from all corrections kept here, in a process of its own "
    "while reading goes on. It is tried on corrections that it did not learn from and on a "
    "general test, and read with only after you accept it."
)
KINDS = {name: kind for kind, name in NAMES.items()}
MINUTES = 5
# How often the page asks how far it is, in seconds.
TICK = 2.0


class LearningPanel:
    """Handlers of the panel; each is a plain function of its inputs."""

    def __init__(self, desk: Desk, learner: Learner):
        self.desk = desk
        self.learner = learner

    def shown(self):
        """Values of everything in the panel, in the order of `build`'s `parts`."""
        run = self.learner.status()
        state = run.state if run else ""
        running = state == RUNNING
        waiting, acceptable = state == DONE, state == DONE and bool(run.version)
        return (
            self._counts(),
            gr.update(interactive=not running and not waiting),
            gr.update(visible=running),
            run_view(run, self.learner.places),
            gr.update(visible=acceptable),
            gr.update(visible=waiting),
            gr.Timer(active=running),
        )

    def _counts(self) -> str:
        counts = [f"{self.learner.corrected(kind)} {kind}" for kind in BASES]
        return f"Corrected so far: {' and '.join(counts)}. Twenty or more make a difference."

    def in_use(self):
        """Choices and values of the versions that are read with."""
        versions = self.desk.versions
        updates = []
        for base in BASES.values():
            used = versions.used(base)
            labels = [(_label(name), name) for name in versions.choices(base)]
            updates.append(gr.update(choices=labels, value=used))
        backs = [gr.update(visible=versions.used(base) != base) for base in BASES.values()]
        return (*updates, *backs)

    def start(self, kind: str, hand: str, minutes: float):
        """Begin; the panel then shows how far it is."""
        self.learner.start(KINDS.get(kind, str(kind)), hand or "", _number(minutes))
        return self.shown()

    def tick(self, last: str):
        """The panel again, while something goes on in it."""
        run = self.learner.status()
        now = "" if run is None else f"{run.id} {run.state} {run.changed}"
        return now, *([gr.skip()] * 7 if now == last else self.shown())

    def stop(self):
        self.learner.stop()
        return self.shown()

    def accept(self):
        """Accept; gives a line that says so."""
        name = self.learner.accept()
        return f"{name} is read with from now on.", *self.shown()

    def discard(self):
        self.learner.discard()
        return "Discarded; the models are as they were.", *self.shown()

    def use(self, name: str) -> str:
        """Read with another version."""
        self.desk.versions.use(name or "")
        return f"{_label(name)} is read with from now on."

    def roll_back(self, base: str) -> str:
        """Take the version in use out of use."""
        before = self.desk.versions.roll_back(base)
        return f"Rolled back: {_label(before)} is read with from now on."

    def build(self, tab: gr.Tab) -> None:
        """Lay the panel out inside the current block; `tab` refreshes it when it is opened."""
        said = gr.Markdown(elem_classes="quiet", elem_id="learn-said", render=False)
        parts, (kind, hand, minutes), buttons = self._learning()
        learn, stop, accept, discard = buttons
        *_, timer = parts
        said.render()
        used, backs = self._versions()
        in_use = [*used, *backs]
        last = gr.State("")

        tab.select(with_messages(self.shown), None, parts, **PRIVATE)
        tab.select(self.in_use, None, in_use, **PRIVATE)
        timer.tick(self.tick, last, [last, *parts], queue=False, show_progress="hidden", **PRIVATE)
        inputs = [kind, hand, minutes]
        learn.click(lambda: "", None, said, queue=False, **PRIVATE)
        learn.click(with_messages(self.start), inputs, parts, **PRIVATE)
        stop.click(with_messages(self.stop), None, parts, **PRIVATE)
        accepted = accept.click(with_messages(self.accept), None, [said, *parts], **PRIVATE)
        accepted.then(self.in_use, None, in_use, **PRIVATE)
        discard.click(with_messages(self.discard), None, [said, *parts], **PRIVATE)
        for box, back, base in zip(used, backs, BASES.values(), strict=True):
            use, roll = with_messages(self.use), with_messages(self.roll_back)
            box.input(use, box, said, **PRIVATE).then(self.in_use, None, in_use, **PRIVATE)
            back.click(lambda roll=roll, base=base: roll(base), None, said, **PRIVATE).then(
                self.in_use, None, in_use, **PRIVATE
            )

    def _learning(self):
        gr.Markdown(HEADING)
        gr.Markdown(ABOUT, elem_classes="quiet")
        counts = gr.Markdown(elem_id="learn-counts")
        with gr.Row(elem_id="learn-bar", equal_height=True):
            kind = gr.Radio(list(KINDS), value="Lines", label="What", scale=2, min_width=200)
            hand = gr.Textbox(
                "me", label="Whose hand", max_length=40, min_width=120, elem_id="learn-hand"
            )
            minutes = gr.Number(
                MINUTES, label="Minutes of processor time", minimum=0.1, min_width=120
            )
            learn = gr.Button("Learn", variant="primary", min_width=110, elem_id="learn")
        view = gr.HTML(elem_id="learn-view")
        with gr.Row(elem_id="learn-decide"):
            stop = gr.Button("Stop learning", size="md", visible=False, elem_id="learn-stop")
            accept = gr.Button(
                "Accept", variant="primary", size="md", visible=False, elem_id="learn-accept"
            )
            discard = gr.Button("Discard", size="md", visible=False, elem_id="learn-discard")
        timer = gr.Timer(TICK, active=False)
        parts = [counts, learn, stop, view, accept, discard, timer]
        return parts, (kind, hand, minutes), (learn, stop, accept, discard)

    def _versions(self):
        used, backs = [], []
        with gr.Row(elem_id="learn-versions"):
            for kind, base in BASES.items():
                with gr.Column(min_width=280):
                    used.append(
                        gr.Dropdown(
                            [(_label(base), base)],
                            value=base,
                            label=f"{NAMES[kind]} are read with",
                            elem_id=f"use-{kind}",
                        )
                    )
                    backs.append(
                        gr.Button(
                            "Roll back to the one before",
                            size="md",
                            visible=False,
                            elem_id=f"back-{kind}",
                        )
                    )
        return used, backs


def learning_panel(desk: Desk, tab: gr.Tab) -> bool:
    """Lay the panel out, where the operator allows it; whether there is any.

    Where this machine cannot learn, a line that says what to install takes its place.
    """
    if desk.learner is None:
        return False
    if reason := missing():
        gr.Markdown(HEADING)
        gr.Markdown(reason, elem_classes="quiet", elem_id="learn-missing")
        return True
    LearningPanel(desk, desk.learner).build(tab)
    return True


def _label(name: str) -> str:
    return f"{name} (as it came)" if name in BASES.values() else name


def _number(value) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise UserError("minutes: write a number") from None
