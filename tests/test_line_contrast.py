"""The language model less what the network's own labels repeat."""

import numpy as np
import pytest

from handwriting.finetune.language import extend_language_model
from handwriting.lines.charset import Charset
from handwriting.lines.decoding import BeamSettings, beam_search, decode, decode_texts
from handwriting.lines.decoding.contrast import RAREST, ContrastModel, contrasted
from handwriting.lines.decoding.tuning import tune
from handwriting.lines.language import NgramModel
from handwriting.lines.language.prior import bigram_prior

CHARSET = Charset(" ab")
TEXTS = ["ab", "ab", "ba", "aab"]


@pytest.fixture
def model() -> NgramModel:
    model = NgramModel.train([*TEXTS, "bb", "bbb ab"], CHARSET, order=3)
    model.prior = bigram_prior(TEXTS, CHARSET)
    return model


def test_the_prior_holds_the_pairs_of_the_labels():
    prior = np.exp(bigram_prior(TEXTS, CHARSET).astype(float))
    np.testing.assert_allclose(prior.sum(axis=1), 1, atol=5e-3)
    space, a, b, end = range(4)
    assert prior[end, a] > prior[end, b] > prior[end, space] > 0  # three lines of four begin with a
    assert prior[a, b] > prior[b, a] and prior[b, end] > prior[a, end]
    np.testing.assert_array_equal(bigram_prior([*TEXTS, "aé"], CHARSET), np.log(prior).astype("f2"))


def test_a_text_scores_what_the_definition_says(model):
    share, text = 0.5, "ab b"
    symbols = [*CHARSET.encode(text), len(CHARSET)]
    search, state, total = ContrastModel(model, share), model.start()[:, None], 0.0
    for symbol in symbols:
        gain, state = search.follow(state, np.array([symbol]))
        assert gain[0] <= 0
        total += gain[0]
    before = [len(CHARSET), *symbols[:-1]]
    prior = np.maximum(model.prior.astype(float)[before, symbols], RAREST) - RAREST
    assert total == pytest.approx(model.log_prob(text) - share * prior.sum(), abs=1e-9)


def test_a_contrast_gives_a_rare_pair_its_chance(model):
    logits = np.full((3, 4), -6.0)
    logits[0, 1:3] = 1.0, 0.8  # a, or b with almost the same right
    logits[1, 3] = 6.0
    logits[2, 2] = 6.0  # b
    texts = {
        share: decode_texts([logits], CHARSET, model, BeamSettings(alpha=1, beta=3, contrast=share))
        for share in (0.0, 1.0)
    }
    assert texts == {0.0: ["ab"], 1.0: ["bb"]}
    plain = beam_search(logits, CHARSET, model, BeamSettings(alpha=1, beta=3))
    assert plain[0].indices == (1, 2)


def test_confidence_is_judged_by_the_same_scores(model):
    logits = np.full((3, 4), -6.0)
    logits[0, 1:3] = 1.0, 0.8
    logits[1, 3] = 6.0
    logits[2, 2] = 6.0
    settings = BeamSettings(alpha=1, beta=3, contrast=1.0)
    read = decode(logits, CHARSET, model=model, settings=settings)
    best, other = beam_search(logits, CHARSET, model, settings)[:2]
    assert read.text == "bb" and CHARSET.decode(other.indices) == "ab"
    odds = np.exp(other.score - best.score)
    assert read.characters[0].confidence == pytest.approx(1 / (1 + odds), abs=0.02)


def test_without_a_prior_a_contrast_changes_nothing(model):
    model.prior = None
    assert contrasted(model, 0.5) is model
    assert contrasted(None, 0.5) is None
    with pytest.raises(ValueError, match="contrast"):
        BeamSettings(contrast=-0.1)


def test_the_prior_is_kept_in_the_file_and_for_new_characters(model, tmp_path):
    model.save(tmp_path / "some.npz")
    loaded = NgramModel.load(tmp_path / "some.npz")
    np.testing.assert_array_equal(loaded.prior, model.prior)
    wider = extend_language_model(loaded, Charset(" abé"), ["é"])
    kept = [0, 1, 2, 4]
    np.testing.assert_array_equal(wider.prior[np.ix_(kept, kept)], model.prior)
    assert (wider.prior[3] == RAREST).all() and (wider.prior[:, 3] == RAREST).all()
    model.prior = None
    assert extend_language_model(model, Charset(" abé"), ["é"]).prior is None


def test_tuning_finds_a_contrast_only_where_there_is_a_prior(model):
    logits = np.full((3, 4), -6.0)
    logits[0, 1:3] = 1.0, 0.9
    logits[1, 3] = 6.0
    logits[2, 2] = 6.0
    assert tune([logits], ["bb"], CHARSET, model, BeamSettings(alpha=1, beta=3)).alpha >= 0
    model.prior = None
    assert tune([logits], ["bb"], CHARSET, model).contrast == 0
