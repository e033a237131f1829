"""Reads a work summary or plan into a tree. Contract: the README beside the samples of `zhenwu outline`."""

from zhenwu.plans.outline.commitments import Target, find_targets
from zhenwu.plans.outline.due import find_due
from zhenwu.plans.outline.errors import OutlineError
from zhenwu.plans.outline.model import Figure, Noise, Outline, Part, Passage, Point, Section, TableTarget
from zhenwu.plans.outline.offices import Offices, find_offices
from zhenwu.plans.outline.reading import outline_of_text, read_outline

__all__ = [
    "Figure",
    "Noise",
    "Offices",
    "Outline",
    "OutlineError",
    "Part",
    "Passage",
    "Point",
    "Section",
    "TableTarget",
    "Target",
    "find_due",
    "find_offices",
    "find_targets",
    "outline_of_text",
    "read_outline",
]
