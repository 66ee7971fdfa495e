"""Rare characters in places where a writer would put them."""

import numpy as np

from handwriting.lines.synthesis.corpus import Corpus
from handwriting.lines.synthesis.draws import between, pick
from handwriting.lines.synthesis.notation import number

# {w} and {v} are words of the corpus, {n} and {m} numbers.
_SIGNS = {
    "!": ("{w}!", "{w} !", "{w}!!"),
    '"': ('"{w}"', '"{w} {v}"', '"{w} {v}",'),
    "#": ("#{n}", "# {n}", "#{w}"),
    "$": ("${n}", "$ {n}", "{n}$"),
    "%": ("{n} %", "{n}%"),
    "&": ("{w} & {v}", "& {w}", "{w} & Co."),
    "'": ("'{w}'", "{w}'s", "l'{w}"),
    "(": ("({w})", "({w} {v})", "({n})", "({w}"),
    ")": ("({w})", "{n})", "{w})", "a) {w}"),
    "*": ("{w}*", "* {w}", "{n} * {m}"),
    "+": ("{n} + {m}", "+{n}", "{w} + {v}"),
    ",": ("{w}, {v},", "{n},{m}"),
    "-": ("{w}-{v}", "- {w}", "{w} - {v}", "{n}-{m}", "{w}-"),
    ".": ("{w}.", "{n}.", "{w}..."),
    "/": ("{w}/{v}", "{n}/{m}", "{w} / {v}"),
    ":": ("{w}:", "{w} : {n}", "{n}:{m}"),
    ";": ("{w};", "{w} ;"),
    "<": ("{n} < {m}", "<{w}>"),
    "=": ("{w} = {n}", "{n} = {m}", "= {n}"),
    ">": ("{n} > {m}", "<{w}>", "> {w}"),
    "?": ("{w}?", "{w} ?", "{w}?!"),
    "@": ("{w}@{v}", "@ {w}", "@{w}"),
    "[": ("[{w}]", "[{n}]", "[{w} {v}]"),
    "]": ("[{w}]", "[{n}]", "[{w} {v}]"),
    "\\": ("{w}\\{v}", "\\{w}"),
    "_": ("{w}_{v}", "_{w}_", "{w}_{n}"),
    "{": ("{{{w}}}", "{{{n}, {m}}}"),
    "}": ("{{{w}}}", "{{{n}, {m}}}"),
    "|": ("{w} | {v}", "|{n}|", "| {w}"),
    "~": ("~{n}", "~ {w}", "{w} ~"),
    "£": ("£{n}", "£ {n}", "{n} £"),
    "€": ("{n} €", "{n}€", "€ {n}"),
    "§": ("§ {n}", "§{n}", "§§ {n}"),
    "°": ("{n}°", "{n} °C", "N° {n}", "n°{n}"),
    "«": ("« {w} »", "«{w} {v}»", "« {w}"),
    "»": ("« {w} »", "»{w} {v}«", "{w} »"),
    "½": ("{n}½", "½ {w}", "{n} ½"),
    "²": ("{n} m²", "{n}²", "{w}²"),
    "×": ("{n} × {m}", "{n}×{m}"),
}
# For letters that the corpus may not hold.
_NAMES = {
    "Ÿ": ("L'HAŸ", "Ÿ", "LOUŸS"),
    "ÿ": ("L'Haÿ", "Louÿs", "Croÿ"),
    "æ": ("Cæsar", "æther", "ex æquo", "Lætitia"),
    "Æ": ("Æsop", "ÆTAS", "Æneas"),
    "œ": ("œuvre", "sœur", "cœur"),
    "Œ": ("Œuvres", "SŒUR", "Œil"),
    "á": ("Sebastián", "Málaga"),
    "í": ("García", "Martín"),
    "ñ": ("España", "señora", "Muñoz"),
    "ó": ("López", "Kraków", "Simón"),
    "ú": ("Jesús", "Raúl"),
    "ë": ("Noël", "Citroën", "Zoë"),
    "ï": ("naïf", "maïs", "haïr"),
    "ü": ("über", "für", "Zürich"),
}


def token_with(rng: np.random.Generator, language: str, character: str, corpus: Corpus) -> str:
    """A word, number or sign group that holds the character."""
    if character in _SIGNS:
        w, v = (_bare_word(rng, language, corpus) for _ in range(2))
        return pick(rng, _SIGNS[character]).format(w=w, v=v, n=number(rng), m=number(rng))
    if character.isdigit():
        digits = str(between(rng, 0, 10 ** between(rng, 1, 4) - 1))
        at = between(rng, 0, len(digits))
        return digits[:at] + character + digits[at:]
    return _word_with(rng, language, character, corpus)


def _bare_word(rng: np.random.Generator, language: str, corpus: Corpus) -> str:
    return pick(rng, corpus.words(rng, language, 30)).strip(".,;:!?\"'()[]«»")


def _word_with(rng: np.random.Generator, language: str, letter: str, corpus: Corpus) -> str:
    """A word with the letter, from any language; a small one is made a capital if need be."""
    others = [name for name in corpus.languages if name != language]
    for name in (language, *rng.permutation(others)):
        word = corpus.word_with(rng, name, letter)
        if word:
            return word
        small = corpus.word_with(rng, name, letter.lower())
        if small:
            return letter + small[1:] if small[0] == letter.lower() else small.upper()
    return pick(rng, _NAMES.get(letter, (letter,)))


def insert(rng: np.random.Generator, words: list[str], token: str) -> list[str]:
    """The words with the token among them, or in place of one of them."""
    at = between(rng, 0, len(words))
    return [*words[:at], token, *words[at + int(rng.random() < 0.5) :]]
