"""The tree of a work summary or plan: parts, sections, points, figures, targets, noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from zhenwu.plans.outline.traced import Span, Traced, Worded

Number = int | Decimal


def place_json(words: Traced | None) -> list[list[int]]:
    """Where words stand in the file: [[paragraph, from, to], …], paragraphs from 1, columns from 0."""
    return [list(span) for span in words.spans()] if words is not None else []


@dataclass(frozen=True, slots=True)
class Passage(Worded):
    """Unmarked text. `paragraph` is the line of a text file or the block of a docx, both from 1."""

    words: Traced
    table: int | None = None  # rows of one table share a number

    def as_json(self) -> dict[str, Any]:
        return {"paragraph": self.paragraph, "text": self.text.strip(), "place": place_json(self.words.strip())}


@dataclass(slots=True)
class Point(Worded):
    """A marked item. `words` are the whole item without its marker, with items that run on in the same paragraph.

    `body` are unmarked paragraphs below it, `points` its own marked items, on lines below or (`inside`) in its own words.
    """

    marker: str
    words: Traced
    body: list[Passage] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    inside: bool = False

    @property
    def title(self) -> str:
        """The text as a list shows it: a line that only heads items below it loses its closing mark."""
        heads_lines = any(not point.inside for point in self.points)
        return self.text.rstrip("。：:；; ") if heads_lines else self.text

    def as_json(self) -> dict[str, Any]:
        return {
            "marker": self.marker,
            "paragraph": self.paragraph,
            "place": place_json(self.words),
            "inside": self.inside,
            "text": self.title,
            "body": [passage.as_json() for passage in self.body],
            "points": [point.as_json() for point in self.points],
        }


class _Headed:
    """What may have a heading, and text below it."""

    __slots__ = ()
    head: Traced | None
    body: list[Passage]

    @property
    def heading(self) -> str:
        return self.head.text if self.head else ""

    @property
    def text(self) -> str:
        return "\n".join(passage.text.strip() for passage in self.body)


@dataclass(slots=True)
class Section(_Headed):
    """`heading` as printed with its number, "" for points directly under a part. `body` is its unmarked text."""

    head: Traced | None
    body: list[Passage] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)

    @property
    def paragraph(self) -> int | None:
        below = [passage.words for passage in self.body] + [point.words for point in self.points]
        first = self.head or next(iter(below), None)
        return None if first is None else first.place(0)[0]

    def as_json(self) -> dict[str, Any]:
        return {
            "heading": self.heading,
            "points": [point.title for point in self.points],
            "paragraph": self.paragraph,
            "place": place_json(self.head),
            "text": self.text,
            "body": [passage.as_json() for passage in self.body],
            "items": [point.as_json() for point in self.points],
        }


@dataclass(slots=True)
class Part(_Headed):
    """Top level. `kind` is summary, plan, problems or other; `half` is 1 or 2 where the heading names a half-year."""

    head: Traced | None
    paragraph: int
    kind: str = "other"
    half: int | None = None
    body: list[Passage] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    def texts(self) -> Iterator[str]:
        """Its own text and that of its sections and points, without what stands below points."""
        yield self.text
        for section in self.sections:
            yield section.text
            yield from (point.text for point in section.points)

    def as_json(self) -> dict[str, Any]:
        half = {} if self.half is None else {"half": self.half}
        return {
            "heading": self.heading,
            "kind": self.kind,
            **half,
            "sections": [section.as_json() for section in self.sections],
            "paragraph": self.paragraph,
            "place": place_json(self.head),
            "text": self.text,
            "body": [passage.as_json() for passage in self.body],
        }


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as printed, and what it says.

    `value` has 万 and 亿 resolved; a decrease is negative; percent 7.2 means 7.2 %. `qualifier` is approx, min, max or None.
    `span` is where `text` stands in its paragraph as read (a figure broken over two lines begins in this one), `place` all
    of it. `path` leads to its node: (part, section, point, point below it, ...), shorter where the text stands higher up, empty for
    text before the first or after the last part.
    """

    text: str
    value: Number
    unit: str
    qualifier: str | None
    paragraph: int
    span: tuple[int, int]
    path: tuple[int, ...] = ()
    place: tuple[Span, ...] = ()

    def as_json(self) -> dict[str, Any]:
        qualifier = {} if self.qualifier is None else {"qualifier": self.qualifier}
        return {
            "text": self.text,
            "value": json_number(self.value),
            "unit": self.unit,
            **qualifier,
            "paragraph": self.paragraph,
            "span": list(self.span),
            "path": list(self.path),
            "place": [list(span) for span in self.place],
        }


@dataclass(frozen=True, slots=True)
class TableTarget:
    """One row of a table of targets. `op` is >=, <= or =, None where the cell states none; None also for empty cells."""

    indicator: str
    unit: str
    base: Number | None
    target: Number | None
    due: str | None
    op: str | None
    office: str | None
    paragraph: int

    def as_json(self) -> dict[str, Any]:
        return {
            "indicator": self.indicator,
            "unit": self.unit,
            "base": None if self.base is None else json_number(self.base),
            "target": None if self.target is None else json_number(self.target),
            "due": self.due,
            "op": self.op,
            "office": self.office,
            "paragraph": self.paragraph,
        }


@dataclass(frozen=True, slots=True)
class Noise(Worded):
    """Text that is no part of the document, and why we think so."""

    words: Traced
    reason: str

    def as_json(self) -> dict[str, Any]:
        return {
            "paragraph": self.paragraph,
            "place": place_json(self.words),
            "text": self.text,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Repair:
    """Something in the file that was read otherwise than it is printed. `read` is "" where it was taken out."""

    words: Traced
    kind: str
    read: str

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "printed": self.words.text, "read": self.read, "place": place_json(self.words)}


@dataclass(slots=True)
class Outline:
    """A whole document. `preamble` and `closing` are the paragraphs before the first and after the last part."""

    title: str = ""
    year_summary: int | None = None
    year_plan: int | None = None
    parts: list[Part] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    targets: list[TableTarget] = field(default_factory=list)
    noise: list[Noise] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    preamble: list[Passage] = field(default_factory=list)
    closing: list[Passage] = field(default_factory=list)
    title_words: Traced | None = None
    source: dict[int, str] = field(default_factory=dict)  # the paragraphs of the file, as read

    def passages(self) -> Iterator[tuple[tuple[int, ...], Passage]]:
        """All text, headings too, in order, each with the path to its node. A point's text comes as one passage."""
        yield from (((), passage) for passage in self.preamble)
        for part_no, part in enumerate(self.parts):
            if part.head:
                yield (part_no,), Passage(part.head)
            yield from (((part_no,), passage) for passage in part.body)
            for section_no, section in enumerate(part.sections):
                path = (part_no, section_no)
                if section.head:
                    yield path, Passage(section.head)
                yield from ((path, passage) for passage in section.body)
                for point_no, point in enumerate(section.points):
                    yield from _passages_of(point, (*path, point_no))
        yield from (((), passage) for passage in self.closing)

    def as_json(self) -> dict[str, Any]:
        """The contract of `zhenwu outline --json`: whole numbers as int, others as float."""
        return {
            "title": self.title,
            "title_place": place_json(self.title_words),
            "year_summary": self.year_summary,
            "year_plan": self.year_plan,
            "parts": [part.as_json() for part in self.parts],
            "figures": [figure.as_json() for figure in self.figures],
            "targets": [target.as_json() for target in self.targets],
            "noise": [noise.as_json() for noise in self.noise],
            "repairs": [repair.as_json() for repair in self.repairs],
            "preamble": [passage.as_json() for passage in self.preamble],
            "closing": [passage.as_json() for passage in self.closing],
        }

    def source_json(self) -> list[list[Any]]:
        """[[paragraph, text], …]: the document beside which its tree is shown."""
        return [[number, text] for number, text in sorted(self.source.items())]


def _passages_of(point: Point, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Passage]]:
    if not point.inside:
        yield path, Passage(point.words)
    yield from ((path, passage) for passage in point.body)
    for number, child in enumerate(point.points):
        yield from _passages_of(child, (*path, number))


def json_number(value: Number) -> int | float:
    """JSON has no Decimal: 7.20 -> 7.2, 684000000.0 -> 684000000."""
    return int(value) if value == int(value) else float(value)
