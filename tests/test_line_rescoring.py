"""Weighing the texts of a beam anew: by hand-made scores, and from logits to the card."""

from dataclasses import replace

import numpy as np
import pytest
from test_decoding import ABC, Bigrams, random_logits, spikes

from handwriting.lines.charset import Charset
from handwriting.lines.decoding import (
    BeamSettings,
    Hypothesis,
    Rescorer,
    RescoringSettings,
    beam_search_all,
    decode_all,
    decode_texts,
)
from handwriting.lines.decoding.rescoring import FOREIGN
from handwriting.lines.decoding.rescoring_tuning import tune_rescoring


class Likes:
    """log r of a text is what a table says, or -9."""

    def __init__(self, charset: Charset, **table: float):
        self.charset, self.table = charset, table
        self.asked: list[str] = []

    def list_log_probs(self, lists, memory):
        texts = [self.charset.decode(text) for own in lists for text in own]
        self.asked += texts
        return np.array([self.table.get(text, -9.0) for text in texts])


def beam(*texts: tuple[str, float, float]) -> list[Hypothesis]:
    return [Hypothesis(tuple(ABC.encode(text)), score, image) for text, score, image in texts]


def words(found: list[Hypothesis]) -> list[str]:
    return [ABC.decode(text.indices) for text in found]


def test_the_new_score_is_the_sum_that_the_definition_says():
    settings = RescoringSettings(own=0.5, weight=0.4, bonus=1.5)
    rescorer = Rescorer(Likes(ABC, ab=-2.0, b=-1.0), settings)
    ranked = rescorer.rank([beam(("ab", -3.0, -1.0), ("b", -4.0, -1.5))])[0]
    scores = {"ab": -1 + 0.5 * -2 + 0.4 * -2 + 3, "b": -1.5 + 0.5 * -2.5 + 0.4 * -1 + 1.5}
    assert words(ranked) == sorted(scores, key=scores.get, reverse=True)
    assert [text.score for text in ranked] == pytest.approx(sorted(scores.values(), reverse=True))
    assert [text.log_probability for text in ranked] == [-1.0, -1.5]


def test_the_model_turns_the_order_of_each_line_by_itself():
    rescorer = Rescorer(Likes(ABC, b=0.0), RescoringSettings(weight=1.0))
    doubtful, sure = beam(("a", -1.0, -1), ("b", -2.0, -2)), beam(("c", -0.1, -0.1))
    assert [words(found) for found in rescorer.rank([doubtful, sure, doubtful])] == [
        ["b", "a"],
        ["c"],
        ["b", "a"],
    ]
    assert "c" not in rescorer.model.asked, "where there is one text, nobody is asked"
    assert rescorer.rank([]) == []


def test_only_texts_in_reach_are_weighed():
    found = beam(("a", 0.0, 0), ("b", -1.0, -1), ("c", -7.0, -7))
    likes = Likes(ABC, c=50.0, b=9.0)
    for settings in (
        RescoringSettings(weight=1.0, margin=5),
        RescoringSettings(weight=1.0, texts=2),
    ):
        assert words(Rescorer(likes, settings).rank([found])[0]) == ["b", "a"]
    assert words(Rescorer(likes, RescoringSettings(weight=1.0)).rank([found])[0])[0] == "c"


def test_characters_that_the_model_does_not_know_do_not_decide():
    wider = ABC.union("é")
    texts = [
        Hypothesis(tuple(wider.encode(text)), score, score)
        for text, score in (("aé", -1.0), ("ab", -2.0))
    ]
    rescorer = Rescorer(Likes(ABC, a=-3.0, ab=-3.0 + FOREIGN), RescoringSettings(weight=1.0))
    ranked = rescorer.rank([texts])[0]
    assert [wider.decode(text.indices) for text in ranked] == ["aé", "ab"]
    assert ranked[0].score - ranked[1].score == pytest.approx(1.0)


def test_decoding_reads_the_text_that_was_chosen():
    logits = spikes("a_b_", ABC, sure=2.0)
    logits[2, ABC.encode("c")[0]] = logits[2, ABC.encode("b")[0]] - 0.3
    assert decode_all([logits], ABC)[0].text == "ab"
    rescorer = Rescorer(Likes(ABC, ac=0.0), RescoringSettings(weight=1.0))
    chosen = decode_all([logits], ABC, rescorer=rescorer)[0]
    assert chosen.text == "ac" == "".join(c.text for c in chosen.characters)
    assert "ab" in dict(chosen.words[0].alternatives)
    assert decode_texts([logits], ABC, None, BeamSettings(), rescorer) == ["ac"]


def test_a_weight_of_nothing_keeps_the_search_s_order():
    logits = [random_logits(seed, 12) for seed in range(6)]
    found = beam_search_all(logits, ABC, Bigrams(ABC, 0))
    ranked = Rescorer(Likes(ABC), RescoringSettings()).rank(found)
    for before, after in zip(found, ranked, strict=True):
        assert after[0].indices == before[0].indices


def test_tuning_turns_to_a_model_that_helps_and_from_one_that_does_not():
    lists = [beam(("ab", -1.0, -0.5), ("ac", -1.5, -0.6), ("b", -1.6, -0.7))] * 8
    good, bad = Likes(ABC, ac=0.0), Likes(ABC, b=0.0)
    tuned = tune_rescoring(lists, ["ac"] * 8, ABC, Rescorer(good, RescoringSettings(texts=3)))
    assert tuned.weight > 0 and tuned.texts == 3
    assert words(Rescorer(good, tuned).rank(lists)[0])[0] == "ac"
    kept = tune_rescoring(lists, ["ab"] * 8, ABC, Rescorer(bad, RescoringSettings()))
    assert kept == RescoringSettings(), "nothing is better than the search's own order"
    with pytest.raises(ValueError, match="cannot be tuned"):
        tune_rescoring(lists, ["ab"], ABC, Rescorer(bad, RescoringSettings()))


@pytest.mark.parametrize("wrong", [{"texts": 0}, {"memory": 0}, {"own": -0.1}, {"weight": -1.0}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError):
        replace(RescoringSettings(), **wrong)
