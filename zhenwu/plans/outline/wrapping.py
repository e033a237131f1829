"""Hard line breaks: lines that belong together become one again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from zhenwu.plans.outline.folding import fold
from zhenwu.plans.outline.markers import line_marker
from zhenwu.plans.outline.model import Repair
from zhenwu.plans.outline.source import Paragraph
from zhenwu.plans.outline.tables import screen_width

_LONGEST_JOINED = 3000
_STOPPED: Final = re.compile(r"[。！？!?；;：:…]['”’）)】》]*\s*$|[-—]$|[）)]\s*$")
_SENTENCE: Final = re.compile(r"[，。；]")
_LONG = 30  # columns from which a line can be one of running text
_TAIL, _HEADING = 6, 40  # what is left of a heading on its second line, and how long its first may be
_FULL = 0.86  # of the width of running lines


@dataclass(frozen=True, slots=True)
class _Page:
    """How the lines of a document are set. `width` is that of its full lines; `indents`: paragraphs begin with blanks."""

    width: int
    indents: bool


def joined_lines(paragraphs: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Repair]]:
    """Undoes hard line breaks in documents whose lines break off inside sentences, and headings over two lines anywhere."""
    page = _page_of(paragraphs)
    found: list[Paragraph] = []
    repairs: list[Repair] = []
    last: Paragraph | None = None  # the line above, as it stands in the file
    for paragraph in paragraphs:
        if last is not None and len(found[-1].text) < _LONGEST_JOINED and _goes_on(last, paragraph, page):
            words = paragraph.words
            repairs.append(Repair(words[: min(len(words), 8)], "接上断开的行", words.text[:8]))
            found[-1] = replace(found[-1], words=found[-1].words + words)
        else:
            found.append(paragraph)
        last = paragraph
    return found, repairs


def _page_of(paragraphs: Sequence[Paragraph]) -> _Page | None:
    """None for a document whose lines are whole paragraphs."""
    lines = [p for p in paragraphs if p.cells is None and not p.margin]
    widths = sorted(screen_width(p.text) for p in lines)
    if len(lines) < 4:
        return None
    running = [p for p in lines if screen_width(p.text) >= _LONG]
    broken = sum(
        not _STOPPED.search(above.text) and not _starts(below)
        for above, below in pairwise(lines)
        if screen_width(above.text) >= _LONG
    )
    if broken < 3 or broken < 0.25 * len(running):
        return None
    width = widths[int(len(widths) * 0.9)] if len(widths) >= 10 else widths[-1]
    if width > 140:  # whole paragraphs, carelessly stopped
        return None
    firsts = [p for p in lines if line_marker(fold(p.text), p.printed_number)]
    indented = sum(p.text[:1].isspace() for p in firsts)
    return _Page(width, len(firsts) > 1 and indented >= 0.7 * len(firsts))


def _heading_goes_on(above: Paragraph, below: Paragraph) -> bool:
    """一、坚持党建引领，/ 夯实基层基础; （二）人居环境更加 / 靓丽。全年…"""
    if below.blank_before or not line_marker(fold(above.text), above.printed_number):
        return False
    if above.text.rstrip().endswith(("，", ",", "、")):
        return True
    rest = re.split("[。；：，]", below.text, maxsplit=1)
    is_tail = len(rest) == 2 and len(rest[0].strip()) <= _TAIL and below.text[len(rest[0])] == "。"
    return is_tail and not _STOPPED.search(above.text) and len(above.text) < _HEADING


def _starts(paragraph: Paragraph) -> bool:
    text = paragraph.text
    return text[:1].isspace() or line_marker(fold(text), paragraph.printed_number) is not None


def _goes_on(above: Paragraph, below: Paragraph, page: _Page | None) -> bool:
    if above.cells is not None or below.cells is not None or below.margin or _starts(below):
        return False
    if _heading_goes_on(above, below):
        return True
    if page is None:
        return False
    width = screen_width(above.text)
    stopped = _STOPPED.search(above.text)
    full = width >= _FULL * page.width
    if below.blank_before:  # a page may end inside a sentence
        return page.indents and full and not stopped
    if page.indents:  # every paragraph begins with blanks: a line that does not goes on, even behind a stop
        return full or (not stopped and bool(_SENTENCE.search(above.text)))
    return full and not stopped
