"""Learning in no time, as a process like the real one: `python fake_learning.py STORE MODELS ID`.

What it does is in the file `plan` in the models folder: `reason` refuses with a `UserError`, `fail`
breaks, `refused` does not pass the check, and `wait` names two pipes, written to when it is in
the middle and read before it goes on.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
from lines_toy import write_line_model
from toy import build_onnx, write_model

from handwriting.app.learn.worker import work
from handwriting.cards import card_path, read_card
from handwriting.errors import UserError
from handwriting.finetune import ChangedExample, FinetuneResult
from handwriting.finetune.versions import discard, keep_version, new_folder, new_name


def learn(base, data, *, user, minutes, progress):
    """Takes and gives what `finetune_lines` does."""
    plan_file = card_path(base).parent / "plan"
    plan = json.loads(plan_file.read_text()) if plan_file.is_file() else {}
    progress(0.0, "reading corrections")
    if "reason" in plan:
        raise UserError(plan["reason"])
    if "fail" in plan:
        raise ZeroDivisionError("secret detail")
    card = read_card(base)
    progress(0.4, "learning")
    if "wait" in plan:
        reached, go_on = plan["wait"]
        Path(reached).write_text("in the middle")
        os.read(os.open(go_on, os.O_RDONLY), 2)
    name = "" if "refused" in plan else _write_version(card, user)
    image = np.full((64, 90) if card.task == "lines" else (28, 28), 40, np.uint8)
    return FinetuneResult(
        name,
        card.name,
        *("CER", 0.2, np.float32(0.125), 0.05, 0.05),
        accepted=not plan.get("refused"),
        reason="refused, no better on <i>held-out</i>" if "refused" in plan else "accepted",
        changed_examples=(ChangedExample(image, "<b>cab</b>", "cob", "<b>cab</b>"),),
        learned=len(list(data.rglob("*.png"))) if data.is_dir() else data.stat().st_size,
        held_out=4,
        general=30,
        notes=("general test: made up",),
        cpu_minutes=0.1,
    )


def _write_version(card, user: str) -> str:
    name = new_name(card.name, user)
    with new_folder() as folder:
        if card.task == "lines":
            new = write_line_model(folder, name)
        else:
            new = write_model(folder, build_onnx(), name)
        keep_version(folder, new)
    discard(folder)
    return name


if __name__ == "__main__":
    store, models, id = sys.argv[1:]
    sys.exit(work(Path(store), Path(models), id, lambda kind: learn))
