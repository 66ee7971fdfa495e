"""Running text to write: files of sentences, read at random places."""

from pathlib import Path

import numpy as np

from handwriting.errors import UserError

LANGUAGES = ("en", "fr", "de")

_PUNCTUATION = ".,;:!?\"'()[]«»“”„’‘—–-…*_"


class Corpus:
    """Text of several languages, found by position, so that nothing need be indexed.

    Args:
        folder: holds `en.txt`, `fr.txt`, `de.txt` (any of them), one sentence per line.

    Raises:
        UserError: none of the files is there, or one is no text.
    """

    def __init__(self, folder: Path):
        files = {language: folder / f"{language}.txt" for language in LANGUAGES}
        texts = {name: _read(file) for name, file in files.items() if file.is_file()}
        self._texts = {name: text for name, text in texts.items() if text.strip()}
        if not self._texts:
            names = ", ".join(file.name for file in files.values())
            raise UserError(
                f"{folder}: holds no text ({names}); put one sentence per line there, or set "
                "HANDWRITING_DATA"
            )
        self.languages = tuple(self._texts)

    def words(self, rng: np.random.Generator, language: str, length: int) -> list[str]:
        """Consecutive words of together at most `length` characters, at least one."""
        text = self._texts[language]
        start = int(rng.integers(len(text)))
        # The window is read around the end, and its first word dropped: it may be cut.
        window = text[start : start + length + 200]
        if len(window) < length + 200:
            window += " " + text[: length + 200]
        found = window.split()
        return _fitting(found[1:] or found, length)

    def word_with(self, rng: np.random.Generator, language: str, character: str) -> str | None:
        """A word with the character in it, without the punctuation around; None without one."""
        text = self._texts[language]
        at = text.find(character, int(rng.integers(len(text))))
        if at < 0:
            at = text.find(character)
        if at < 0:
            return None
        before, after = text[max(at - 60, 0) : at], text[at : at + 60]
        head = before.split()[-1] if before and not before[-1].isspace() else ""
        return (head + after.split()[0]).strip(_PUNCTUATION)


def _read(file: Path) -> str:
    try:
        # Treebanks write quotation marks as two strokes each.
        return file.read_text(encoding="utf-8").replace("``", '"').replace("''", '"')
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file}: cannot be read ({error}); save it as UTF-8 text") from None


def _fitting(words: list[str], length: int) -> list[str]:
    """The first words that fit into `length` characters with single spaces; at least one."""
    used, count = len(words[0]), 1
    for word in words[1:]:
        used += 1 + len(word)
        if used > length:
            break
        count += 1
    return words[:count]
