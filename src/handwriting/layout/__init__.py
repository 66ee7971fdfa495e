"""Where the lines of a handwritten page are, and in which order they are read."""

from handwriting.layout.find import find_lines
from handwriting.layout.overlay import overlay
from handwriting.layout.page import Block, Layout, TextLine

__all__ = ["Block", "Layout", "TextLine", "find_lines", "overlay"]
