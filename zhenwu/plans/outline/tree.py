"""From lines to the tree of parts, sections and points."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from zhenwu.plans.outline import headings
from zhenwu.plans.outline.figures import amounts_in
from zhenwu.plans.outline.lines import Line
from zhenwu.plans.outline.markers import RANK, Kind, Marker, inline_series
from zhenwu.plans.outline.model import Outline, Part, Passage, Point, Section

_LABEL: Final = re.compile(r"\s*([^,。;:、\d]{2,16}):")
_NO_LABEL: Final = re.compile(
    r"如下|以下|下列|看到|汇报|报告|各位|同志|代表|目标是|要求是|主要有|指出|强调|^注$|单位|责任人|联系|电话|附件"
)
_LONGEST_LONE_HEADING: Final = 45


def build(lines: Sequence[Line]) -> Outline:
    """The tree of a document. Kinds and years are set, figures and targets are not."""
    outline = Outline()
    outline.title, body_from = headings.find_title(lines)
    starts, top = _part_starts(lines, body_from)
    end = headings.closing_from(lines, starts[-1].place if starts else body_from)
    if not starts and body_from < end:
        starts = [_Start(_first_text(lines, body_from, end), headed=False)]
    first = starts[0].place if starts else end
    title_lines = _title_places(lines, body_from, outline.title)
    outline.preamble = [_whole(lines[at]) for at in range(first) if at not in title_lines]
    outline.closing = [_whole(line) for line in lines[end:]] if starts else []
    for start, following in zip(starts, [*starts[1:], _Start(end, headed=False)], strict=False):  # no parts: nothing
        outline.parts.append(_part(lines[start.place : following.place], start, top))
    _name_kinds(outline, lines)
    return outline


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a part begins, and whether its first line is its heading."""

    place: int
    headed: bool
    kind: str | None = None


def _title_places(lines: Sequence[Line], after: int, title: str) -> set[int]:
    if not title:
        return set()
    return {after - 1} if lines[after - 1].text.strip() == title else {after - 2, after - 1}


def _whole(line: Line) -> Passage:
    return Passage(line.number, 0, line.text, line.table)


def _first_text(lines: Sequence[Line], start: int, end: int) -> int:
    """A document without headings begins behind its salutation and date lines."""
    place = start
    while (
        place < end - 1
        and lines[place].marker is None
        and (
            headings.is_salutation(lines[place])
            or (len(lines[place].squeezed) <= 30 and not lines[place].squeezed.endswith("。"))
        )
    ):
        place += 1
    return place


def _part_starts(lines: Sequence[Line], body_from: int) -> tuple[list[_Start], Kind | None]:
    """The first lines of all parts, and the kind of marker the parts carry (None for unnumbered headings)."""
    places = range(body_from, len(lines))
    chapters = [at for at in places if _is(lines[at], Kind.CHAPTER)]
    numbered = [at for at in places if _is(lines[at], Kind.DUN)]
    loose = [at for at in places if headings.is_loose_heading(lines, at, strict=bool(numbered or chapters))]
    wrappers = chapters or (_wrappers(lines, numbered, loose) if numbered else [])
    # （一） is always a section, so with four levels 一、 are parts as well, below the heading that wraps them.
    if wrappers and not (numbered and any(_is(line, Kind.PAREN) for line in lines[wrappers[0] :])):
        tops, top = wrappers, None
    elif numbered:
        tops, top = (
            sorted({*wrappers, *numbered, *(at for at in loose if _stands_alone(lines, at, numbered))}),
            Kind.DUN,
        )
    else:
        tops, top = _highest(lines, loose), None
    starts = _under_wrappers(lines, [_Start(at, headed=True) for at in tops], wrappers)
    opening = _unheaded_opening(lines, body_from, starts)
    return opening + _with_unheaded(lines, starts, top), top


def _under_wrappers(lines: Sequence[Line], starts: list[_Start], wrappers: list[int]) -> list[_Start]:
    """Parts below a heading that wraps several (2024年工作要点) share its kind, unless they are problems or other."""
    wrapping: str | None = None
    told: list[_Start] = []
    for start in starts:
        own = headings.kind_of(lines[start.place].text)
        if start.place in wrappers:
            wrapping = own
        elif wrapping and own not in ("problems", "other"):
            start = replace(start, kind=wrapping)
        told.append(start)
    return told


def _unheaded_opening(lines: Sequence[Line], body_from: int, starts: list[_Start]) -> list[_Start]:
    """A part without heading above the first heading: items, labels (党建方面：) or figures of a summary stand there."""
    end = starts[0].place if starts else body_from
    above = range(body_from, end)
    kinds = Counter(marker.kind for at in above if (marker := lines[at].marker))
    begins = [at for at in above if (marker := lines[at].marker) and kinds[marker.kind] > 1]
    labels = [at for at in above if _label(lines[at])]
    begins += labels if len(labels) > 1 else []
    no_summary = not any((s.kind or headings.kind_of(lines[s.place].text)) == "summary" for s in starts)
    if not begins and no_summary:
        counted = {at: len(amounts_in(lines[at].text)) for at in above if not lines[at].marker}
        begins = [at for at, count in counted.items() if count > 1] if sum(counted.values()) > 3 else []
    return [_Start(min(begins), headed=False, kind="summary" if no_summary else None)] if begins else []


def _is(line: Line, kind: Kind) -> bool:
    return line.marker is not None and line.marker.kind is kind


def _highest(lines: Sequence[Line], loose: list[int]) -> list[int]:
    """Of headings with styles, those of the highest level; without styles all."""
    levels = [level for at in loose if (level := lines[at].level) is not None]
    return [at for at in loose if lines[at].level == min(levels)] if levels else loose


def _wrappers(lines: Sequence[Line], numbered: list[int], loose: list[int]) -> list[int]:
    """Unnumbered headings above several series 一、二、…: each first member has one not far above it."""
    firsts = [at for at in numbered if lines[at].marker.number == 1]  # type: ignore[union-attr]
    if len(firsts) < 2:
        return []
    wrappers = []
    for previous, first in zip([-1, *firsts], firsts, strict=False):
        above = [at for at in loose if previous < at < first and not any(at < n < first for n in numbered)]
        if not above:
            return []
        wrappers.append(above[-1])
    after_last = [at for at in loose if at > numbered[-1] and _stands_alone(lines, at, numbered)]
    return wrappers + after_last


def _stands_alone(lines: Sequence[Line], place: int, numbered: list[int]) -> bool:
    """Whether no series of items runs on across this line: the next marked line is a part or a first member."""
    following = next((line.marker for line in lines[place + 1 :] if line.marker), None)
    before_parts = place < numbered[0]
    return not before_parts and (following is None or following.kind is Kind.DUN or following.number in (1, None))


def _with_unheaded(lines: Sequence[Line], starts: list[_Start], top: Kind | None) -> list[_Start]:
    """Adds parts that begin without a heading: the problems at the end of a summary, a plan that only says 下一步."""
    kinds = {headings.kind_of(lines[start.place].text) for start in starts}
    added: list[_Start] = []
    for start, after in zip(starts, [*(s.place for s in starts[1:]), len(lines)], strict=False):
        if (start.kind or headings.kind_of(lines[start.place].text)) not in ("summary", None):
            continue
        inside = range(start.place + 1, after)
        last_section = max((at for at in inside if _is_section(lines[at], top)), default=start.place)
        if any(headings.kind_of(lines[at].text) == "problems" for at in inside if _is_section(lines[at], top)):
            continue
        for place in range(last_section + 1, after):
            line = lines[place]
            if line.marker or line.cells is not None:
                continue
            text = line.squeezed
            if "problems" not in kinds and headings.PROBLEMS_TEXT.search(text[:60]):
                added.append(_Start(place, headed=False, kind="problems"))
            elif "plan" not in kinds and headings.PLAN_TEXT.search(text) and place > start.place + 1:
                added.append(_Start(place, headed=False, kind="plan"))
    return sorted([*starts, *added], key=lambda start: start.place)


def _is_section(line: Line, top: Kind | None) -> bool:
    return line.marker is not None and line.marker.kind in {Kind.PAREN, *(() if top is Kind.DUN else (Kind.DUN,))}


def _part(lines: Sequence[Line], start: _Start, top: Kind | None) -> Part:
    if start.headed:
        heading, rest = _run_in(lines[0])
        part = Part(heading, lines[0].number, half=headings.half_of(heading))
    else:
        part, rest = Part("", lines[0].number, kind=start.kind or "other"), None
    grower = _Grower(part, _section_rule(lines[1:] if start.headed else lines, top))
    if rest is not None:
        grower.add_text(lines[0], rest)
    for line in lines[1:] if start.headed else lines:
        grower.add(line)
    grower.finish()
    part.kind = start.kind or headings.kind_of(part.heading) or ""
    return part


def _run_in(line: Line) -> tuple[str, int | None]:
    """The heading at the start of a line, up to its first 。 or ：, and where the text behind it begins (None: nowhere)."""
    begin = line.marker.end if line.marker else 0
    stop = re.search(r"[。:]", line.folded[begin:])
    if stop is None:
        return line.text.strip().rstrip("；;，,、 "), None
    end = begin + stop.start()
    has_more = line.text[end + 1 :].strip()
    return line.text[:end].strip(), end + 1 if has_more else None


_Rule = Kind | str | None


def _section_rule(lines: Sequence[Line], top: Kind | None) -> _Rule:
    """What makes a section in this part: a kind of marker, "level" (heading styles), "label" (农业方面：), or nothing."""
    kinds = [line.marker.kind for line in lines if line.marker]
    for kind in (Kind.JIE, *(() if top is Kind.DUN else (Kind.DUN,)), Kind.PAREN):
        if kind in kinds:
            return kind
    first = next((at for at, line in enumerate(lines) if _is(line, Kind.DOT)), None)
    if first is not None and _heads_text(lines, first):
        return Kind.DOT
    if any(line.level is not None and line.marker is None and line.cells is None for line in lines):
        return "level"
    labels = [at for at, line in enumerate(lines) if _label(line)]
    if len(labels) > 1 and (first is None or first > labels[0]):
        return "label"
    return None


def _heads_text(lines: Sequence[Line], place: int) -> bool:
    """Whether a member of a series stands alone on its line with its text below."""
    line = lines[place]
    assert line.marker is not None
    text = line.folded[line.marker.end :].strip()
    if place + 1 >= len(lines) or (lines[place + 1].cells is not None and not text):
        return False
    below = lines[place + 1].marker
    if below is not None and (below.kind is line.marker.kind or below.kind is Kind.DUN):
        return False
    return len(text) <= _LONGEST_LONE_HEADING and not re.search(r"[。;:].", text) and not text.endswith(";")


def _label(line: Line) -> re.Match[str] | None:
    if line.marker or line.cells is not None:
        return None
    match = _LABEL.match(line.folded)
    return match if match and not _NO_LABEL.search(match[1]) else None


class _Grower:
    """Hangs the lines of one part onto it, one after the other."""

    def __init__(self, part: Part, rule: _Rule) -> None:
        self.part = part
        self.rule = rule
        self.section: Section | None = None
        self.stack: list[tuple[Kind, Point]] = []

    def add(self, line: Line) -> None:
        if self._opens_section(line):
            heading, rest = self._heading(line)
            self.section = Section(heading, line.number)
            self.part.sections.append(self.section)
            self.stack = []
            if rest is not None:
                self.add_text(line, rest)
        elif line.marker is not None and line.marker.kind is not Kind.CHAPTER:
            self._add_item(line, line.marker)
        else:
            self.add_text(line, 0)

    def _opens_section(self, line: Line) -> bool:
        if self.rule == "level":
            return line.level is not None and line.marker is None and line.cells is None
        if self.rule == "label":
            return _label(line) is not None
        return line.marker is not None and line.marker.kind is self.rule

    def _heading(self, line: Line) -> tuple[str, int | None]:
        return _run_in(line)

    def add_text(self, line: Line, start: int) -> None:
        """Unmarked text; items inside it become points of whatever it stands under."""
        series = inline_series(line.folded, start, len(line.text)) if line.cells is None else []
        end = series[0].start if series else len(line.text)
        if line.text[start:end].strip():
            self._body().append(Passage(line.number, start, line.text[start:end], line.table))
        depth = len(self.stack)
        if series and depth == 0:
            self._points().extend(_items(line, series, len(line.text)))
        elif series:
            self.stack[-1][1].points.extend(_items(line, series, len(line.text)))

    def _add_item(self, line: Line, marker: Marker) -> None:
        while self.stack and not self._goes_below(marker):
            self.stack.pop()
        members = [marker, *_more_of(line, marker)]
        siblings = self.stack[-1][1].points if self.stack else self._points()
        items = _items(line, members, len(line.text))
        siblings.extend(items)
        self.stack.append((marker.kind, items[-1]))

    def _goes_below(self, marker: Marker) -> bool:
        """Whether the item belongs under the deepest open one."""
        if any(kind is marker.kind for kind, _ in self.stack):
            return False
        rank, open_rank = RANK.get(marker.kind), RANK.get(self.stack[-1][0])
        return rank is None or open_rank is None or rank > open_rank

    def _points(self) -> list[Point]:
        if self.section is None:
            self.section = Section("", self.part.paragraph)
            self.part.sections.append(self.section)
        return self.section.points

    def _body(self) -> list[Passage]:
        if self.stack:
            return self.stack[-1][1].body
        return self.section.body if self.section else self.part.body

    def finish(self) -> None:
        for section in self.part.sections:
            if not section.heading and section.points:
                section.paragraph = section.points[0].paragraph


def _more_of(line: Line, marker: Marker) -> list[Marker]:
    """Members of the same series that run on in the marked line: 一是…；二是…"""
    series = inline_series(line.folded, marker.start, len(line.text))
    same = [member for member in series if member.kind is marker.kind and member.start > marker.start]
    return same if series and series[0].kind is marker.kind else []


def _items(line: Line, members: Sequence[Marker], end: int) -> list[Point]:
    """Points for a series in one line; series inside an item become its own points."""
    points = []
    ends = [*(member.start for member in members[1:]), end]
    for member, stop in zip(members, ends, strict=True):
        printed = line.text[member.start : member.end].strip()
        text = line.text[member.end : stop]
        begin = member.end + len(text) - len(text.lstrip())
        point = Point(printed, line.number, begin, text.strip())
        inner = inline_series(line.folded, begin, stop)
        if inner:
            point.points = _items(line, inner, stop)
        points.append(point)
    return points


def _name_kinds(outline: Outline, lines: Sequence[Line]) -> None:
    """Parts whose heading names a subject only take the kind of the heading above them, or of the whole document."""
    usual = headings.default_kind(outline.title, "".join(line.folded for line in lines))
    for part in outline.parts:
        part.kind = part.kind or usual
        if part.half is None and part.kind == "summary" and len(outline.parts) > 1:
            part.half = headings.half_of(outline.title)
