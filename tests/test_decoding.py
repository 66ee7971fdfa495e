"""Decoding against sums over every alignment there is, and against hand-made cases."""

import doctest
from itertools import pairwise, product

import numpy as np
import pytest

from handwriting.lines.charset import Charset
from handwriting.lines.decoding import (
    BeamSettings,
    Calibration,
    Character,
    ConfidenceScale,
    Decoded,
    Word,
    align,
    apply_confidence,
    beam_search,
    beam_search_all,
    decode,
    decode_all,
    extents,
    fit_confidence,
    frames,
    greedy,
    log_probabilities,
    words,
)
from handwriting.lines.decoding.edits import single_edits
from handwriting.lines.decoding.frames import stack
from handwriting.lines.decoding.lattice import stack_texts, sum_alignments
from handwriting.lines.decoding.rating import Rater
from handwriting.lines.decoding.tuning import calibrate, tune
from handwriting.lines.metrics import cer

ABC = Charset("abc")
SPACED = Charset("ab ")
EXHAUSTIVE = BeamSettings(width=10**6, alpha=0.7, beta=0.3, floor=0, margin=np.inf)


class Bigrams:
    """A language model that knows the last character only."""

    def __init__(self, charset: Charset, seed: int):
        table = np.random.default_rng(seed).random((len(charset) + 1,) * 2) ** 3
        self.rows = np.log(table / table.sum(axis=1, keepdims=True)).astype(np.float32)

    def start(self) -> np.ndarray:
        return np.array([len(self.rows) - 1])

    def follow(self, states: np.ndarray, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.rows[states[0], symbols], symbols[None]

    def log_prob(self, indices) -> float:
        edge = len(self.rows) - 1
        pairs = zip([edge, *indices], [*indices, edge], strict=True)
        return float(sum(self.rows[pair] for pair in pairs))


def random_logits(seed: int, frame_count: int, charset: Charset = ABC) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return (2 * generator.normal(size=(frame_count, len(charset) + 1))).astype(np.float32)


def spikes(path: str, charset: Charset, sure: float = 9.0) -> np.ndarray:
    """Logits whose best path is `path`, where `_` is the blank."""
    columns = [charset.blank if c == "_" else charset.encode(c)[0] for c in path]
    return sure * np.eye(len(charset) + 1, dtype=np.float32)[columns]


def collapse(path, blank: int) -> tuple[int, ...]:
    merged = [c for i, c in enumerate(path) if i == 0 or c != path[i - 1]]
    return tuple(c for c in merged if c != blank)


def every_text(logits: np.ndarray) -> dict[tuple[int, ...], float]:
    """log p(text | image) of each text that has an alignment, from all alignments."""
    rows, blank = log_probabilities(logits), logits.shape[1] - 1
    sums: dict[tuple[int, ...], float] = {}
    for path in product(range(blank + 1), repeat=len(rows)):
        own = sum(row[c] for row, c in zip(rows, path, strict=True))
        text = collapse(path, blank)
        sums[text] = np.logaddexp(sums.get(text, -np.inf), own)
    return sums


@pytest.mark.parametrize("module", [frames, words])
def test_doctests(module):
    failed, attempted = doctest.testmod(module)
    assert failed == 0 and attempted


@pytest.mark.parametrize(
    ("path", "text"),
    [("aab", "ab"), ("a_ab", "aab"), ("___", ""), ("", ""), ("_a_a_", "aa"), ("abba", "aba")],
)
def test_repeats_need_a_blank_between(path, text):
    logits = spikes(path, ABC).reshape(len(path), 4)
    assert ABC.decode(greedy(logits)) == text
    assert ABC.decode(beam_search(logits, ABC, None, BeamSettings(beta=0))[0].indices) == text
    assert decode(logits, ABC, settings=None).text == text
    assert decode(logits, ABC, settings=BeamSettings(beta=0)).text == text


def test_log_probabilities_refuse_what_is_no_frame():
    for broken in (np.zeros(4), np.zeros((3, 1)), np.array([[0.0, np.nan]])):
        with pytest.raises(ValueError, match="logits are"):
            log_probabilities(broken)


@pytest.mark.parametrize("frame_count", [0, 1, 4, 5])
@pytest.mark.parametrize("with_model", [False, True])
def test_exhaustive_search_agrees_with_all_alignments(frame_count, with_model):
    for seed in range(3):
        logits = random_logits(seed, frame_count)
        model = Bigrams(ABC, seed) if with_model else None
        found = beam_search(logits, ABC, model, EXHAUSTIVE)
        expected = every_text(logits)
        assert {h.indices: h.log_probability for h in found} == pytest.approx(expected)
        for hypothesis in found:
            score = hypothesis.log_probability + 0.3 * len(hypothesis.indices)
            score += 0.7 * model.log_prob(hypothesis.indices) if model else 0
            assert hypothesis.score == pytest.approx(score, abs=1e-5)
        assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)


def test_pruned_search_finds_the_best_text_and_loses_little_of_it():
    for seed in range(5):
        logits = 2 * random_logits(seed, 8)
        model = Bigrams(ABC, seed)
        best = beam_search(logits, ABC, model, EXHAUSTIVE)[0]
        pruned = beam_search(logits, ABC, model, BeamSettings(alpha=0.7, beta=0.3))[0]
        assert pruned.indices == best.indices
        assert pruned.log_probability == pytest.approx(best.log_probability, abs=0.02)


def test_a_text_dropped_and_found_again_is_still_one():
    charset, settings = Charset("ab"), BeamSettings(width=5, margin=np.inf)
    for seed in range(30):  # at seed 11 a text comes back while a longer one of it is kept
        kept = beam_search(random_logits(seed, 14, charset), charset, None, settings)
        assert len({h.indices for h in kept}) == len(kept) <= 5


def test_lines_side_by_side_are_read_as_each_alone():
    """Of all lengths, one of them empty, more than are searched at once."""
    lines = [2 * random_logits(seed, (7 * seed) % 23, SPACED) for seed in range(40)]
    model = Bigrams(SPACED, 0)
    together = beam_search_all(lines, SPACED, model)
    for line, found in zip(lines, together, strict=True):
        alone = beam_search(line, SPACED, model)
        assert [h.indices for h in found] == [h.indices for h in alone]
        assert [h.score for h in found] == pytest.approx([h.score for h in alone])
    for settings in (None, BeamSettings()):
        decoded = decode_all(lines, SPACED, model=model, settings=settings)
        for line, found in zip(lines, decoded, strict=True):
            alone = decode(line, SPACED, model=model, settings=settings)
            assert (found.text, found.confidence) == (alone.text, pytest.approx(alone.confidence))
            for word, other in zip(found.words, alone.words, strict=True):
                assert (word.text, word.start, word.end) == (other.text, other.start, other.end)
                assert dict(word.alternatives) == pytest.approx(dict(other.alternatives))
    assert beam_search_all([], SPACED) == decode_all([], SPACED) == []


def test_model_decides_between_equal_characters():
    logits = spikes("_c_c_", ABC)
    logits[3] = [9, 9, 0, 0]
    model = Bigrams(ABC, 0)
    model.rows[:] = np.log(0.1)
    for liked in (0, 1):
        model.rows[2] = np.log(0.1)
        model.rows[2, liked] = np.log(0.7)
        assert beam_search(logits, ABC, model)[0].indices == (2, liked)


def test_search_refuses_logits_of_another_charset():
    with pytest.raises(ValueError, match="5 logits for 3 characters"):
        beam_search(np.zeros((2, 5)), ABC)
    with pytest.raises(ValueError, match="at least one text"):
        BeamSettings(width=0)
    with pytest.raises(ValueError, match="alpha"):
        BeamSettings(alpha=-0.1)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("_aa_b_", "ab", [(1, 3), (4, 5)]),
        ("a_ab", "aab", [(0, 1), (2, 3), (3, 4)]),
        ("__", "", []),
        ("cccc", "c", [(0, 4)]),
        ("aaa", "aa", [(0, 1), (2, 3)]),
    ],
)
def test_alignment(path, text, expected):
    spans = align(spikes(path, ABC), ABC.encode(text))
    assert spans.shape == (len(text), 2)
    assert spans.tolist() == [list(span) for span in expected]


def test_alignment_is_the_best_of_all():
    for seed in range(4):
        logits = random_logits(seed, 6)
        rows = log_probabilities(logits)
        text = (0, 0, 1)
        paths = [p for p in product(range(4), repeat=6) if collapse(p, 3) == text]
        best = max(paths, key=lambda path: sum(rows[t, c] for t, c in enumerate(path)))
        expected, t = [], 0
        for character in text:
            start = next(i for i in range(t, 6) if best[i] == character)
            t = next((i for i in range(start, 6) if best[i] != character), 6)
            expected.append([start, t])
        assert align(logits, text).tolist() == expected


def test_alignment_refuses_what_cannot_be():
    with pytest.raises(ValueError, match="2 frames are too few for a text that needs 3"):
        align(np.zeros((2, 4)), ABC.encode("aa"))
    with pytest.raises(ValueError, match="0 frames"):
        align(np.zeros((0, 4)), [1])
    with pytest.raises(ValueError, match="outside 0 … 2"):
        align(np.zeros((5, 4)), [3])


def test_extents_meet_between_characters_and_stay_in_the_line():
    spans = np.array([[1, 2], [5, 6], [9, 11]])
    assert extents(spans, 30).tolist() == [[0, 4], [4, 8], [8, 13]]
    assert extents(spans, 11)[-1].tolist() == [8, 11]
    assert extents(np.array([[4, 6]]), 20).tolist() == [[3, 7]]
    assert extents(np.zeros((0, 2), int), 5).shape == (0, 2)


@pytest.mark.parametrize("text", ["a", "ab", "aa", "aba", "abb"])
@pytest.mark.parametrize("with_model", [False, True])
def test_edits_agree_with_all_alignments(text, with_model):
    logits = random_logits(7, 5)
    rows, indices = log_probabilities(logits), ABC.encode(text)
    sums = every_text(logits)
    model = Bigrams(ABC, 1) if with_model else None
    own = tuple(indices.tolist())
    # A longer line with a longer text beside it changes nothing.
    frames = stack([rows, log_probabilities(random_logits(8, 9))])
    texts = stack_texts([indices, ABC.encode("cabc")], len(ABC))
    assert sum_alignments(rows, indices).log_probability == pytest.approx(sums[own])

    def score(changed):
        whole = sums[changed] + 0.3 * len(changed)
        return whole + (0.7 * model.log_prob(changed) if model else 0)

    expected = {}
    for i in range(len(own)):
        changes = {c: (*own[:i], c, *own[i + 1 :]) for c in range(3) if c != own[i]}
        changes[None] = own[:i] + own[i + 1 :]
        for character, changed in changes.items():
            if changed in sums:
                expected[i, character] = score(changed) - score(own)
    edits = zip(*single_edits(frames, texts, model, EXHAUSTIVE), strict=True)
    found = {
        (int(position), None if written < 0 else int(written)): odds
        for line, position, written, odds in edits
        if line == 0
    }
    assert found == pytest.approx(expected, abs=1e-5)


def test_occupation_sums_to_the_time_spent_in_characters():
    rows = log_probabilities(spikes("_aa_b_", ABC, sure=30))
    occupation = sum_alignments(rows, ABC.encode("ab")).occupation()
    np.testing.assert_allclose(occupation.sum(axis=0), [2, 1], atol=1e-6)


def test_decoded_line_fits_together():
    line = decode(spikes("  _aa_b_  __a_ ", SPACED), SPACED, settings=BeamSettings(beta=0))
    assert line.text == "ab a" == "".join(c.text for c in line.characters)
    assert [word.text for word in line.words] == line.text.split()
    ends = [(c.start, c.end) for c in line.characters]
    assert all(start < end for start, end in ends)
    assert all(end <= start for (_, end), (start, _) in pairwise(ends))
    first, last = line.words
    assert (first.start, first.end) == (ends[0][0], ends[1][1])
    assert (last.start, last.end) == ends[-1]
    assert 3 <= first.start <= 4 and 6 <= first.end <= 8
    assert line.confidence == pytest.approx(np.mean([c.confidence for c in line.characters]))
    assert line.confidence > 0.99


def test_empty_text_is_as_sure_as_the_blanks():
    assert decode(np.zeros((0, 4)), ABC) == Decoded("", 1.0)
    line = decode(np.log([[0.1, 0.1, 0.2, 0.6]] * 2), ABC, settings=None)
    assert line == Decoded("", pytest.approx(0.36))


def test_confidence_and_alternatives_of_one_doubtful_character():
    logits = spikes("_a_b_ _a_", SPACED, sure=40)
    logits[3] = np.log([0.25, 0.7, 1e-9, 0.05])  # ab, aa, or a alone
    for settings in (None, BeamSettings(beta=0)):
        line = decode(logits, SPACED, settings=settings)
        assert line.text == "ab a"
        assert [c.confidence for c in line.characters] == pytest.approx([1, 0.7, 1, 1])
        assert line.words[0].confidence == pytest.approx(0.7)
        others = dict(line.words[0].alternatives)
        assert list(others) == ["aa", "a"]
        assert others == pytest.approx({"aa": 0.25, "a": 0.05})
        assert line.words[1].alternatives == ()


def test_alternatives_of_several_characters_come_from_the_beam():
    logits = spikes("_a_a_", SPACED, sure=40)
    logits[1] = logits[3] = np.log([0.49, 0.51, 1e-9, 1e-9])
    model = Bigrams(SPACED, 0)
    model.rows[:] = np.log(0.01)
    model.rows[3, :2] = model.rows[0, 0] = model.rows[1, 1] = np.log(0.9)
    word = decode(logits, SPACED, model=model, settings=BeamSettings(beta=0)).words[0]
    assert word.text == "bb"
    assert word.alternatives[0][0] == "aa"
    assert sum(probability for _, probability in word.alternatives) <= 1 - word.confidence + 1e-9


def test_readings_of_a_word_by_what_other_texts_have_in_its_place():
    one = words.readings_among([("le pont neuf", 0.0), ("le port neuf", np.log(0.5))])
    assert one == [{}, {"port": pytest.approx(0.5)}, {}]
    split = words.readings_among([("an apart end", 0.0), ("an a part end", np.log(0.25))])
    assert split == [{}, {"a part": pytest.approx(0.25)}, {}]
    joined = words.readings_among([("to day is", 0.0), ("today is", 0.0), ("to day was", 0.0)])
    assert joined == [{}, {}, {"was": pytest.approx(0.5)}], "today stands for neither word alone"


def test_edited_words_are_tidy_and_add_up():
    edits = [(0, -1.0, ""), (0, -2.0, " "), (3, -1.0, "x"), (2, 0.0, "x")]
    odds = words.edited_words("ab cd", [(0, 2), (3, 5)], edits)
    assert odds == [
        {"b": pytest.approx(np.exp(-1) + np.exp(-2))},
        {"xd": pytest.approx(np.exp(-1))},
    ]


def test_calibration_changes_confidences_only():
    logits = random_logits(3, 12, SPACED)
    scales = Calibration(ConfidenceScale(1, -2), ConfidenceScale(1, -1))
    plain, calibrated = decode(logits, SPACED), decode(logits, SPACED, calibration=scales)
    assert plain.text == calibrated.text and plain.words
    for before, after in zip(plain.characters, calibrated.characters, strict=True):
        assert after.confidence == pytest.approx(
            apply_confidence([before.confidence], scales.characters)[0]
        )
        assert after.confidence < before.confidence
    for word in calibrated.words:
        assert sum(p for _, p in word.alternatives) <= 1 - word.confidence + 1e-9


def test_fit_recovers_a_known_scale():
    generator = np.random.default_rng(0)
    stated = generator.uniform(0.02, 0.98, 20000)
    true = apply_confidence(stated, ConfidenceScale(0.5, -0.4))
    fitted = fit_confidence(stated, generator.random(20000) < true)
    assert fitted == pytest.approx((0.5, -0.4), abs=0.06)


@pytest.mark.parametrize("stated", [[0.9] * 10, [0.0, 1.0] * 5, np.linspace(0, 1, 10)])
@pytest.mark.parametrize("right", [[True] * 10, [False] * 10, [False, True] * 5])
def test_fit_stays_finite(stated, right):
    scale = fit_confidence(stated, right)
    assert np.isfinite(scale).all()
    after = apply_confidence(stated, scale)
    assert ((after > 0) & (after < 1)).all()
    assert after.mean() == pytest.approx(np.mean(right), abs=0.2)


def test_fit_refuses_nothing_and_mismatch():
    for confidences, correct in (([], []), ([0.5], [])):
        with pytest.raises(ValueError, match="cannot be fitted"):
            fit_confidence(confidences, correct)


def test_unit_scale_changes_nothing():
    assert apply_confidence([0.0, 0.3, 1.0], ConfidenceScale()).tolist() == [0.0, 0.3, 1.0]


def test_tuning_turns_to_a_model_that_helps():
    texts = ["abab", "baba", "ab"]
    lines = [spikes("_" + "_".join(text) + "_", ABC) for text in texts]
    for line in lines:
        line[3] = [8, 9, 8, 0] if line[3, 0] else [9, 8, 8, 0]  # the wrong one is ahead
    model = Bigrams(ABC, 0)
    model.rows[:] = np.log(0.02)
    model.rows[[0, 1, 3, 3], [1, 0, 0, 1]] = np.log(0.4)
    model.rows[:, 3] = np.log(0.4)
    settings = tune(lines, texts, ABC, model, BeamSettings(width=8, alpha=0, beta=0))
    assert settings.width == 8 and settings.alpha > 0
    for line, text in zip(lines, texts, strict=True):
        assert ABC.decode(beam_search(line, ABC, model, settings)[0].indices) == text
    with pytest.raises(ValueError, match="cannot be tuned on"):
        tune([], [], ABC, model)


def test_settings_are_worth_the_same_in_any_number_of_processes():
    texts = ["abab", "ba", "b", "ab", "aabb"]
    lines = [spikes("_" + "_".join(text) + "_", ABC, sure=1.0) for text in texts]
    settings = BeamSettings(alpha=0.9, beta=0.5)
    with Rater(lines, texts, ABC, Bigrams(ABC, 3)) as rate:
        alone = rate(settings)
    with Rater(lines, texts, ABC, Bigrams(ABC, 3), processes=2) as rate:
        shared = [rate(settings), rate(settings)]
    found = beam_search_all(lines, ABC, Bigrams(ABC, 3), settings)
    assert alone == cer(texts, [ABC.decode(own[0].indices) for own in found]) > 0
    assert shared == [alone, alone]


def test_calibrating_lines_makes_them_as_sure_as_they_are_right():
    def line(text):
        characters = tuple(Character(c, 0.99, i, i + 1) for i, c in enumerate(text))
        return Decoded(text, 0.99, characters, tuple(Word(w, 0.98, 0, 1) for w in text.split()))

    scales = calibrate([line("aa bb")] * 20, ["aa ba"] * 20)
    assert apply_confidence([0.99], scales.characters)[0] == pytest.approx(0.8, abs=0.02)
    assert apply_confidence([0.98], scales.words)[0] == pytest.approx(0.5, abs=0.02)
