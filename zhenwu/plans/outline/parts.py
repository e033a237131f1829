"""Where the parts of a document begin, with and without headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from zhenwu.plans.outline import headings
from zhenwu.plans.outline.figures import amounts_in
from zhenwu.plans.outline.lines import Line
from zhenwu.plans.outline.markers import Kind

_LABEL: Final = re.compile(r"\s*([^,。;:、\d]{2,16}):")

_NO_LABEL: Final = re.compile(
    r"如下|以下|下列|看到|汇报|报告|各位|同志|代表|目标是|要求是|主要有|指出|强调|^注$|单位|责任人|联系|电话|附件"
)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a part begins, and whether its first line is its heading."""

    place: int
    headed: bool
    kind: str | None = None


def part_starts(lines: Sequence[Line], body_from: int) -> tuple[list[Start], Kind | None]:
    """The first lines of all parts, and the kind of marker the parts carry (None for unnumbered headings)."""
    places = range(body_from, len(lines))
    chapters = [at for at in places if is_kind(lines[at], Kind.CHAPTER)]
    numbered = [at for at in places if is_kind(lines[at], Kind.DUN)]
    loose = [at for at in places if headings.is_loose_heading(lines, at, strict=bool(numbered or chapters))]
    wrappers = chapters or (_wrappers(lines, numbered, loose) if numbered else [])
    # （一） is always a section, so with four levels 一、 are parts as well, below the heading that wraps them.
    if wrappers and not (numbered and any(is_kind(line, Kind.PAREN) for line in lines[wrappers[0] :])):
        tops, top = wrappers, None
    elif numbered:
        tops, top = (
            sorted({*wrappers, *numbered, *(at for at in loose if _stands_alone(lines, at, numbered))}),
            Kind.DUN,
        )
    else:
        tops, top = _highest(lines, loose or _lone(lines, body_from)), None
    starts = _under_wrappers(lines, [Start(at, headed=True) for at in tops], wrappers)
    opening = _unheaded_opening(lines, body_from, starts)
    return opening + _with_unheaded(lines, starts, top), top


def first_text(lines: Sequence[Line], start: int, end: int) -> int:
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


def _under_wrappers(lines: Sequence[Line], starts: list[Start], wrappers: list[int]) -> list[Start]:
    """Parts below a heading that wraps several (2024年工作要点) share its kind, unless they are problems or other."""
    wrapping: str | None = None
    told: list[Start] = []
    for start in starts:
        own = headings.kind_of(lines[start.place].text)
        if start.place in wrappers:
            wrapping = own
            told.append(start)
            continue
        if _announces_plan(lines, start.place):
            wrapping = "plan"
        if wrapping and own not in ("problems", "other"):
            start = replace(start, kind=wrapping)
        told.append(start)
    return told


def _announces_plan(lines: Sequence[Line], place: int) -> bool:
    """…特制定2022年工作计划如下： above a new series."""
    marker = lines[place].marker
    above = lines[place - 1] if place else None
    if above is None or marker is None or marker.number != 1 or above.marker:
        return False
    return bool(
        re.search(r"(?:计划|打算|安排|思路|部署)(?:汇报|报告|作)?如下[:。]$", above.squeezed)
    ) and not re.search(r"总结|情况|汇报", above.squeezed[-24:])


def _unheaded_opening(lines: Sequence[Line], body_from: int, starts: list[Start]) -> list[Start]:
    """A part without heading above the first heading: items, labels (党建方面：) or figures of a summary stand there."""
    end = starts[0].place if starts else body_from
    above = range(body_from, end)
    kinds = Counter(marker.kind for at in above if (marker := lines[at].marker))
    begins = [at for at in above if (marker := lines[at].marker) and kinds[marker.kind] > 1]
    labels = [at for at in above if label_of(lines[at])]
    begins += labels if len(labels) > 1 else []
    no_summary = not any((s.kind or headings.kind_of(lines[s.place].text)) == "summary" for s in starts)
    if not begins and no_summary:
        counted = {at: len(amounts_in(lines[at].text)) for at in above if not lines[at].marker}
        begins = [at for at, count in counted.items() if count > 1] if sum(counted.values()) > 3 else []
    return [Start(min(begins), headed=False, kind="summary" if no_summary else None)] if begins else []


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


def _highest(lines: Sequence[Line], loose: list[int]) -> list[int]:
    """Of headings with styles, those of the highest level; without styles all."""
    levels = [level for at in loose if (level := lines[at].level) is not None]
    return [at for at in loose if lines[at].level == min(levels)] if levels else loose


def _lone(lines: Sequence[Line], body_from: int) -> list[int]:
    """Headings without numbers and without the words of headings; one alone may be anything."""
    lone = [at for at in range(body_from, len(lines)) if headings.is_lone_heading(lines, at)]
    bold = [at for at in lone if lines[at].bold]
    return bold or (lone if len(lone) > 1 else [])


def _with_unheaded(lines: Sequence[Line], starts: list[Start], top: Kind | None) -> list[Start]:
    """Adds parts that begin without a heading: the problems at the end of a summary, a plan that only says 下一步."""
    kinds = {headings.kind_of(lines[start.place].text) for start in starts}
    added: list[Start] = []
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
                added.append(Start(place, headed=False, kind="problems"))
            elif "plan" not in kinds and headings.PLAN_TEXT.search(text) and place > start.place + 1:
                added.append(Start(place, headed=False, kind="plan"))
    return sorted([*starts, *added], key=lambda start: start.place)


def _is_section(line: Line, top: Kind | None) -> bool:
    return line.marker is not None and line.marker.kind in {Kind.PAREN, *(() if top is Kind.DUN else (Kind.DUN,))}


def is_kind(line: Line, kind: Kind) -> bool:
    return line.marker is not None and line.marker.kind is kind


def label_of(line: Line) -> re.Match[str] | None:
    if line.marker or line.cells is not None:
        return None
    match = _LABEL.match(line.folded)
    return match if match and not _NO_LABEL.search(match[1]) else None
