"""A report as a tree of paragraphs whose figures are objects: what the page and the document are made from."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from zhenwu.lib.numerals import int_to_chinese


@dataclass(frozen=True)
class Cited:
    """One figure as it was computed for the report; nothing of it is computed again to show it.

    `value` is the exact number as text, `text` what the sentence prints, `path` the page with its rows, `ledgers` the
    labels of the ledgers these rows lie in. A figure of very few persons says only that (`value` ""). `finding` marks a
    number of open findings, which is no indicator.
    """

    code: str
    label: str
    unit: str
    definition: str
    value: str
    text: str
    as_of: str
    year: int
    boundary: str
    pack_hash: str
    digest: str
    row_count: int
    path: str
    ledgers: tuple[str, ...] = ()
    finding: bool = False

    @property
    def day(self) -> date:
        return date.fromisoformat(self.as_of)

    @property
    def rows_text(self) -> str:
        return str(self.row_count) if self.value else self.text

    @property
    def with_unit(self) -> str:
        """The text with its unit behind it, where the text does not say it already (94.0%, 412.7万元)."""
        return self.text if self.text[-1:] not in "0123456789" else f"{self.text}{self.unit}"


Segment = str | Cited
Paragraph = tuple[Segment, ...]


@dataclass(frozen=True)
class Section:
    line: str
    heading: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Part:
    heading: str
    sections: tuple[Section, ...]
    is_list: bool = False  # its paragraphs are points, counted 1. 2. 3.


@dataclass(frozen=True)
class Comparison:
    """A table by village. `rows`: (name, whether it is part of the row above, a cell a head)."""

    said: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, bool, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Tree:
    opening: tuple[Paragraph, ...] = ()
    parts: tuple[Part, ...] = ()
    figures: dict[str, Cited] = field(default_factory=dict)  # by code, in the order of the text
    comparison: Comparison | None = None

    @classmethod
    def of(cls, opening: tuple[Paragraph, ...], parts: tuple[Part, ...]) -> "Tree":
        bare = cls(opening, parts)
        return cls(opening, parts, {one.code: one for one in bare._cited()})

    def lines(self) -> "Iterator[Line]":
        """The text from top to bottom, headings with their numbers."""
        for paragraph in self.opening:
            yield Line("body", paragraph)
        for number, part in enumerate(self.parts, 1):
            yield Line("h1", (f"{int_to_chinese(number)}、{part.heading}",))
            for place, section in enumerate(part.sections, 1):
                yield Line("h2", (f"（{int_to_chinese(place)}）{section.heading}",))
                counted = part.is_list and len(section.paragraphs) > 1
                for point, paragraph in enumerate(section.paragraphs, 1):
                    yield Line("body", (f"{point}.", *paragraph) if counted else paragraph)

    def to_json(self) -> dict[str, Any]:
        """Each figure once; the text names it as {"figure": code}."""
        return {
            "opening": [_dump(one) for one in self.opening],
            "parts": [
                {
                    "heading": part.heading,
                    "is_list": part.is_list,
                    "sections": [
                        {"line": one.line, "heading": one.heading, "paragraphs": [_dump(p) for p in one.paragraphs]}
                        for one in part.sections
                    ],
                }
                for part in self.parts
            ],
            "figures": {code: asdict(one) | {"ledgers": list(one.ledgers)} for code, one in self.figures.items()},
        } | ({"comparison": asdict(self.comparison)} if self.comparison else {})

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Tree":
        figures = {
            code: Cited(**{**one, "ledgers": tuple(one["ledgers"])}) for code, one in said.get("figures", {}).items()
        }

        def read(paragraph: list[Any]) -> Paragraph:
            return tuple(one if isinstance(one, str) else figures[one["figure"]] for one in paragraph)

        parts = tuple(
            Part(
                part["heading"],
                tuple(
                    Section(one["line"], one["heading"], tuple(read(p) for p in one["paragraphs"]))
                    for one in part["sections"]
                ),
                part["is_list"],
            )
            for part in said.get("parts", [])
        )
        table = said.get("comparison")
        comparison = None
        if table:
            rows = tuple((name, inner, tuple(cells)) for name, inner, cells in table["rows"])
            comparison = Comparison(table["said"], tuple(table["heads"]), rows)
        return cls(tuple(read(one) for one in said.get("opening", [])), parts, figures, comparison)

    def _cited(self) -> Iterator[Cited]:
        for line in self.lines():
            yield from (one for one in line.segments if isinstance(one, Cited))


@dataclass(frozen=True)
class Line:
    """A paragraph of the text; `level` is body, h1 or h2."""

    level: str
    segments: Paragraph

    @property
    def text(self) -> str:
        return "".join(one if isinstance(one, str) else one.text for one in self.segments)


def _dump(paragraph: Paragraph) -> list[Any]:
    return [one if isinstance(one, str) else {"figure": one.code} for one in paragraph]
