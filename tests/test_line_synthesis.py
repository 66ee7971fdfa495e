"""Synthetic lines: texts, hands, drawing and the stored set, with fonts made of boxes."""

import cv2
import numpy as np
import pytest
from box_font import make_font

from handwriting import paths
from handwriting.datasets.emnist import SPLITS
from handwriting.datasets.idx import write_idx
from handwriting.errors import UserError
from handwriting.lines.charset import DEFAULT_CHARSET, Charset, plain_text
from handwriting.lines.data import LINE_HEIGHT
from handwriting.lines.synthesis import Synthesiser, cached_synthetic, stored, synthesise
from handwriting.lines.synthesis.corpus import Corpus
from handwriting.lines.synthesis.cut import cut_line
from handwriting.lines.synthesis.emnist_script import load_emnist_script
from handwriting.lines.synthesis.hands import Hands
from handwriting.lines.synthesis.pen import draw_ink
from handwriting.lines.synthesis.script import write
from handwriting.lines.synthesis.texts import TextSampler
from handwriting.lines.synthesis.textures import Textures
from handwriting.lines.synthesis.writing import stroke_width

ASCII = "".join(map(chr, range(33, 127)))
ALL = "".join(c for c in DEFAULT_CHARSET.characters if c not in " ẞ")
TEXTS = {
    "en": "The mill stood by the river, and Anna rowed there each day\nBob kept nine geese\n",
    "fr": "Le moulin était là, près du pont où passe la rivière\nÉmile gardait neuf oies\n",
    "de": "Die Mühle stand am Fluß, und Jörg fuhr täglich hin\nÄnne hütete neun Gänse\n",
}


def pieces(mask: np.ndarray) -> int:
    """Connected pieces of a boolean image."""
    return cv2.connectedComponents(mask.astype(np.uint8))[0] - 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder with two fonts, one of them for English only, and three short texts."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "text").mkdir()
    (folder / "fonts").mkdir()
    for language, text in TEXTS.items():
        (folder / "text" / f"{language}.txt").write_text(text * 8, encoding="utf-8")
    make_font(folder / "fonts" / "whole.ttf", ALL)
    make_font(folder / "fonts" / "plain.ttf", ASCII)
    return folder


@pytest.fixture(scope="module")
def synthesiser(folder):
    return Synthesiser(folder / "text", folder / "fonts", emnist=False)


@pytest.fixture(scope="module")
def hands(folder):
    return Hands(folder / "fonts")


@pytest.fixture(scope="module")
def lines(synthesiser):
    return synthesise(60, 1, synthesiser)


def test_a_line_depends_on_seed_and_number_alone(synthesiser, lines):
    later = synthesise(2, 1, synthesiser, start=7)
    for one, other in zip(later, (lines[7], lines[8]), strict=True):
        assert one.text == other.text and np.array_equal(one.image, other.image)
    other_seed = synthesise(8, 2, synthesiser)
    assert other_seed.texts != lines.texts[:8]


def test_lines_look_like_stored_ones(lines):
    for line in lines:
        assert line.image.dtype == np.uint8 and line.image.shape[0] == LINE_HEIGHT
        assert 225 <= np.percentile(line.image, 85) <= 245, line.text
        assert np.percentile(line.image, 0.5) <= 150, line.text
        assert line.source == "synthetic" and line.language in TEXTS
        assert line.writer in ("whole", "plain")


def test_longer_texts_are_wider(lines):
    lengths = [len(text) for text in lines.texts]
    widths = [line.image.shape[1] for line in lines]
    assert np.corrcoef(lengths, widths)[0, 1] > 0.8


def test_every_character_that_can_be_drawn_is_taught(synthesiser):
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(4000):
        seen |= set(synthesiser.texts.sample(rng)[0])
    assert seen == set(ALL) | {" "}


def test_texts_are_labels(synthesiser):
    rng = np.random.default_rng(3)
    samples = [synthesiser.texts.sample(rng) for _ in range(1500)]
    for text, _ in samples:
        assert text == plain_text(text) and 1 <= len(text) <= 75
        assert not DEFAULT_CHARSET.missing(text)
    languages = [language for _, language in samples]
    assert all(0.25 < languages.count(name) / 1500 < 0.42 for name in TEXTS)


def test_only_characters_of_the_charset_occur(folder):
    charset = Charset(" abcdefghijklmnopqrstuvwxyz")
    small = Synthesiser(folder / "text", folder / "fonts", emnist=False, charset=charset)
    rng = np.random.default_rng(0)
    assert not charset.missing("".join(small.texts.sample(rng)[0] for _ in range(300)))


def test_a_font_that_lacks_a_character_is_never_chosen(hands, lines):
    rng = np.random.default_rng(0)
    assert {hands.choose("pré", rng).name for _ in range(40)} == {"whole"}
    assert {hands.choose("pre", rng).name for _ in range(40)} == {"whole", "plain"}
    assert hands.choose("Ω", rng) is None
    assert all(set(line.text) <= set(ASCII + " ") for line in lines if line.writer == "plain")


def test_ornate_capitals_stand_alone(folder, tmp_path):
    for name in ("plain", "whole"):
        (tmp_path / f"{name}.ttf").write_bytes((folder / "fonts" / f"{name}.ttf").read_bytes())
    table = "file,family,style\nwhole.ttf,Fine Hand,cursive\nplain.ttf,Print,print\n"
    (tmp_path / "fonts.csv").write_text(table)
    hands, rng = Hands(tmp_path), np.random.default_rng(0)
    assert {hands.choose("AUX BAINS", rng).name for _ in range(30)} == {"Print"}
    assert {hands.choose("Aux Bains", rng).name for _ in range(30)} == {"Print", "Fine Hand"}
    assert hands.choose("DÉJÀ", rng).name == "Fine Hand", "better ornate than not at all"


def test_each_letter_is_drawn_once(hands):
    rng = np.random.default_rng(5)
    hand = hands.choose("é", rng)
    assert not hand.joined
    for text in ("a", "bad luck", "Ein Wort: 1917"):
        ink = write(text, hand, rng).ink
        assert pieces(ink > 100) == len(text.replace(" ", ""))


def test_small_letters_are_not_blown_up(hands):
    textures, hand = Textures(), hands.all[0]
    for seed in range(30):
        rng = np.random.default_rng(seed)
        ink, baseline, _ = cut_line(write("nonsense", hand, rng), textures, rng)
        rows = np.flatnonzero(ink.max(axis=1) > 100)
        assert 0.3 < len(rows) / LINE_HEIGHT < 0.8
        assert abs(rows[-1] - baseline) < 9


def test_ink_is_neither_cut_nor_lost(hands):
    textures, hand = Textures(), hands.all[1]
    for seed in range(30):
        rng = np.random.default_rng(seed)
        writing = write("hippo", hand, rng)
        ink, _, scale = cut_line(writing, textures, rng)
        assert ink[:, 0].max() < 100 and ink[:, -1].max() < 100
        cover, grey = draw_ink(ink, writing.stroke * scale, 30, textures, rng)
        assert cover.min() >= 0 and cover.max() <= 1 and 0 <= grey <= 140
        assert pieces(cover > 0.2) >= pieces(ink > 100), f"seed {seed}: a letter has gone"


def test_stroke_width_of_a_bar():
    ink = np.zeros((60, 40), np.uint8)
    ink[5:55, 10:16] = 255
    assert stroke_width(ink) == pytest.approx(6, abs=0.7)


def test_rare_characters_come_from_any_language(folder):
    sampler = TextSampler(Corpus(folder / "text"), frozenset(" Éß§"))
    rng = np.random.default_rng(0)
    assert {"É", "ß"} <= set("".join(sampler.sample(rng)[0] for _ in range(50)))


def test_stored_lines_are_read_back(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "cache_dir", lambda: tmp_path)
    monkeypatch.setattr(stored, "_BATCH", 3)
    where = {"text_folder": folder / "text", "font_folder": folder / "fonts", "emnist": False}
    made = cached_synthetic(7, 4, **where)
    expected = synthesise(7, 4, Synthesiser(*where.values()))
    assert made.texts == expected.texts
    for line, exact in zip(made, expected, strict=True):
        assert line.image.shape == exact.image.shape
        assert np.abs(line.image.astype(int) - exact.image).mean() < 8
        assert (line.writer, line.language) == (exact.writer, exact.language)
    monkeypatch.setattr(stored, "_make", None)  # what is stored is not made again
    again = cached_synthetic(7, 4, **where)
    assert all(np.array_equal(a.image, b.image) for a, b in zip(again, made, strict=True))
    with pytest.raises(TypeError):
        cached_synthetic(7, 5, **where)


@pytest.fixture
def emnist_folder(tmp_path, monkeypatch):
    """EMNIST Balanced of two images a class: a bar with a foot, and one without."""
    monkeypatch.setattr(paths, "cache_dir", lambda: tmp_path / "cache")
    classes = len(SPLITS["balanced"])
    images = np.zeros((2 * classes, 28, 28), np.uint8)
    images[:, 4:24, 6:10] = 255
    images[::2, 20:24, 6:22] = 255
    stem = tmp_path / "emnist" / "gzip" / "emnist-balanced-train"
    write_idx(stem.with_name(f"{stem.name}-images-idx3-ubyte.gz"), images.transpose(0, 2, 1))
    labels = np.repeat(np.arange(classes), 2)
    write_idx(stem.with_name(f"{stem.name}-labels-idx1-ubyte.gz"), labels)
    return tmp_path


def test_emnist_words_keep_to_characters_of_known_case(emnist_folder, folder):
    script, corpus = load_emnist_script(emnist_folder), Corpus(folder / "text")
    rng = np.random.default_rng(0)
    texts = {script.text(rng, "en", corpus) for _ in range(200)}
    known = set(SPLITS["balanced"]) | set(" .-/,")
    assert set("".join(texts)) <= known
    assert any(text.isupper() for text in texts) and any(text.islower() for text in texts)
    writing = script.write("LAND 12", rng)
    assert pieces(writing.ink > 100) == 6 and writing.characters == 7


def test_a_plain_upright_stroke_is_no_capital_l(emnist_folder):
    script = load_emnist_script(emnist_folder)
    rng = np.random.default_rng(0)
    widths = {script.write("L", rng).ink.max(axis=0).astype(bool).sum() > 20 for _ in range(20)}
    assert widths == {True}


def test_lines_without_emnist_files(tmp_path):
    assert load_emnist_script(tmp_path) is None


def test_missing_text_is_explained(folder, tmp_path):
    with pytest.raises(UserError, match=r"en\.txt.*one sentence per line"):
        Synthesiser(tmp_path, folder / "fonts")
    (tmp_path / "en.txt").write_bytes(b"caf\xe9")
    with pytest.raises(UserError, match=r"en\.txt: cannot be read.*UTF-8"):
        Synthesiser(tmp_path, folder / "fonts")


def test_missing_and_broken_fonts_are_explained(folder, tmp_path):
    with pytest.raises(UserError, match=r"holds no \*\.ttf; put fonts there"):
        Synthesiser(folder / "text", tmp_path)
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    with pytest.raises(UserError, match=r"broken\.ttf: not a readable font"):
        Synthesiser(folder / "text", tmp_path)
