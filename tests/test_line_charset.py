"""The charset: what can be read, and the rules of label text."""

import pytest

from handwriting.lines.charset import DEFAULT_CHARSET, Charset, plain_text


def test_encode_and_decode_are_inverse_and_the_blank_is_last():
    text = "Œuvre à 12,50 € - Größe & straße!"
    assert DEFAULT_CHARSET.decode(DEFAULT_CHARSET.encode(text)) == text
    assert DEFAULT_CHARSET.blank == len(DEFAULT_CHARSET)
    assert max(DEFAULT_CHARSET.encode(text)) < DEFAULT_CHARSET.blank


@pytest.mark.parametrize("letters", ["ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸàâæçéèêëîïôœùûüÿ«»", "ÄÖÜäöüß", "€£§°%@#&"])
def test_three_languages_and_their_signs_are_covered(letters):
    assert not DEFAULT_CHARSET.missing(letters)


def test_typographic_variants_read_as_one():
    assert plain_text("  l’été… “ça” – là ") == 'l\'été... "ça" - là'
    assert plain_text("1^er") == "1er"
    assert plain_text("e\u0301") == "é"  # composed


def test_union_keeps_the_indices_that_a_model_has_learned():
    base = Charset("ab")
    wider = base.union("bca")
    assert wider.characters == ("a", "b", "c")
    assert base.missing("abcc") == ["c"]


def test_a_character_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        Charset("aba")
