"""Which pages of a file are wanted: `1-10,15,20-`."""

import re

from handwriting.errors import UserError

# First and last page, both included; None = to the end.
Ranges = tuple[tuple[int, int | None], ...]

ALL: Ranges = ((1, None),)
_RANGE = re.compile(r"(\d{1,6})(-(\d{1,6})?)?")


def parse_pages(text: str) -> Ranges:
    """Pages and ranges of pages, by commas.

    >>> parse_pages("1-10,15,20-")
    ((1, 10), (15, 15), (20, None))

    Raises:
        UserError: anything else, or a range that runs backwards.
    """
    return tuple(_parse_range(part.strip(), text) for part in text.split(","))


def _parse_range(part: str, text: str) -> tuple[int, int | None]:
    match = _RANGE.fullmatch(part)
    if match:
        first = int(match[1])
        last = first if match[2] is None else int(match[3]) if match[3] else None
        if first >= 1 and (last is None or last >= first):
            return first, last
    raise UserError(f"pages {text!r}: not a list of pages; write them as in 1-10,15,20-")


def selected(ranges: Ranges, count: int) -> list[int]:
    """Numbers of the pages, from 1, that a file of `count` pages has, in order, each once.

    >>> selected(((4, None), (1, 2)), 5)
    [1, 2, 4, 5]
    """
    numbers: set[int] = set()
    for first, last in ranges:
        numbers.update(range(first, min(count, last or count) + 1))
    return sorted(numbers)
