"""From lines to the tree of parts, sections and points."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from zhenwu.plans.outline import headings
from zhenwu.plans.outline.lines import Line
from zhenwu.plans.outline.markers import RANK, Kind, Marker, inline_series, members_after
from zhenwu.plans.outline.model import Outline, Part, Passage, Point, Section
from zhenwu.plans.outline.parts import Start, first_text, is_kind, label_of, part_starts
from zhenwu.plans.outline.titles import find_title
from zhenwu.plans.outline.traced import Traced

_LONGEST_LONE_HEADING: Final = 45
_DUTY: Final = re.compile(
    r"[(\[【]?(?:牵头|责任|配合|分管|包保|包联|完成|主办|协办|承办|负责|落实)"
    r"(?:领导|单位|部门|科室|人|时限|时间|期限)?:|(?:时限|期限|负责人|联系人):"
)


def build(lines: Sequence[Line]) -> Outline:
    """The tree of a document. Kinds and years are set, figures and targets are not."""
    outline = Outline()
    title, body_from = find_title(lines)
    outline.title_words = title
    outline.title = title.text if title else ""
    starts, top = part_starts(lines, body_from)
    end = headings.closing_from(lines, starts[-1].place if starts else body_from)
    if not starts and body_from < end:
        starts = [Start(first_text(lines, body_from, end), headed=False)]
    first = starts[0].place if starts else end
    title_lines = _title_places(lines, body_from, title)
    outline.preamble = [_whole(lines[at]) for at in range(first) if at not in title_lines]
    outline.closing = [_whole(line) for line in lines[end:]] if starts else []
    for start, following in zip(starts, [*starts[1:], Start(end, headed=False)], strict=False):  # no parts: nothing
        outline.parts.append(_part(lines[start.place : following.place], start, top))
    _name_kinds(outline)
    return outline


def _title_places(lines: Sequence[Line], after: int, title: Traced | None) -> set[int]:
    if not title:
        return set()
    return {after - 1} if lines[after - 1].text.strip() == title.text else {after - 2, after - 1}


def _whole(line: Line) -> Passage:
    return Passage(line.words, line.table)


def _part(lines: Sequence[Line], start: Start, top: Kind | None) -> Part:
    if start.headed:
        heading, rest = _run_in(lines[0])
        part = Part(heading, lines[0].paragraph, half=headings.half_of(heading.text))
    else:
        part, rest = Part(None, lines[0].paragraph, kind=start.kind or "other"), None
    grower = _Grower(part, _section_rule(lines[1:] if start.headed else lines, top))
    if rest is not None:
        grower.add_text(lines[0], rest)
    below = lines[1:] if start.headed else lines
    for at, line in enumerate(below):
        grower.following = below[at + 1].marker if at + 1 < len(below) else None
        grower.add(line, is_lone=headings.is_lone_heading(below, at))
    part.kind = start.kind or headings.kind_of(part.heading) or ""
    return part


def _run_in(line: Line) -> tuple[Traced, int | None]:
    """The heading at the start of a line, up to its first 。 or ：, and where the text behind it begins (None: nowhere)."""
    begin = line.marker.end if line.marker else 0
    stop = re.search(r"[。:]", line.folded[begin:])
    if stop is None:
        return line.words[: len(line.text.rstrip("；;，,、 "))].strip(), None
    end = begin + stop.start()
    has_more = line.text[end + 1 :].strip()
    return line.words[:end].strip(), end + 1 if has_more else None


_Rule = Kind | str | None


def _section_rule(lines: Sequence[Line], top: Kind | None) -> _Rule:
    """What makes a section in this part: a kind of marker, "level" (heading styles), "label" (农业方面：), "bold" or "lone"
    lines (经济发展稳中向好), or nothing."""
    kinds = [line.marker.kind for line in lines if line.marker]
    for kind in (Kind.JIE, *(() if top is Kind.DUN else (Kind.DUN,)), Kind.PAREN):
        if kind in kinds:
            return kind
    first = next((at for at, line in enumerate(lines) if is_kind(line, Kind.DOT)), None)
    if first is not None and _heads_text(lines, first):
        return Kind.DOT
    if any(line.level is not None and line.marker is None and line.cells is None for line in lines):
        return "level"
    labels = [at for at, line in enumerate(lines) if label_of(line)]
    if len(labels) > 1 and (first is None or first > labels[0]):
        return "label"
    lone = [at for at in range(len(lines)) if headings.is_lone_heading(lines, at)]
    bold = [at for at in lone if lines[at].bold]
    if bold or len(lone) > 1:
        return "bold" if bold else "lone"
    return None


def _heads_text(lines: Sequence[Line], place: int) -> bool:
    """Whether a member of a series stands alone on its line with its text below."""
    line = lines[place]
    assert line.marker is not None
    text = line.folded[line.marker.end :].strip()
    if place + 1 >= len(lines) or (lines[place + 1].cells is not None and not text):
        return False
    if _DUTY.match(lines[place + 1].squeezed):  # who does it and by when: the line above is an item, no heading
        return False
    below = lines[place + 1].marker
    if below is not None and (below.kind is line.marker.kind or below.kind is Kind.DUN):
        return False
    return len(text) <= _LONGEST_LONE_HEADING and not re.search(r"[。;:].", text) and not text.endswith(";")


class _Grower:
    """Hangs the lines of one part onto it, one after the other."""

    def __init__(self, part: Part, rule: _Rule) -> None:
        self.part = part
        self.rule = rule
        self.section: Section | None = None
        self.stack: list[tuple[Kind, Point]] = []
        self.following: Marker | None = None  # of the next line

    def add(self, line: Line, *, is_lone: bool) -> None:
        if self._opens_section(line, is_lone):
            heading, rest = self._heading(line)
            self.section = Section(heading)
            self.part.sections.append(self.section)
            self.stack = []
            if rest is not None:
                self.add_text(line, rest)
        elif line.marker is not None and line.marker.kind is not Kind.CHAPTER:
            self._add_item(line, line.marker)
        else:
            self.add_text(line, 0)

    def _opens_section(self, line: Line, is_lone: bool) -> bool:
        if self.rule in ("lone", "bold"):
            return is_lone and (self.rule == "lone" or line.bold)
        if self.rule == "level":
            return line.level is not None and line.marker is None and line.cells is None
        if self.rule == "label":
            return label_of(line) is not None
        return line.marker is not None and line.marker.kind is self.rule

    def _heading(self, line: Line) -> tuple[Traced, int | None]:
        return _run_in(line)

    def add_text(self, line: Line, start: int) -> None:
        """Unmarked text; items inside it become points of whatever it stands under."""
        series = inline_series(line.folded, start, len(line.text), self.following) if line.cells is None else []
        end = series[0].start if series else len(line.text)
        if line.text[start:end].strip():
            self._body().append(Passage(line.words[start:end], line.table))
        depth = len(self.stack)
        if series and depth == 0:
            items = _items(line, series, len(line.text))
            self._points().extend(items)
            if self.following and self.following.kind is series[0].kind:
                self.stack.append((series[0].kind, items[-1]))
        elif series:
            self.stack[-1][1].points.extend(_items(line, series, len(line.text)))

    def _add_item(self, line: Line, marker: Marker) -> None:
        while self.stack and not self._goes_below(marker):
            self.stack.pop()
        members = [marker, *members_after(line.folded, marker)]
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
            self.section = Section(None)
            self.part.sections.append(self.section)
        return self.section.points

    def _body(self) -> list[Passage]:
        if self.stack:
            return self.stack[-1][1].body
        return self.section.body if self.section else self.part.body


def _items(line: Line, members: Sequence[Marker], end: int) -> list[Point]:
    """Points for a series in one line; series inside an item become its own points."""
    points = []
    ends = [*(member.start for member in members[1:]), end]
    for member, stop in zip(members, ends, strict=True):
        printed = line.text[member.start : member.end].strip()
        text = line.text[member.end : stop]
        begin = member.end + len(text) - len(text.lstrip())
        point = Point(printed, line.words[member.end : stop].strip())
        inner = inline_series(line.folded, begin, stop)
        if inner:
            point.points = _items(line, inner, stop)
            for below in point.points:
                below.inside = True
        points.append(point)
    return points


def _name_kinds(outline: Outline) -> None:
    """Gives a kind to parts whose heading names a subject only: by the title, their place among the others, their words."""
    by_title = headings.kind_by_title(outline.title)
    told = [part.kind for part in outline.parts]
    turn = next((at for at, kind in enumerate(told) if kind in ("plan", "problems")), None)
    plan_from = told.index("plan") if "plan" in told else len(told)
    for at, part in enumerate(outline.parts):
        if not part.kind and by_title:
            part.kind = by_title
        elif not part.kind and turn is not None and at < turn:
            part.kind = "summary"
        elif not part.kind:
            part.kind = "plan" if at > plan_from else headings.kind_by_text("".join(part.texts()))
        if part.half is None and part.kind == "summary" and len(outline.parts) > 1:
            part.half = headings.half_of(outline.title)
