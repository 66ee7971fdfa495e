"""Which emoji the models offer, and which drawings stand for each.

The choice was made by experiment: a small network on gradient histograms was trained on 15
drawings a class and asked about the other ten. Left out:

- 👁 🦋 👑 🌼 💡 ✈ 🔑 ✋ 🐱 🐶 and cups: a third to three quarters of the unseen drawings were
  right, and ☂, 🌳 and ⚡ were taken for some of them;
- ❄: well read itself, but it was seen in a quarter of the ⭐ and ☀;
- circle, line, squiggle, square, triangle: letters and digits, or no emoji;
- 😢 😡 (six drawings each): unseen 😢, and hand-drawn 😀 as well, were read as 😡;
  😍 😎 😴 ✌ 👍 👎 (two or three): too few to learn from and to judge by;
  🎵: no unseen one was read;
- ✗, which is an X.
"""

from typing import NamedTuple


class Emoji(NamedTuple):
    """`words`: Quick, Draw! categories; `symbol`: the class name in `symbols.csv`."""

    words: tuple[str, ...] = ()
    symbol: str = ""


EMOJI: dict[str, Emoji] = {
    "😀": Emoji(("smiley face",), "grinning"),
    "⭐": Emoji(("star",), "star"),
    "☀": Emoji(("sun",), "sun"),
    "☁": Emoji(("cloud",), "cloud"),
    "☂": Emoji(("umbrella",), "umbrella"),
    "⚡": Emoji(("lightning",), "lightning"),
    "🌙": Emoji(("moon",), "moon"),
    "🏠": Emoji(("house",), "house"),
    "❤": Emoji((), "heart"),
    "✓": Emoji((), "check"),
    "🌳": Emoji(("tree",)),
    "🌈": Emoji(("rainbow",)),
    "🕒": Emoji(("clock",)),
    "✉": Emoji(("envelope",)),
    "💎": Emoji(("diamond",)),
    "📷": Emoji(("camera",)),
    "🚲": Emoji(("bicycle",)),
    "🎂": Emoji(("cake", "birthday cake")),
    "🍎": Emoji(("apple",)),
    "🐟": Emoji(("fish",)),
}

# The font whose drawings are kept from training.
TEST_FONT = "DejaVu"

# A hand draws the edge of a filled picture of these; of all others, the middle of its lines.
OUTLINED = {"heart", "sun", "cloud", "umbrella", "house"}
# Whether filled or hatched.
ALWAYS_OUTLINED = {"heart"}

# Means something else, or nothing, when mirrored.
ONE_WAY = {"✓"}

# Quick, Draw! keys of drawings that show something else.
MISLEADING = {
    # cloud: a line
    "6608686266974208",
    # moon: full moons, which are read as 0 or O, and stars
    "5783988255850496",
    "5252141214072832",
    "4983733809577984",
    "4550816390184960",
    "5447786822631424",
    "5551841901281280",
    "5760665794904064",
    # sun: other things
    "5305147586510848",
    # lightning: other things
    "5223056618291200",
    "4580773384421376",
    "5512059934474240",
    "4602953518284800",
    "5743707519188992",
    # diamond: a blob
    "6444383903678464",
    # cake: letters
    "6122533180932096",
}
