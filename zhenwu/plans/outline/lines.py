"""Paragraphs made ready for the tree: noise taken out, broken lines joined, markers found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from zhenwu.plans.outline.markers import Marker, fold, line_marker
from zhenwu.plans.outline.model import Noise
from zhenwu.plans.outline.noise import is_noise, running_lines, strip_insertions
from zhenwu.plans.outline.source import Paragraph, Stretch
from zhenwu.plans.outline.tables import mark_tables, screen_width

_RAGGED = 4  # columns a full line may fall short by: a character is never cut
_LONGEST_JOINED = 3000
_SENTENCE_END = re.compile(r"[。！？!?；;：:…]['”’）)】》]*$|[-—]$")


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph with its marker. `folded` has the same length as `text`, half-width and with plain blanks."""

    number: int
    text: str
    folded: str
    marker: Marker | None
    level: int | None = None
    cells: tuple[str, ...] | None = None
    table: int | None = None
    blank_before: bool = False
    origin: tuple[Stretch, ...] = ()

    @property
    def squeezed(self) -> str:
        return re.sub(r"\s+", "", self.folded)


def lines_of(paragraphs: Sequence[Paragraph]) -> tuple[list[Line], list[Noise]]:
    """The lines that make the document, and the noise between them."""
    kept, noise = _without_noise(mark_tables(paragraphs))
    return [_line(paragraph) for paragraph in _joined(kept)], noise


def _line(paragraph: Paragraph) -> Line:
    folded = fold(paragraph.text)
    marker = None if paragraph.cells is not None else line_marker(folded, paragraph.printed_number)
    return Line(
        paragraph.number, paragraph.text, folded, marker, paragraph.level, paragraph.cells, paragraph.table,
        paragraph.blank_before, paragraph.origin,
    )  # fmt: skip


def _without_noise(paragraphs: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Noise]]:
    running = running_lines(p.text for p in paragraphs if p.cells is None and not p.margin)
    kept: list[Paragraph] = []
    noise: list[Noise] = []
    gap = False
    for paragraph in paragraphs:
        reason = paragraph.margin or _reason(paragraph, running)
        if reason == "广告" and _is_work(strip_insertions(paragraph.text)[0]):
            reason = None
        if reason is None and paragraph.cells is None:
            text, taken, stretches = strip_insertions(paragraph.text)
            noise += [Noise(paragraph.number, piece, "插入的广告或页码") for piece in taken]
            origin = tuple(Stretch(place, paragraph.number, old) for place, old in stretches)
            paragraph = replace(paragraph, text=text, origin=origin)
            if not text.strip():
                continue
        if reason is None:
            kept.append(replace(paragraph, blank_before=paragraph.blank_before or gap))
            gap = False
        else:
            noise.append(Noise(paragraph.number, paragraph.text, reason))
            gap = gap or paragraph.blank_before
    return kept, noise


def _is_work(text: str) -> bool:
    """Whether a sentence is left when an advertisement set into it is gone."""
    return len(text.strip()) > 8 and bool(_SENTENCE_END.search(text)) and is_noise(text, marked=False) is None


def _reason(paragraph: Paragraph, running: set[str]) -> str | None:
    if paragraph.cells is not None:
        return None
    marker = line_marker(fold(paragraph.text), paragraph.printed_number)
    if re.sub(r"\s+", "", paragraph.text) in running and marker is None:
        return "重复出现的页眉或水印"
    return is_noise(paragraph.text, marked=marker is not None)


def _joined(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Undoes hard line breaks, in documents whose long lines nearly all end at the same column."""
    widths = [screen_width(p.text) for p in paragraphs if p.cells is None]
    widest = max(widths, default=0)
    full = [width for width in widths if width >= widest - _RAGGED]
    if not (36 <= widest <= 120 and len(full) >= 4 and len(full) * 4 >= len(widths)):
        return paragraphs
    joined: list[Paragraph] = []
    room = False  # whether the line above is full and breaks off in a sentence
    for paragraph in paragraphs:
        fresh = line_marker(fold(paragraph.text), paragraph.printed_number) or paragraph.text[:1].isspace()
        goes_on = (
            room
            and len(joined[-1].text) < _LONGEST_JOINED
            and not fresh
            and not paragraph.blank_before
            and paragraph.cells is None
        )
        if goes_on:
            above = joined[-1]
            shifted = (piece._replace(place=piece.place + len(above.text)) for piece in paragraph.origin)
            joined[-1] = replace(above, text=above.text + paragraph.text, origin=(*above.origin, *shifted))
        else:
            joined.append(paragraph)
        is_full = screen_width(paragraph.text) >= widest - _RAGGED
        room = paragraph.cells is None and is_full and not _SENTENCE_END.search(paragraph.text)
    return joined
