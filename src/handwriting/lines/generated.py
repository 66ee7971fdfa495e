"""Lines drawn by a program, with texts and fonts, in the files of the handwritten lines.

For tests and trials without a download. Each line is a few words set in one of OpenCV's fonts,
slanted and stretched as its writer would. They are far easier than handwriting: scores on
them say that the code runs, nothing more.
"""

import csv
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from handwriting.lines.collections import COLLECTIONS
from handwriting.lines.data import LINE_HEIGHT, PAPER

FONTS = (cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX)
_BASELINE, _SIZE, _END = 44, 1.2, 16  # row, scale of the font, free columns at the ends
_QUALITY = (cv2.IMWRITE_WEBP_QUALITY, 50)
_WORDS = {"dhsd": 2, "ymerej": 1}  # in a line; elsewhere 3 to 5
_LANGUAGES = {"hooker": "en", "ymerej": "en", "dhsd": "de"}  # elsewhere French
_STRANGERS = ("copiste", "dhsd", "poilus")  # whose test lines are by new writers
# Come with matplotlib, and have every character that a line model reads.
_FONT_FILES = {"DejaVuSans-Oblique.ttf": "print", "DejaVuSerif-Italic.ttf": "cursive"}


@dataclass(frozen=True)
class _Hand:
    """A writer: a font, a slant and a stretch."""

    font: int
    slant: float
    stretch: float
    ink: int

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "_Hand":
        font = FONTS[int(rng.integers(len(FONTS)))]
        return cls(font, rng.uniform(-0.3, 0.3), rng.uniform(0.8, 1.1), int(rng.integers(20, 90)))


def _draw(text: str, hand: _Hand, rng: np.random.Generator) -> np.ndarray:
    """(64, W) uint8, dark ink on paper 235; of the text only ASCII can be drawn."""
    (width, _), _ = cv2.getTextSize(text, hand.font, _SIZE, 2)
    lean = abs(hand.slant) * LINE_HEIGHT
    sheet = np.full((LINE_HEIGHT, width + 2 * _END), PAPER, np.uint8)
    cv2.putText(sheet, text, (_END, _BASELINE), hand.font, _SIZE, hand.ink, 2, cv2.LINE_AA)
    matrix = np.array([[hand.stretch, hand.slant, max(0, -hand.slant) * LINE_HEIGHT], [0, 1, 0]])
    size = round(hand.stretch * sheet.shape[1] + lean), LINE_HEIGHT
    sheet = cv2.warpAffine(sheet, matrix, size, flags=cv2.INTER_LINEAR, borderValue=PAPER)
    noisy = sheet + rng.normal(0, 3, sheet.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def write_generated_lines(
    folder: Path, train: int = 40, validation: int = 8, test: int = 8, seed: int = 0
) -> None:
    """Write `lines/NAME.parquet` for every collection, `text/` and `fonts/` into `folder`.

    Args:
        folder: a data folder, to be named in `HANDWRITING_DATA`. Never one with real data:
            files of the same names are overwritten.
        train, validation, test: lines of each collection.
    """
    import pandas as pd

    folder = Path(folder)
    (folder / "lines").mkdir(parents=True, exist_ok=True)
    counts = {"train": train, "validation": validation, "test": test}
    for number, name in enumerate(COLLECTIONS):
        rng = np.random.default_rng([seed, number])
        hands = {split: _Hand.draw(rng) for split in counts}
        if name not in _STRANGERS:
            hands = dict.fromkeys(counts, hands["train"])
        rows = [
            _row(name, split, line, hands[split], rng)
            for split, count in counts.items()
            for line in range(count)
        ]
        pd.DataFrame(rows).to_parquet(folder / "lines" / f"{name}.parquet", index=False)
    _write_texts(folder / "text")
    _write_fonts(folder / "fonts")


def _row(name: str, split: str, number: int, hand: _Hand, rng: np.random.Generator) -> dict:
    language = _LANGUAGES.get(name, "fr")
    words = _plain(" ".join(SENTENCES[language])).split()
    start, count = int(rng.integers(len(words))), _WORDS.get(name) or int(rng.integers(3, 6))
    text = " ".join((words + words)[start : start + count])
    encoded = cv2.imencode(".webp", _draw(text, hand, rng), _QUALITY)[1]
    return {
        "image": encoded.tobytes(),
        "text": text,
        "language": language,
        "writer": f"{name}-{split}" if name in _STRANGERS else name,
        "page": f"{split}-{number // 8}",
        "split": split,
    }


def _plain(text: str) -> str:
    """ASCII alone: what every version of OpenCV can draw."""
    return unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()


def _write_texts(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for language, sentences in SENTENCES.items():
        text = "\n".join(sentences) + "\n"
        (folder / f"{language}.txt").write_text(text, encoding="utf-8")


def _write_fonts(folder: Path) -> None:
    import matplotlib

    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "fonts.csv", "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("file", "family", "style"))
        for name, style in _FONT_FILES.items():
            shutil.copy(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name, folder)
            table.writerow((name, Path(name).stem, style))


SENTENCES = {
    "en": (
        "The ferry leaves at six and comes back after dark.",
        "She kept the letters in a tin box under the stairs.",
        "Nobody in the village remembered who had planted the oak.",
        "We paid 14 shillings for the cart and walked home.",
        "Rain fell all week, and the lower field stood under water.",
        "Please send the blue vase, two maps and my other boots.",
        "His brother mends clocks; his sister repairs violins.",
        "A quiet harbour, three boats, and gulls on every roof.",
        "The baker's dog follows the postman as far as the bridge.",
        "On Friday the choir sang in the empty railway station.",
        "Why did you paint the kitchen door yellow again?",
        "The last page of her diary is about a lost umbrella.",
    ),
    "fr": (
        "Le facteur passe à midi et repart vers la vallée.",
        "Ma tante gardait ses graines dans de vieilles boîtes à thé.",
        "Il a plu toute la nuit sur les tuiles du marché couvert.",
        "Nous avons payé 12 francs pour deux sacs de châtaignes.",
        "La porte de l'école grince dès que le vent se lève.",
        "Où as-tu rangé la clé du grenier, cher cousin ?",
        "Les élèves dessinent une île, un phare et sept mouettes.",
        "Le forgeron chante faux, mais personne ne s'en plaint.",
        "Au mois d'août, la rivière est si basse qu'on la passe à pied.",
        "Son cœur battait fort quand le train entra en gare.",
        "Envoyez-nous du papier, de l'encre et un peu de café.",
        "La vieille horloge retarde de huit minutes chaque jour.",
    ),
    "de": (
        "Am Morgen lag Nebel über den Gärten der Vorstadt.",
        "Der Müller verkauft sein Mehl nur noch am Donnerstag.",
        "Unsere Nachbarin züchtet Bienen und spielt Waldhorn.",
        "Vor dem Rathaus stehen 9 Linden und eine kaputte Bank.",
        "Die Straße nach Süden ist bis Ostern gesperrt.",
        "Hast du den Schlüssel zum Bootshaus gefunden?",
        "Großvater schrieb jede Woche eine Karte aus dem Gebirge.",
        "Im Keller riecht es nach Äpfeln, Holz und altem Papier.",
        "Das Kind zählt die Wagen eines langen Güterzuges.",
        "Zwei Störche bauen ihr Nest auf dem Dach der Brauerei.",
        "Er nahm den Hut ab, grüßte und ging weiter zum Fluß.",
        "Am Abend spielten sie Karten; keiner wollte verlieren.",
    ),
}
