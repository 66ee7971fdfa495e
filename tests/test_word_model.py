"""Words beside characters: the lexicon, the probabilities, the file, the decoding with it."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from handwriting.errors import UserError
from handwriting.finetune.language import extend_language_model
from handwriting.lines.charset import DEFAULT_CHARSET, Charset
from handwriting.lines.decoding import BeamSettings, beam_search, decode
from handwriting.lines.language import MixedModel, NgramModel, WordModel
from handwriting.lines.language.building import build_word_model
from handwriting.lines.language.corpus import Corpus
from handwriting.lines.language.files import (
    find_language_files,
    load_language_model,
    save_language_model,
)
from handwriting.lines.language.lexicon import Lexicon
from handwriting.lines.language.word_building import build_words
from handwriting.lines.language.word_counts import count_words, words_of
from handwriting.lines.language.word_lists import word_list

CHARSET = Charset("abcdehilnopstuwAHTLW ,.'-1")
TEXTS = ["the cat sat on the table", "The cat, the hat", "l'ane boit de l'eau", "a cat"] * 4
LANGUAGES = ["en", "en", "fr", "en"] * 4
LISTS = {"en": {"the": 0.05, "table": 1e-4, "tablet": 1e-5, "dale": 1e-6}, "fr": {"eau": 1e-3}}


@pytest.fixture(scope="module")
def words():
    counts = count_words(TEXTS, LANGUAGES, [1.0] * len(TEXTS))
    return build_words(counts, LISTS, CHARSET, rarest=0.0)


@pytest.fixture(scope="module")
def model(words):
    return MixedModel(NgramModel.train(["tact coast", "the a stand", *TEXTS], CHARSET, 4), words)


def number(words: WordModel, word: str) -> int:
    return words.lexicon.words().index(word)


def test_a_lexicon_knows_the_words_below_every_beginning():
    generator = np.random.default_rng(0)
    drawn = {"".join(generator.choice(list("abc"), generator.integers(1, 6))) for _ in range(90)}
    lexicon = Lexicon.of("abcd", sorted(drawn, reverse=True))
    listed = lexicon.words()
    assert listed == sorted(drawn) and len(lexicon) == len(drawn)
    for beginning in {word[:size] for word in drawn for size in range(1, 6)}:
        node = np.array([lexicon.root])
        for letter in beginning:
            node = lexicon.longer(node, np.array(["abcd".index(letter)]))
        span = listed[lexicon.first[node[0]] : lexicon.end[node[0]]]
        assert span == [word for word in listed if word.startswith(beginning)]
        assert lexicon.whole[node[0]] == (beginning in drawn)
    for lost in (lexicon.longer(np.array([lexicon.root]), np.array([3])), np.array([lexicon.dead])):
        behind = lexicon.longer(lost, np.array([0]))
        assert lexicon.first[behind[0]] == lexicon.end[behind[0]]
    assert len(Lexicon.of("ab", [])) == 0
    with pytest.raises(ValueError, match="no letter"):
        Lexicon.of("ab", ["abc"])


def test_text_falls_into_words_and_what_they_follow():
    assert list(words_of("don't, B-a 1x")) == [
        ("don'", "", "t"),
        ("t", "don'", ","),
        ("B", ",", "-"),
        ("a", "-", " "),
        ("x", "1", ""),
    ]


def test_words_after_every_context_sum_to_one(words):
    everything = len(words.lexicon)
    for context in range(len(words.lexicon) + 2 + len(words.marks)):
        for language in range(words.no_language + 1):
            row = [
                words.probability(*(np.array([n]) for n in (0, everything, context, c, language)))
                for c in (0, 1)
            ]
            assert sum(row)[0] == pytest.approx(1, abs=1e-6)


def test_a_word_met_behind_another_is_likelier_there(words):
    def rate(word, context, capital=0):
        place, before = number(words, word), context
        numbers = (place, place + 1, before, capital, words.no_language)
        return words.probability(*(np.array([n]) for n in numbers))[0]

    the, cat = number(words, "the"), number(words, "cat")
    assert rate("cat", the) > 3 * rate("cat", words.unknown)
    assert rate("eau", number(words, "l'")) > 2 * rate("eau", words.unknown)
    assert rate("the", words.start, 1) > rate("the", cat, 1)
    assert rate("table", cat) > rate("tablet", cat) > rate("dale", cat) > 0
    assert rate("the", words.mark(",")) > 3 * rate("the", words.unknown)


def test_a_language_is_told_by_its_words(words):
    tells = words.languages
    assert tells[number(words, "cat")] != tells[number(words, "eau")]
    assert tells[number(words, "cat")] < words.no_language


def by_hand(model: MixedModel, text: str) -> float:
    """The log-probability of a line of small letters and spaces, word by word."""
    words, lexicon = model.words, model.words.lexicon.words()
    context, language, total = words.start, words.no_language, 0.0
    for position, word in enumerate(text.split(" ")):
        end = sum(len(other) + 1 for other in text.split(" ")[: position + 1])
        ended = text if end > len(text) else text[:end]
        last = end > len(text)
        by_characters = characters(model, ended, last) - characters(
            model, text[: end - len(word) - 1], False
        )
        by_words = 0.0
        if word in lexicon:
            place = lexicon.index(word)
            numbers = (place, place + 1, context, 0, language)
            by_words = words.probability(*(np.array([n]) for n in numbers))[0]
            by_words *= 0.93 * words.followers["" if last else " "]
            context = place
            told = words.languages[place]
            language = told if told < words.no_language else language
        else:
            context = words.unknown
        total += np.log(0.6 * by_words + 0.4 * np.exp(by_characters))
    return total


def characters(model: MixedModel, text: str, whole: bool) -> float:
    state, total = model.characters.start()[:, None], 0.0
    for symbol in [*CHARSET.encode(text).tolist(), *([len(CHARSET)] if whole else [])]:
        likely, state = model.characters.follow(state, np.array([symbol]))
        total += likely[0]
    return total


@pytest.mark.parametrize(
    "text", ["the cat", "cat dale eau", "tablet", "the tact sat on", "tablets the", "a the a"]
)
def test_the_probability_of_a_line_is_that_of_its_words_mixed(model, text):
    assert model.log_prob(text) == pytest.approx(by_hand(model, text), abs=1e-4)


def test_no_continuation_is_more_than_certain_and_all_are_nearly_so(model):
    state = model.start()
    for character in "The cat, l'eau on":
        symbols = np.arange(len(CHARSET) + 1)
        likely, _ = model.follow(np.repeat(state[:, None], len(symbols), axis=1), symbols)
        assert np.isfinite(likely).all() and (likely <= 0).all()
        assert 0.5 < np.exp(likely).sum() < 1.1
        _, states = model.follow(state[:, None], CHARSET.encode(character))
        state = states[:, 0]


def test_texts_meet_again_in_one_state(model):
    """So that decoding need not follow an edit to the end of the line."""

    def state(text):
        states = model.start()[:, None]
        for symbol in CHARSET.encode(text):
            _, states = model.follow(states, np.array([symbol]))
        return states[:, 0]

    for one, other in [("cat sat on the ", "hat sat on the "), ("TTT a cat ", "ccc a cat ")]:
        assert (state(one) == state(other)).all()
    assert (state("the cat ") != state("the hat ")).any()


def test_reading_many_texts_at_once_changes_nothing(model):
    texts = ["the cat", "", "l'eau, the", "a", "HTH-1 tact."]
    one_by_one = [model.log_prob(text) for text in texts]
    bits = -sum(one_by_one) / sum(len(text) + 1 for text in texts) / np.log(2)
    assert model.bits_per_character(texts) == pytest.approx(bits)
    assert np.isfinite(one_by_one).all()


def test_a_saved_model_is_the_same_to_the_last_step_of_its_codes(words, tmp_path):
    path = tmp_path / "some.words.npz"
    words.save(path)
    loaded = WordModel.load(path)
    assert loaded.lexicon.words() == words.lexicon.words()
    assert loaded.marks == words.marks and loaded.pair_count == words.pair_count
    numbers = [np.arange(len(words.lexicon)), np.arange(len(words.lexicon)) + 1]
    size = len(words.lexicon)
    numbers += [np.full(size, number(words, "the")), np.zeros(size, int), np.zeros(size, int)]
    one, other = words.probability(*numbers), loaded.probability(*numbers)
    assert ((one > 0) == (other > 0)).all()
    assert np.abs(np.log(one[one > 0] / other[one > 0])).max() < 0.2
    with pytest.raises(UserError, match="missing"):
        WordModel.load(tmp_path / "none.npz")
    path.write_bytes(b"nothing")
    with pytest.raises(UserError, match="not a model of words"):
        WordModel.load(path)


def test_words_make_a_doubtful_letter_certain(model):
    """The network hesitates between `cat` and `cct`; the characters alone have met neither."""
    frames = np.full((7, len(CHARSET) + 1), -9.0)
    blank = len(CHARSET)
    for frame, character in enumerate(["c", None, "c", None, "t"]):
        frames[frame, blank if character is None else CHARSET.encode(character)[0]] = 0
    frames[2, CHARSET.encode("a")[0]] = -0.2
    frames[5:, blank] = 0
    settings = BeamSettings(alpha=1.0, beta=0.5)
    best = beam_search(frames, CHARSET, model, settings)[0]
    assert CHARSET.decode(best.indices) == "cat"
    decoded = decode(frames, CHARSET, model=model, settings=settings)
    assert decoded.text == "cat" and decoded.words[0].confidence > 0.5
    assert CHARSET.decode(beam_search(frames, CHARSET, None, settings)[0].indices) == "cct"


def test_new_characters_leave_the_words_as_they_are(model):
    wider = CHARSET.union("é+")
    extended = extend_language_model(model, wider, ["é+é"])
    assert isinstance(extended, MixedModel) and extended.charset == wider
    assert extended.log_prob("the cat") == pytest.approx(model.log_prob("the cat"), abs=0.3)
    assert np.isfinite(extended.log_prob("thé +"))


def test_files_are_found_loaded_and_written_under_another_name(model, words, tmp_path):
    assert load_language_model(find_language_files(tmp_path, "some")) is None
    words.save(tmp_path / "some.words.npz")
    assert find_language_files(tmp_path, "some") == {}  # words alone decode nothing
    model.characters.save(tmp_path / "some.lm.npz")
    files = find_language_files(tmp_path, "some")
    loaded = load_language_model(files)
    assert isinstance(loaded, MixedModel)
    written = save_language_model(loaded, files, tmp_path, "other")
    assert written == {"language_model": "other.lm.npz", "words": "other.words.npz"}
    for name, path in files.items():
        assert (tmp_path / written[name]).read_bytes() == path.read_bytes()
    (tmp_path / "some.words.npz").unlink()
    alone = load_language_model(find_language_files(tmp_path, "some"))
    assert isinstance(alone, NgramModel)
    assert save_language_model(alone, {}, tmp_path, "third") == {"language_model": "third.lm.npz"}


def test_building_writes_the_file_and_a_card_that_says_what_words_bring(tmp_path):
    characters = NgramModel.train(["and one plain hat"], CHARSET, 2)
    held_out = {"en": ("the cat sat on the table", "a tablet")}
    corpus = Corpus(tuple(TEXTS), (1.0,) * 16, tuple(LANGUAGES), held_out, {"en.txt": 16})
    path = tmp_path / "made" / "some.words.npz"
    mixed, card = build_word_model(corpus, characters, LISTS, path, 0.0, "some lists")
    assert json.loads(path.with_suffix(".json").read_text()) == card
    assert card["words"] == len(mixed.words.lexicon) and card["word_lists"] == "some lists"
    bits = card["bits_per_character"]
    assert bits["with_words"]["en"] < bits["characters"]["en"]


def test_rare_long_and_foreign_words_stay_out():
    lists = {"en": {"cat": 1.0, "seldom": 1e-9, "h" * 25: 0.1, "naïve": 0.1, "o'": 0.1}}
    counts = count_words([], [], [])
    found = build_words(counts, lists, CHARSET, rarest=1e-8)
    assert found.lexicon.words() == ["cat", "o'"]
    assert found.mark(",") == found.unknown


def test_the_word_list_package_is_asked_for_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "wordfreq", None)
    with pytest.raises(UserError, match="pip install wordfreq=="):
        word_list("en")

    def listed(language, wordlist):
        if language != "fr":
            raise LookupError(language)
        return {"l'ami": 0.5, "ami": 0.25, "2024": 0.1}

    monkeypatch.setitem(sys.modules, "wordfreq", SimpleNamespace(get_frequency_dict=listed))
    assert word_list("fr") == {"l'": 0.5, "ami": 0.75}
    with pytest.raises(UserError, match="no language"):
        word_list("xx")


def test_the_shipped_words_go_with_the_shipped_charset():
    from handwriting import paths

    files = find_language_files(paths.models_dir(), "lines")
    model = load_language_model(files)
    assert isinstance(model, MixedModel) and model.charset == DEFAULT_CHARSET
    for line in ("the wretched affair", "ein schrecklicher Vorfall", "une malheureuse histoire"):
        assert model.log_prob(line) > model.characters.log_prob(line)
