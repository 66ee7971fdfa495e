"""Error rates of lines: cases done by hand, and a plain table of edits on random texts."""

import doctest
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from handwriting.lines import alignment, metrics
from handwriting.lines.alignment import edit_operations
from handwriting.lines.data import Line
from handwriting.lines.metrics import TextRules, cer, edit_distance, wer


def table_distance(reference, hypothesis) -> int:
    """The textbook table, cell by cell."""
    table = np.zeros((len(reference) + 1, len(hypothesis) + 1), int)
    table[:, 0], table[0] = range(len(reference) + 1), range(len(hypothesis) + 1)
    for row, item in enumerate(reference, 1):
        for column, other in enumerate(hypothesis, 1):
            pair = table[row - 1, column - 1] + (item != other)
            table[row, column] = min(pair, table[row - 1, column] + 1, table[row, column - 1] + 1)
    return int(table[-1, -1])


@pytest.fixture(scope="module")
def pairs():
    """300 pairs of texts of 0 … 14 characters from a small alphabet, many nearly alike."""
    generator = np.random.default_rng(0)

    def text():
        return "".join(generator.choice(list("aàAb ,1"), generator.integers(0, 15)))

    return [(text(), text()) for _ in range(300)]


@pytest.mark.parametrize("module", [metrics, alignment])
def test_doctests(module):
    failed, attempted = doctest.testmod(module)
    assert failed == 0 and attempted


def test_scores_need_neither_pandas_nor_matplotlib_nor_keras():
    code = (
        "import sys, handwriting.lines.alignment\n"
        "print(*{'pandas', 'matplotlib', 'keras', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    "reference, hypothesis, expected",
    [
        ("", "", 0),
        ("", "abc", 3),
        ("abc", "", 3),
        ("abc", "abc", 0),
        ("abc", "abd", 1),
        ("abcd", "bcda", 2),
        ("forêt", "foret", 1),
        ("x" * 200, "y" + "x" * 200, 1),  # longer than a machine word
        (["le", "chat"], ["la", "chat", "noir"], 2),
    ],
)
def test_edit_distance_by_hand(reference, hypothesis, expected):
    assert edit_distance(reference, hypothesis) == expected


def test_edit_distance_agrees_with_the_table_and_is_symmetric(pairs):
    for reference, hypothesis in pairs:
        expected = table_distance(reference, hypothesis)
        assert edit_distance(reference, hypothesis) == expected
        assert edit_distance(hypothesis, reference) == expected
        assert edit_distance(list(reference), list(hypothesis)) == expected


def test_operations_are_as_few_as_possible_and_spell_both_texts(pairs):
    for reference, hypothesis in pairs:
        operations = edit_operations(reference, hypothesis)
        edits = [kind for kind, *_ in operations if kind != "match"]
        assert len(edits) == table_distance(reference, hypothesis)
        assert "".join(item or "" for _, item, _ in operations) == reference
        assert "".join(item or "" for _, _, item in operations) == hypothesis
        for kind, item, other in operations:
            gap = {"deletion": (False, True), "insertion": (True, False)}.get(kind, (False, False))
            assert (item is None, other is None) == gap
            assert (item == other) == (kind == "match")


@pytest.mark.parametrize(
    "reference, hypothesis, expected",
    [
        ("éa", "e", [("é", "e"), ("a", None)]),
        ("aé", "e", [("a", None), ("é", "e")]),
        ("l.", "m", [("l", "m"), (".", None)]),
        (".l", "m", [(".", None), ("l", "m")]),
        ("ab", "ba", [("a", "b"), ("b", "a")]),
        (["Été", "sec"], ["été"], [("Été", "été"), ("sec", None)]),
    ],
)
def test_like_is_paired_with_like(reference, hypothesis, expected):
    assert [pair for _, *pair in edit_operations(reference, hypothesis)] == [*map(list, expected)]


def test_cer_weighs_lines_by_their_length():
    assert cer(["ab", "abcdefgh"], ["xx", "abcdefgh"]) == 0.2


def test_what_is_read_into_an_empty_line_counts_as_edits():
    assert cer(["", "abcd"], ["ab", "abcd"]) == 0.5
    assert wer(["", "a b"], ["x y z", "a b"]) == 1.5


def test_rates_without_any_reference_are_nan():
    assert np.isnan(cer([], [])) and np.isnan(cer([""], ["a"])) and np.isnan(wer([""], [""]))


def test_spaces_between_words_count_and_others_do_not():
    assert cer([" le  chat "], ["le chat"]) == 0
    assert cer(["le chat"], ["lechat"]) == pytest.approx(1 / 7)
    assert wer(["le chat"], ["lechat"]) == 1  # one word substituted, one left out


def test_unicode_form_and_kind_of_quotes_make_no_difference():
    assert cer(["l'été"], ["l’e\u0301te\u0301"]) == 0


def test_punctuation_belongs_to_the_word_before_it():
    assert wer(["oui, non"], ["oui non"]) == 0.5
    assert wer(["oui, non"], ["oui non"], TextRules(punctuation=False)) == 0


@pytest.mark.parametrize(
    "rules, same, other",
    [
        (TextRules(case=False), ("ÉTÉ", "été"), ("été", "ete")),
        (TextRules(accents=False), ("Ça où", "Ca ou"), ("ça", "Ca")),
        (TextRules(punctuation=False), ("« Oui ! »", "Oui"), ("Oui", "oui")),
        (TextRules(), ("a b", " a  b"), ("a.", "a")),
    ],
)
def test_rules_forgive_what_they_name_and_nothing_else(rules, same, other):
    assert rules.apply(same[0]) == rules.apply(same[1])
    assert rules.apply(other[0]) != rules.apply(other[1])


def test_a_different_number_of_lines_is_refused():
    with pytest.raises(ValueError, match="2 references but 1 hypotheses"):
        cer(["a", "b"], ["a"])


def drawn_writers(generator, writers=30, lines=20, length=40):
    """Edits, lengths and writers of lines whose expected error rate is 0.1."""
    rates = np.repeat(generator.beta(2, 18, writers), lines)
    edits = generator.binomial(length, rates)
    return edits, np.full(writers * lines, length), np.repeat(np.arange(writers), lines)


def test_bootstrap_over_writers_covers_the_truth_and_over_lines_does_not():
    generator = np.random.default_rng(0)
    covered = np.zeros(2, int)
    for seed in range(60):
        edits, lengths, writers = drawn_writers(generator)
        for number, clusters in enumerate((writers, range(len(edits)))):
            low, high = metrics.bootstrap_interval(edits, lengths, clusters, seed, 200)
            covered[number] += low <= 0.1 <= high
    assert covered[0] >= 51  # 95 % in the limit, somewhat less with 30 writers
    assert covered[1] < 40  # lines of one hand are not independent


def test_bootstrap_is_repeatable_and_blind_to_the_names_of_the_writers():
    edits, lengths, writers = drawn_writers(np.random.default_rng(1))
    interval = metrics.bootstrap_interval(edits, lengths, writers, seed=3)
    assert interval == metrics.bootstrap_interval(edits, lengths, map(str, writers), seed=3)
    assert interval != metrics.bootstrap_interval(edits, lengths, writers, seed=4)


def test_bootstrap_weighs_by_length():
    # Three draws of the short, wrong line among four still hold 30 edits in 1,030 characters.
    low, high = metrics.bootstrap_interval([10, 0, 0, 0], [10, 1000, 1000, 1000], "abcd")
    assert low == 0 and high == pytest.approx(30 / 1030)


@pytest.mark.parametrize("edits, clusters", [([1, 2], "aa"), ([1], "a"), ([], "")])
def test_one_cluster_gives_no_interval(edits, clusters):
    assert np.isnan(metrics.bootstrap_interval(edits, [10] * len(edits), clusters)).all()


def line(writer="", page="", source="letters") -> Line:
    return Line(np.zeros((64, 8), np.uint8), "a", source, "fr", writer, page)


@pytest.mark.parametrize(
    "lines, unit, count",
    [
        ([line("A", "1"), line("A", "2"), line("B", "3")], "writer", 2),
        ([line("1", source="x"), line("1", source="y")], "writer", 2),
        ([line("A", "1"), line("A", "2"), line("A", "2")], "page", 2),
        ([line("A", "1"), line("A", "1"), line("A", "1")], "line", 3),
        ([line("A"), line("A")], "line", 2),
        ([line(), line()], "line", 2),
        ([line("A", "1"), line("", "2"), line("", "2"), line()], "writer or page or line", 3),
        ([line("A")], "line", 1),
        ([], "", 0),
    ],
)
def test_the_unit_of_the_bootstrap_is_the_largest_that_there_are_two_of(lines, unit, count):
    found, clusters = metrics.bootstrap_clusters(lines)
    assert (found, len(set(clusters)), len(clusters)) == (unit, count, len(lines))


def test_confusions_by_hand():
    counts = alignment.count_confusions(["été", "né"], ["ete", "né!"])
    assert counts == Counter(
        {("é", "e"): 2, ("t", "t"): 1, ("n", "n"): 1, ("é", "é"): 1, ("", "!"): 1}
    )
    assert alignment.most_confused(counts) == [("é", "e", 2), ("", "!", 1)]
    assert alignment.most_confused(counts, 1) == [("é", "e", 2)]


def test_confusions_sum_to_the_edits_and_the_characters(pairs):
    references, hypotheses = zip(*pairs, strict=True)
    edits, lengths = metrics.line_errors(references, hypotheses)
    counts = alignment.count_confusions(references, hypotheses)
    assert sum(count for *_, count in alignment.most_confused(counts, 10**6)) == edits.sum()
    scores = alignment.character_scores(counts)
    assert sum(score.count for score in scores.values()) == lengths.sum()
    for score in scores.values():
        assert score.right + score.substituted + score.deleted == score.count


def test_character_scores_by_hand():
    scores = alignment.character_scores(alignment.count_confusions(["aaab"], ["aacx"]))
    assert list(scores) == ["a", "b", "c", "x"]
    assert scores["a"][:5] == (3, 2, 1, 0, 0)
    assert scores["a"].recall == pytest.approx(2 / 3) and scores["a"].precision == 1
    assert scores["b"].recall == 0 and np.isnan(scores["b"].precision)
    assert scores["x"].count == 0 and np.isnan(scores["x"].recall) and scores["x"].precision == 0
