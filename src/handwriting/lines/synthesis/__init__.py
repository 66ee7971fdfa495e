"""Synthetic handwritten lines: texts, hands, pens, paper, cameras."""

from handwriting.lines.synthesis.stored import cached_synthetic
from handwriting.lines.synthesis.synthesiser import Synthesiser, synthesise

__all__ = ["Synthesiser", "cached_synthetic", "synthesise"]
