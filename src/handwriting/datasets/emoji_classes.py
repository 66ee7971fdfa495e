"""Which emoji the models offer, and which drawings stand for each."""

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
    "🎵": Emoji((), "note"),
    "🌼": Emoji(("flower",)),
    "🌈": Emoji(("rainbow",)),
    "❄": Emoji(("snowflake",)),
    "🕒": Emoji(("clock",)),
    "✉": Emoji(("envelope",)),
    "👑": Emoji(("crown",)),
    "💎": Emoji(("diamond",)),
    "💡": Emoji(("light bulb",)),
    "📷": Emoji(("camera",)),
    "🚲": Emoji(("bicycle",)),
    "🎂": Emoji(("cake", "birthday cake")),
    "🍎": Emoji(("apple",)),
    "🐟": Emoji(("fish",)),
    "🦋": Emoji(("butterfly",)),
    "👁": Emoji(("eye",)),
}

# The font whose drawings are kept from training.
TEST_FONT = "DejaVu"

# Filled drawings whose edge is what a hand would draw; of the others it is the middle line.
OUTLINED = {"heart", "sun", "cloud", "umbrella", "house"}

# Means something else, or nothing, when mirrored.
ONE_WAY = {"✓", "🎵"}

# Quick, Draw! keys of drawings that show something else.
MISLEADING: set[str] = set()
