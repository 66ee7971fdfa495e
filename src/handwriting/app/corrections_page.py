"""The Corrections tab: what was collected, how good the readings were, export, deletion."""

import shutil
import tempfile
from html import escape
from importlib.util import find_spec
from pathlib import Path

import gradio as gr

from handwriting.app.desk import Desk
from handwriting.app.learning import learning_panel
from handwriting.app.parts import PRIVATE, source_of, with_messages
from handwriting.errors import UserError
from handwriting.feedback import Item

ROWS = 200
# Serving needs no pyarrow; without it lines are a folder of pictures and texts.
LINES_NAME = "lines.parquet" if find_spec("pyarrow") else "lines"
HEADERS = ["Time (UTC)", "Kind", "Read as", "Corrected to", "Confidence", "Model"]
KEPT = (
    "**What is kept.** Pressing a Save button keeps the picture of that character or line, what "
    "the model read, what you wrote, the model’s name, the time, and a random name of this "
    "browser, so that you can delete it again. Nothing else is kept."
)
COLLECTING = (
    "**The operator of this server has every reading kept**, corrected or not: the picture of "
    "each character or line and what the model read."
)


class CorrectionsPage:
    """Handlers of the tab; each is a plain function of its inputs."""

    def __init__(self, desk: Desk):
        self.desk = desk

    def table(self, visitor: str) -> list[list[str]]:
        """The newest readings, newest first: everyone's for the operator, else the visitor's."""
        newest = list(self._items(visitor))[-ROWS:]
        return [_row(item) for item in reversed(newest)]

    def counts(self, visitor: str) -> str:
        """How much is kept, in a sentence."""
        if self.desk.store is None:
            return "This server keeps no corrections."
        if not self.desk.settings.operator:
            items = list(self._items(visitor))
            corrected = sum(item.correction is not None for item in items)
            return f"From this browser: **{len(items)}** readings, **{corrected}** corrected."
        counts = self.desk.store.counts()
        megabytes = counts["bytes"] / 1e6
        return (
            f"**{counts['readings']}** readings kept, **{counts['corrected']}** of them with a "
            f"correction; {counts['images']} pictures, {megabytes:.1f} MB."
        )

    def plots(self):
        """Accuracy and confidence over time as pictures; none where too little was kept."""
        if not find_spec("matplotlib"):
            return [gr.update(visible=False)] * 2
        from handwriting.app.charts import store_charts  # matplotlib: slow to import

        charts = store_charts(self._kept())
        return [gr.update(value=chart, visible=chart is not None) for chart in charts]

    def export(self) -> str:
        """A ZIP: lines as one file or folder, characters as a folder for each class."""
        from handwriting.feedback.export import export_characters, export_lines

        if not self.desk.settings.operator:
            raise UserError("only the operator of this server can export")
        store = self._kept()
        if not store.counts()["corrected"]:
            raise UserError("nothing was corrected yet")
        folder = Path(tempfile.mkdtemp(prefix="export-", dir=self.desk.uploads))
        target = folder / "training"
        target.mkdir()
        kinds = store.counts()["kinds"]
        if kinds.get("line", {}).get("corrected"):
            export_lines(store, target / LINES_NAME)
        if kinds.get("character", {}).get("corrected"):
            export_characters(store, target / "characters")
        archive = shutil.make_archive(str(folder / "handwriting-training"), "zip", target)
        shutil.rmtree(target)
        return archive

    def delete(self, sure: bool, visitor: str) -> tuple[str, bool]:
        """Delete what this browser saved."""
        if not sure:
            raise UserError("tick the box first: what is deleted cannot be brought back")
        source = source_of(visitor)
        if ":" not in source:
            raise UserError("this browser has no name yet; load the page again")
        count = self._kept().delete(source=source)
        if self.desk.learner is not None:
            self.desk.learner.forget_deleted()
        return f"{count} readings deleted.", False

    def _items(self, visitor: str):
        if self.desk.store is None:
            return iter(())
        if self.desk.settings.operator:
            return self.desk.store.items()
        return self.desk.store.items(source=source_of(visitor))

    def _kept(self):
        if self.desk.store is None:
            raise UserError("this server keeps no corrections; its operator can change that")
        return self.desk.store

    def build(self, visitor: gr.State, tab: gr.Tab) -> None:
        """Lay the tab out inside the current block; `tab` refreshes it when it is opened."""
        operator = self.desk.settings.operator
        counts = gr.Markdown(elem_id="counts")
        gr.Markdown(COLLECTING if self.desk.settings.collect else KEPT, elem_classes="quiet")
        if self.desk.store is None:
            tab.select(self.counts, visitor, counts, **PRIVATE)
            return
        table = gr.HTML(elem_id="kept")
        with gr.Row(visible=operator, elem_id="kept-charts"):
            charts = [_chart(name) for name in ("Accuracy over time", "Confidence over time")]
        with gr.Row(elem_id="kept-bar"):
            refresh = gr.Button("Refresh", size="md", min_width=110)
            export = gr.Button(
                "Export as training data", size="md", visible=operator, elem_id="export"
            )
            sure = gr.Checkbox(label="Yes, delete what this browser saved", min_width=260)
            delete = gr.Button(
                "Delete my data", variant="stop", size="md", min_width=140, elem_id="delete"
            )
        archive = gr.File(
            label="Training data", visible=False, interactive=False, elem_id="archive"
        )
        said = gr.Markdown(elem_classes="quiet")
        learning_panel(self.desk, tab)

        for event in (tab.select, refresh.click):
            event(self._shown, visitor, [counts, table], **PRIVATE)
            if operator:
                event(with_messages(self.plots), None, charts, **PRIVATE)
        export.click(
            with_messages(lambda: gr.update(value=self.export(), visible=True)),
            None,
            archive,
            **PRIVATE,
        )
        delete.click(with_messages(self.delete), [sure, visitor], [said, sure], **PRIVATE).then(
            self._shown, visitor, [counts, table], **PRIVATE
        )

    def _shown(self, visitor: str):
        return self.counts(visitor), _table_view(self.table(visitor))


def _chart(name: str) -> gr.Image:
    return gr.Image(
        format="png", label=name, show_label=False, alt_text=name, visible=False, buttons=[]
    )


def _table_view(rows: list[list[str]]) -> str:
    """As HTML; every text is escaped. On a phone each cell has its heading before it."""
    if not rows:
        return ""
    head = "".join(f"<th>{name}</th>" for name in HEADERS)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-name="{name}">{escape(text)}</td>'
            for name, text in zip(HEADERS, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(item: Item) -> list[str]:
    confidence = "" if item.confidence != item.confidence else f"{item.confidence:.0%}"
    moment = item.time.strftime("%Y-%m-%d %H:%M")
    return [moment, item.kind, item.prediction, item.correction or "", confidence, item.model]
