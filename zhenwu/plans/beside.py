"""The document beside its outline: each paragraph in stretches that say what was read from them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Stretch:
    """`keys`: the nodes of the outline that stand here. `tone` is noise, repair or figure, or ""; `says` explains it."""

    text: str
    keys: str
    tone: str
    says: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    number: int
    stretches: list[Stretch]


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    key: str = ""
    tone: str = ""
    says: str = ""


def source_lines(said: Mapping[str, Any], places: Mapping[str, list[list[int]]]) -> list[SourceLine]:
    """All paragraphs with words, [] for an outline that was kept without its source."""
    by_paragraph: dict[int, list[_Mark]] = {}
    for number, mark in _marks(said, places):
        by_paragraph.setdefault(number, []).append(mark)
    return [
        SourceLine(number, _stretches(text, by_paragraph.get(number, []))) for number, text in said.get("source", ())
    ]


def _marks(said: Mapping[str, Any], places: Mapping[str, list[list[int]]]) -> Iterator[tuple[int, _Mark]]:
    for key, place in places.items():
        yield from ((number, _Mark(start, end, key=key)) for number, start, end in place)
    for tone, found, says in (
        ("figure", said.get("figures", ()), lambda one: f"{one['value']}{one['unit']}"),
        ("repair", said.get("repairs", ()), _repaired),
        ("noise", said.get("noise", ()), lambda one: f"不计入正文：{one['reason']}"),
    ):
        for one in found:
            for number, start, end in one.get("place", ()):
                yield number, _Mark(start, end, tone=tone, says=says(one))


def _repaired(repair: Mapping[str, Any]) -> str:
    read = repair["read"].strip()
    return f"{repair['kind']}：读作“{read[:_LONGEST_SHOWN]}”" if read else f"{repair['kind']}：略去"


def _stretches(text: str, marks: list[_Mark]) -> list[Stretch]:
    """The text cut wherever a mark begins or ends. Of several tones the last one named above shows."""
    cuts = sorted({0, len(text), *(at for mark in marks for at in (mark.start, mark.end) if 0 < at < len(text))})
    begins: dict[int, list[_Mark]] = {}
    for mark in marks:
        begins.setdefault(mark.start, []).append(mark)
    found: list[Stretch] = []
    open_marks: list[_Mark] = []
    for start, end in pairwise(cuts):
        open_marks = [mark for mark in open_marks if mark.end > start] + begins.get(start, [])
        toned = [mark for mark in open_marks if mark.tone]
        keys = " ".join(dict.fromkeys(mark.key for mark in open_marks if mark.key))
        top = max(toned, key=lambda mark: ("figure", "repair", "noise").index(mark.tone), default=None)
        found.append(
            Stretch(text[start:end], keys, top.tone if top else "", "；".join(dict.fromkeys(m.says for m in toned)))
        )
    return found
