"""The n-gram model as a distribution, as a file, and as what the script writes."""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict

import numpy as np
import pytest

from handwriting import paths
from handwriting.errors import UserError
from handwriting.lines.charset import DEFAULT_CHARSET, Charset
from handwriting.lines.language import NgramModel
from handwriting.lines.language.building import build_model, renew_prior
from handwriting.lines.language.corpus import (
    LONGEST,
    SHORTEST,
    cut_lines,
    read_corpus,
    with_extra_texts,
)
from handwriting.lines.language.counts import count_ngrams
from handwriting.lines.language.pruning import prune
from handwriting.lines.language.smoothing import smooth

ABC = Charset("abcd ")
WORDS = ("bad", "cab", "dab", "abba", "a", "dad", "baba", "cad")


def invented(count: int, seed: int = 0, sizes=(2, 9)) -> list[str]:
    """Lines of made-up words with a grammar of sorts: each word prefers the next in the list."""
    generator = np.random.default_rng(seed)
    lines = []
    for _ in range(count):
        word, line = int(generator.integers(len(WORDS))), []
        for _ in range(generator.integers(*sizes)):
            line.append(WORDS[word])
            follows = generator.random() < 0.7
            word = (word + 1) % len(WORDS) if follows else int(generator.integers(len(WORDS)))
        lines.append(" ".join(line))
    return lines


@pytest.fixture(scope="module")
def model():
    return NgramModel.train(invented(300), ABC, order=5)


def contexts_to_try(charset: Charset) -> list[list[int]]:
    edge = len(charset)
    seen = [charset.encode(text).tolist() for text in ("", "a", "ba", "bad ca", "dddd", "  ")]
    return [*seen, *([edge, *context] for context in seen)]


def test_every_row_is_a_distribution(model):
    for context in contexts_to_try(ABC):
        row = model.row(context)
        assert row.shape == (len(ABC) + 1,)
        assert np.exp(row.astype(float)).sum() == pytest.approx(1, abs=1e-5)
        assert np.isfinite(row).all()


def test_pruned_and_weighted_rows_are_distributions():
    texts = invented(200)
    weights = np.linspace(0.1, 3, len(texts))
    small = NgramModel.train(texts, DEFAULT_CHARSET, 6, weights, threshold=3)
    for context in contexts_to_try(DEFAULT_CHARSET):
        assert np.exp(small.row(context).astype(float)).sum() == pytest.approx(1, abs=1e-5)


def test_texts_of_one_length_or_another_sum_to_one():
    tiny = NgramModel.train(["ab", "b", "abb", "ba"], Charset("ab"), order=3)
    total = ended = 0.0
    for length in range(7):
        codes = np.arange(2**length)[:, None] >> np.arange(length) & 1
        texts = ["".join("ab"[bit] for bit in code) for code in codes]
        ended += sum(np.exp(tiny.log_prob(text)) for text in texts)
        assert ended > total
        total = ended
    assert 0.9 < total < 1


def kneser_ney(texts, edge: str, symbols: int, order: int, discount=0.5):
    """p(w | h) by the formula, with dictionaries; one discount for all counts."""
    grams = [Counter() for _ in range(order + 1)]
    for text in texts:
        line = edge + text + edge
        for size in range(1, order + 1):
            for end in range(1, len(line)):
                if end - size + 1 >= 0:
                    grams[size][line[end - size + 1 : end + 1]] += 1
    for size in range(1, order):
        before = defaultdict(set)
        for gram in grams[size + 1]:
            before[gram[1:]].add(gram[0])
        grams[size] = {g: len(before[g]) if before[g] else n for g, n in grams[size].items()}

    def probability(context: str, symbol: str) -> float:
        size = len(context) + 1
        lower = probability(context[1:], symbol) if context else 1 / symbols
        following = {g: n for g, n in grams[size].items() if g[:-1] == context}
        if not following:
            return lower
        total = sum(following.values())
        share = max(following.get(context + symbol, 0) - discount, 0) / total
        return share + discount * len(following) / total * lower

    return probability


def test_probabilities_follow_the_formula():
    texts, charset, order = ["ab", "abab", "b ab", "ba"], Charset("ab "), 3
    expected = kneser_ney(texts, "$", 4, order)
    model = NgramModel.train(texts, charset, order)
    for context in ("", "a", "b", "ab", "ba", "$", "$a", "$b", " a", "aa"):
        numbers = [3 if c == "$" else charset.encode(c)[0] for c in context]
        row = np.exp(model.row(numbers))
        own = [expected(context, symbol) for symbol in "ab $"]
        assert sum(own) == pytest.approx(1)
        np.testing.assert_allclose(row, own, rtol=0.06)  # a share is kept in one byte


def test_a_state_is_all_that_matters_of_the_past(model):
    line = "cab dab a bad"
    state, past = model.start(), [len(ABC)]
    assert state.shape == (model.order - 1,)
    for symbol in ABC.encode(line).tolist():
        np.testing.assert_array_equal(model.scores(state), model.row(past))
        likely, after = model.follow(state[:, None], np.array([symbol]))
        assert likely[0] == model.scores(state)[symbol]
        state, past = model.advance(state, symbol), [*past, symbol]
        np.testing.assert_array_equal(after[:, 0], state)
    long, short = model.row(past), model.row(past[-model.order + 1 :])
    np.testing.assert_array_equal(long, short)


def test_log_prob_is_the_sum_over_characters_and_the_end(model):
    past, total = [len(ABC)], 0.0
    for symbol in [*ABC.encode("dad a").tolist(), len(ABC)]:
        total += float(model.row(past)[symbol])
        past.append(symbol)
    assert model.log_prob("dad a") == pytest.approx(total)
    with pytest.raises(KeyError):
        model.log_prob("x")


def test_what_the_texts_have_is_more_probable(model):
    unseen, shuffled = invented(50, seed=9), ["".join(sorted(t)) for t in invented(50, seed=9)]
    assert model.perplexity(unseen) < 0.5 * model.perplexity(shuffled)
    assert model.perplexity(unseen) < 2.2
    assert model.bits_per_character(unseen) == pytest.approx(np.log2(model.perplexity(unseen)))


def test_the_edges_of_a_line_are_learnt():
    model = NgramModel.train(["ab cd", "ab d", "ab ab cd"] * 5, ABC, order=4)
    assert model.row([len(ABC)]).argmax() == 0, "every line begins with a"
    d = ABC.encode("d")[0]
    assert model.row(ABC.encode("cd")).argmax() == len(ABC), "cd is at every end"
    assert model.row([len(ABC)])[-1] < model.row([d])[-1], "no line is empty"


def test_characters_never_seen_keep_a_chance():
    model = NgramModel.train(invented(50), DEFAULT_CHARSET, order=4)
    row = np.exp(model.row(DEFAULT_CHARSET.encode("ab")))
    unseen = row[DEFAULT_CHARSET.encode("ß€Z")]
    assert (unseen > 1e-9).all() and (unseen < row[0]).all()


def test_heavier_texts_count_more():
    texts = ["ab"] * 10 + ["ac"] * 10
    b, c = ABC.encode("bc")
    plain = NgramModel.train(texts, ABC, 3).row([0])
    heavy = NgramModel.train(texts, ABC, 3, [1] * 10 + [4] * 10).row([0])
    assert plain[b] == pytest.approx(plain[c], abs=0.01)
    assert heavy[c] - heavy[b] == pytest.approx(np.log(4), abs=0.25)


def test_pruning_leaves_out_what_is_missed_least():
    texts, unseen = invented(400), invented(50, seed=5)
    levels = smooth(count_ngrams(texts, ABC, 5), len(ABC) + 1)
    whole = NgramModel.from_levels(levels, ABC)
    some, few = (NgramModel.from_levels(prune(levels, t), ABC) for t in (2, 20))
    single = NgramModel.from_levels(prune(levels, np.inf), ABC)
    assert len(whole) > len(some) > len(few) > len(single) == len(ABC) + 1
    bits = [model.bits_per_character(unseen) for model in (whole, some, few, single)]
    assert bits[1] < bits[0] + 0.03 and bits[2] < bits[0] + 0.15 < bits[3]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["a"], ABC, 9), "order is 1 … 8"),
        (([""], ABC, 3), "no texts"),
        ((["a"], ABC, 3, [1, 2]), "2 weights for 1 texts"),
        ((["a"], ABC, 3, [0]), "positive"),
        ((["a"], Charset(map(chr, range(32, 300))), 3), "do not fit"),
    ],
)
def test_training_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        NgramModel.train(*arguments)


@pytest.mark.parametrize("order", [1, 2, 8])
def test_file_keeps_the_model(tmp_path, order):
    model = NgramModel.train(invented(60), ABC, order)
    path = tmp_path / "model.npz"
    model.save(path)
    first = path.read_bytes()
    model.save(path)
    assert path.read_bytes() == first, "the same model gives the same bytes"
    loaded = NgramModel.load(path)
    assert (loaded.charset, loaded.order, len(loaded)) == (ABC, order, len(model))
    for context in contexts_to_try(ABC):
        np.testing.assert_array_equal(loaded.row(context), model.row(context))


def test_broken_files_are_refused_in_one_line(tmp_path, model):
    path = tmp_path / "model.npz"
    with pytest.raises(UserError, match="missing"):
        NgramModel.load(path)
    model.save(path)
    whole = path.read_bytes()
    np.savez(tmp_path / "other.npz", format=1, order=3)
    for content in (b"", b"text", whole[: len(whole) // 2], (tmp_path / "other.npz").read_bytes()):
        path.write_bytes(content)
        with pytest.raises(UserError, match="not a language model") as error:
            NgramModel.load(path)
        assert "\n" not in str(error.value)


@pytest.fixture
def folder(tmp_path):
    """Two languages, one twice as large, with lines that cannot be used."""
    (tmp_path / "text").mkdir()
    many, few = invented(200, seed=1, sizes=(4, 20)), invented(100, seed=2, sizes=(4, 20))
    (tmp_path / "text" / "one.txt").write_text("\n".join([*many, "漢字", "", "  “a”  –  b "]))
    (tmp_path / "text" / "two.txt").write_text("\n".join(few))
    return tmp_path / "text"


def test_corpus_is_clean_balanced_and_held_out(folder):
    corpus = read_corpus(folder, DEFAULT_CHARSET)
    assert not any(DEFAULT_CHARSET.missing(text) for text in corpus.texts)
    assert '"a" - b' in " ".join(corpus.texts), "as labels write it"
    assert list(corpus.sources) == ["one.txt", "two.txt"]
    assert sum(corpus.sources.values()) == len(corpus.texts) == len(corpus.weights)
    first = corpus.sources["one.txt"]
    sizes = [weight * len(text) for text, weight in zip(corpus.texts, corpus.weights, strict=True)]
    assert sum(sizes[:first]) == pytest.approx(sum(sizes[first:]))
    assert set(corpus.held_out) == {"one", "two"}
    kept = invented(100, seed=2, sizes=(4, 20))[49]
    assert kept[:SHORTEST] in " ".join(corpus.held_out["two"])
    assert not any(kept[:60] in text for text in corpus.texts)


def test_labels_are_added_whole(folder):
    corpus = read_corpus(folder, DEFAULT_CHARSET)
    label = "a label that is rather longer than any of the lines that the sentences are cut into"
    more = with_extra_texts(corpus, "real", DEFAULT_CHARSET, [label, "", "漢"], 2.5, ["other"])
    assert more.texts == (*corpus.texts, label) and more.weights[-1] == 2.5
    assert more.sources["real"] == 1 and more.held_out["real"] == ("other",)


def test_lines_are_cut_like_lines_on_a_page():
    sentences = invented(200, sizes=(3, 60))
    lines = cut_lines(sentences, np.random.default_rng(0))
    assert " ".join(lines) == " ".join(sentences), "nothing is lost"
    lengths = np.array([len(line) for line in lines])
    assert lengths.max() <= LONGEST
    assert 0.5 < (lengths >= SHORTEST).mean() < 1, "short ones end a paragraph"
    assert lengths.std() > 8
    starts = {sentence[:15] for sentence in sentences}
    assert any(line[:15] not in starts for line in lines), "lines begin within sentences"
    assert cut_lines(["x" * 100 + " y"], np.random.default_rng(0))[0] == "x" * 100


def test_corpus_without_text_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"no LANGUAGE\.txt"):
        read_corpus(tmp_path, DEFAULT_CHARSET)
    (tmp_path / "en.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="not readable as UTF-8"):
        read_corpus(tmp_path, DEFAULT_CHARSET)
    (tmp_path / "en.txt").write_text("漢\n")
    with pytest.raises(UserError, match="no sentence"):
        read_corpus(tmp_path, DEFAULT_CHARSET)


def test_build_writes_a_model_and_a_card(folder, tmp_path):
    path = tmp_path / "made" / "some.lm.npz"
    model, card = build_model(read_corpus(folder, DEFAULT_CHARSET), DEFAULT_CHARSET, path, 4, 1.0)
    assert json.loads(path.with_suffix(".json").read_text()) == card
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(NgramModel.load(path)) == len(model) == card["ngrams"]["kept"]
    assert card["ngrams"]["kept"] < card["ngrams"]["all"]
    assert set(card["bits_per_character"]["kept"]) == {"one", "two"}
    assert all(0 < bits < 3 for bits in card["bits_per_character"]["kept"].values())


def test_the_prior_is_renewed_and_the_model_stays(folder, tmp_path):
    path = tmp_path / "some.lm.npz"
    corpus = read_corpus(folder, DEFAULT_CHARSET)
    model, before = build_model(corpus, DEFAULT_CHARSET, path, 3, 1.0, ["one", "two"])
    assert before["labels_in_prior"] == 2 and model.prior is not None
    card = renew_prior(path, ["none", "at", "all"])
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest() != before["sha256"]
    assert json.loads(path.with_suffix(".json").read_text()) == card
    renewed = NgramModel.load(path)
    assert (renewed.prior != model.prior).any()
    assert renewed.log_prob("one") == model.log_prob("one")
    path.with_suffix(".json").unlink()
    with pytest.raises(UserError, match=r"some\.lm\.json: missing"):
        renew_prior(path, ["none"])


def test_script(folder, tmp_path):
    def run(*options):
        command = [sys.executable, paths.ROOT / "src" / "language_model.py", "--text", folder]
        done = subprocess.run(
            [*map(str, command), "--output", str(tmp_path / "model.npz"), *options],
            env={**os.environ, "HANDWRITING_DATA": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return done

    done = run("--order", "3")
    assert done.returncode == 0 and done.stderr == ""
    assert "one" in done.stdout and "order 3" in done.stdout
    assert NgramModel.load(tmp_path / "model.npz").order == 3
    refused = run("--order", "9")
    assert refused.returncode == 2
    assert refused.stderr == "error: --order 9: 2 to 8\n"
    refused = run("--prior")
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: --prior: needs --lines")
