"""What is measured of synthetic lines: held-out fonts, characters without a real example."""

import numpy as np
import pytest
from lines_toy import draw_text
from test_line_runs import EXPERIMENT, folders  # noqa: F401

from handwriting.lines import synthesis_effect
from handwriting.lines.charset import DEFAULT_CHARSET
from handwriting.lines.data import Line, LineSplit
from handwriting.lines.synthesis_effect import measure_synthesis, score_fonts, split_fonts
from handwriting.results import read_results


def _lines(count: int) -> LineSplit:
    rng = np.random.default_rng(5)
    texts = ("".join(rng.choice(list("abc"), 4)) for _ in range(count))
    return LineSplit(
        tuple(
            Line(draw_text(text, rng), text, "synthetic", "en", f"font{i % 7}")
            for i, text in enumerate(texts)
        )
    )


def test_no_font_is_on_both_sides():
    train, test = split_fonts(_lines(70))
    assert {line.writer for line in test} == {"font0", "font5"}
    assert len(train) + len(test) == 70
    assert not {line.writer for line in train} & {line.writer for line in test}


class ReadsA:
    """A network that reads one a in every line."""

    def predict_on_batch(self, images):
        frames = images.shape[2] // 4
        logits = np.zeros((len(images), frames, len(DEFAULT_CHARSET) + 1), np.float32)
        logits[:, 1:, DEFAULT_CHARSET.blank] = 9
        logits[:, 0, DEFAULT_CHARSET.encode("a")[0]] = 9
        return logits


def test_characters_without_real_example_are_counted_apart():
    lines = [
        Line(draw_text(text, np.random.default_rng(0)), text, "synthetic", "en", "font")
        for text in ("ab", "aac", "ca")
    ]
    scores = score_fonts(ReadsA(), lines, {"b", "c"}, 40)
    assert (scores["absent_n"], scores["absent_recall"]) == (4, 3 / 4)
    assert (scores["font_n"], scores["font_cer"]) == (3, 4 / 7)
    assert score_fonts(ReadsA(), lines, {"a", "b"}, 40)["absent_recall"] == 0


def test_a_share_that_is_known_is_not_trained_again(folders, monkeypatch):  # noqa: F811
    pool = _lines(14)
    monkeypatch.setattr(synthesis_effect, "cached_synthetic", lambda count, seed: pool)
    measure_synthesis(EXPERIMENT, (0.5,), cpu_minutes=0.001)
    rows = measure_synthesis(EXPERIMENT, (0.5, 1.0), cpu_minutes=0.001)
    assert rows["synthetic"].tolist() == [0.5, 1.0]
    assert rows["validation_n"].tolist() == pytest.approx([20, 20])
    assert read_results()["experiment"].tolist() == ["synthesis 0.5", "synthesis 1"]
