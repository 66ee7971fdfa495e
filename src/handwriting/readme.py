"""The README's results table, made from `outputs/results.csv`: `python -m handwriting.readme`."""

import re

from handwriting.paths import ROOT
from handwriting.results import results_table

README = ROOT / "README.md"
_BLOCK = re.compile(r"(<!-- results: .*? -->\n).*?(<!-- end of results -->)", re.DOTALL)


def with_results(text: str) -> str:
    """README text with its table brought up to date; nothing else is touched."""
    table = results_table().replace("\\", r"\\")
    return _BLOCK.sub(rf"\g<1>{table}\n\g<2>", text)


if __name__ == "__main__":
    README.write_text(with_results(README.read_text(encoding="utf-8")), encoding="utf-8")
