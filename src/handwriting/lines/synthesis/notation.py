"""What people write besides sentences: numbers, dates, prices, times, addresses."""

import numpy as np

from handwriting.lines.synthesis.corpus import Corpus
from handwriting.lines.synthesis.draws import between, chance, pick

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}
_DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
}
_UNITS = ("kg", "g", "m", "cm", "km", "l", "h", "min", "km/h", "Stk.", "lbs", "ft", "m²", "°C", "%")
_ENDINGS = {"en": ("com", "org", "co.uk"), "fr": ("fr", "org"), "de": ("de", "net", "at")}


def number(rng: np.random.Generator) -> str:
    """A whole or broken number, most of them short."""
    digits = str(between(rng, 0, 10 ** between(rng, 1, 6) - 1))
    kind = rng.random()
    if kind < 0.65:
        return digits
    if kind < 0.8:
        return f"{digits}{pick(rng, '.,')}{between(rng, 0, 99)}"
    if kind < 0.9 and len(digits) > 3:
        return f"{digits[:-3]}{pick(rng, (' ', ',', '.'))}{digits[-3:]}"
    return f"{digits}{pick(rng, '/-')}{between(rng, 1, 99)}"


def date(rng: np.random.Generator, language: str) -> str:
    day, year = between(rng, 1, 31), between(rng, 1780, 2029)
    month = between(rng, 1, 12)
    name = MONTHS[language].split()[month - 1]
    if chance(rng, 0.4):
        short = f"{year % 100:02d}" if chance(rng, 0.4) else str(year)
        separator = "." if language == "de" else pick(rng, "./-")
        pad = "02d" if chance(rng, 0.5) else ""
        return separator.join((format(day, pad), format(month, pad), short))
    forms = {
        "en": (
            f"{name} {day}, {year}",
            f"{day} {name} {year}",
            f"{name} {day}th",
            f"{name[:3]}. {day}/{year % 100:02d}",
        ),
        "fr": (f"{day} {name} {year}", f"le {day} {name}", f"ce {day} {name} {year}"),
        "de": (f"{day}. {name} {year}", f"den {day}. {name}", f"{day}. {name[:3]}. {year}"),
    }
    text = pick(rng, forms[language])
    return f"{pick(rng, _DAYS[language].split())} {text}" if chance(rng, 0.25) else text


def price(rng: np.random.Generator, language: str) -> str:
    whole, part = between(rng, 0, 10 ** between(rng, 1, 4) - 1), between(rng, 0, 99)
    forms = {
        "en": (
            f"${whole}.{part:02d}",
            f"£{whole} {part % 20}s. {part % 12}d.",
            f"£{whole}.{part:02d}",
            f"£ {whole}",
            f"${whole}",
            f"{part % 20}/{part % 12}",
        ),
        "fr": (
            f"{whole},{part:02d} €",
            f"{whole} €",
            f"{whole} fr. {part:02d}",
            f"{whole}F{part:02d}",
            f"{whole} francs",
        ),
        "de": (
            f"{whole},{part:02d} €",
            f"€ {whole},{part:02d}",
            f"{whole},- €",
            f"{whole} Mk. {part:02d}",
            f"{whole} Mark",
        ),
    }
    return pick(rng, forms[language])


def clock(rng: np.random.Generator, language: str) -> str:
    hour, minute = between(rng, 0, 23), between(rng, 0, 59)
    forms = {
        "en": (f"{hour % 12 or 12}.{minute:02d} p.m.", f"{hour % 12 or 12}:{minute:02d} am"),
        "fr": (f"{hour}h{minute:02d}", f"{hour} h {minute:02d}", f"{hour} heures"),
        "de": (f"{hour}:{minute:02d} Uhr", f"{hour}.{minute:02d} Uhr", f"{hour} Uhr"),
    }
    return pick(rng, (*forms[language], f"{hour:02d}:{minute:02d}"))


def phone(rng: np.random.Generator) -> str:
    groups = [f"{between(rng, 0, 10**n - 1):0{n}d}" for n in (2, 3, 2, 2)]
    start = pick(rng, ("0", "+49 ", "+33 ", "+44 ", "(0)", "Tel. 0", "Tél. : 0"))
    return start + pick(rng, (" ", "-", ".", "/", "")).join(groups[: between(rng, 2, 4)])


def address(rng: np.random.Generator, language: str, corpus: Corpus) -> str:
    """An e-mail or web address out of plain words."""
    words = [w.lower() for w in corpus.words(rng, language, 60) if w.isascii() and w.isalpha()]
    words += ["post", "info"]
    host = f"{pick(rng, words)}.{pick(rng, _ENDINGS[language])}"
    if chance(rng, 0.3):
        return f"www.{host}"
    middle = pick(rng, (".", "_", "-", ""))
    return f"{words[0]}{middle}{pick(rng, (words[1], number(rng)[:2]))}@{host}".replace(" ", "")


def quantity(rng: np.random.Generator) -> str:
    return f"{number(rng)} {pick(rng, _UNITS)}"


def sum_(rng: np.random.Generator) -> str:
    """A small calculation, right or wrong."""
    a, b, c = (between(rng, 0, 10 ** between(rng, 1, 3)) for _ in range(3))
    sign = pick(rng, ("+", "-", "×", ":", "/", "*", "x"))
    space = pick(rng, ("", " "))
    return space.join((str(a), sign, str(b), "=", str(c)))


def notation(rng: np.random.Generator, language: str, corpus: Corpus) -> str:
    """One item of any of the kinds."""
    kinds = (
        lambda: number(rng),
        lambda: date(rng, language),
        lambda: date(rng, language),
        lambda: price(rng, language),
        lambda: clock(rng, language),
        lambda: phone(rng),
        lambda: address(rng, language, corpus),
        lambda: quantity(rng),
        lambda: sum_(rng),
    )
    return pick(rng, kinds)()
