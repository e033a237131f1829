"""Reads a work summary or plan into a tree. Contract: the README beside the samples of `zhenwu outline`."""

from zhenwu.plans.outline.errors import OutlineError
from zhenwu.plans.outline.model import Figure, Noise, Outline, Part, Passage, Point, Section, TableTarget
from zhenwu.plans.outline.reading import outline_of_text, read_outline

__all__ = [
    "Figure",
    "Noise",
    "Outline",
    "OutlineError",
    "Part",
    "Passage",
    "Point",
    "Section",
    "TableTarget",
    "outline_of_text",
    "read_outline",
]
