"""What is wrong with places and events as they stand (DV1–DV7, DE1–DE7, DL1–DL3): the doors refuse most of it, so that what is
found here came behind them, or waits for a person. `zhenwu doctor` and the page of an event show it."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise

from zhenwu.divisions.codes import class_problem, code_problem, own_number
from zhenwu.divisions.following import parameter, unsettled
from zhenwu.divisions.judging import Problem, paper_problems, plan_problems, vote_problems
from zhenwu.divisions.models import Division, Edge, Event, EventKind, EventState, Level, UrbanRural
from zhenwu.divisions.models.events import IN_EFFECT
from zhenwu.divisions.projecting import project
from zhenwu.divisions.queries import read_lineage
from zhenwu.divisions.steps import open_rows

_SHARE = Decimal("0.0001")


def registry_problems(on: date) -> list[Problem]:
    """Of all places and edges; `on` is today, for what is only asked of the places in force."""
    return [*_places(on), *_edges(), *_cycles(), *_waiting(on)]


def event_problems(event: Event, on: date) -> list[Problem]:
    """Of one event at its step: plan, votes and papers before it took effect; hand-over after."""
    if event.state == EventState.DROPPED:
        return []
    found = [*vote_problems(event), *paper_problems(event)]
    if not event.is_in_effect:
        made = project(event) if event.effective else None
        left = unsettled(event, made) if made else []
        return [*plan_problems(event, made), *found, *(Problem("DX9", "yellow", message) for message in left)]
    found += [Problem("DE6", "red", message) for message in open_rows(event)]
    found += [Problem("DX9", "yellow", message) for message in unsettled(event)]
    days = parameter("division.handover_days", event.effective or on)
    if event.state == EventState.EFFECTIVE and event.effective and days and (on - event.effective).days > int(days):
        found.append(Problem("DX7", "yellow", f"“{event.title}”生效已超过{int(days)}天，还没有登记交接。"))
    return found


def _places(on: date) -> Iterator[Problem]:
    places = list(Division.objects.select_related("parent", "born_event"))
    by_code: dict[str, list[Division]] = defaultdict(list)
    by_name: dict[tuple[object, str], list[Division]] = defaultdict(list)
    for one in places:
        by_code[one.code].append(one)
        in_force = one.valid_from <= on and (one.valid_to is None or on < one.valid_to)
        if in_force and one.level == Level.VILLAGE:
            by_name[one.parent_id, one.name].append(one)
        yield from _place(one)
    for code, same in by_code.items():
        same.sort(key=lambda one: one.valid_from)
        for one, other in pairwise(same):
            if one.valid_to is None or one.valid_to > other.valid_from:
                yield Problem("DV3", "red", f"代码{code}的{one.name}与{other.name}时段重叠。", one.pk)
    for (_, name), same in by_name.items():
        if len(same) > 1:
            yield Problem("DV6", "yellow", f"镇内有{len(same)}个村（社区）都叫{name}。", same[0].pk)


def _place(one: Division) -> Iterator[Problem]:
    parent = one.parent
    if said := code_problem(one.code, one.level, parent.code if parent else None):
        yield Problem("DV1", "red", f"{one.name}：{said}", one.pk)
    elif said := class_problem(one.code, one.level, one.cls):
        yield Problem("DV2", "red", f"{one.name}：{said}", one.pk)
    if parent and (
        one.valid_from < parent.valid_from
        or (parent.valid_to is not None and (one.valid_to is None or one.valid_to > parent.valid_to))
    ):
        yield Problem("DV4", "red", f"{one.name}超出上级{parent.name}的存续期。", one.pk)
    if one.urban_rural and one.urban_rural not in UrbanRural.values:
        yield Problem("DV5", "red", f"{one.name}的城乡分类代码{one.urban_rural}无效。", one.pk)
    born = one.born_event
    if (
        born
        and born.kind == EventKind.RECLASS
        and one.level == Level.VILLAGE
        and own_number(one.code, one.level) >= 200
    ):
        yield Problem("DV7", "yellow", f"{one.name}村改居后代码仍是{one.code}，未更换。", one.pk)


def _edges() -> Iterator[Problem]:
    of_source: dict[tuple[object, object], list[Edge]] = defaultdict(list)
    for edge in Edge.objects.select_related("event", "source", "target"):
        of_source[edge.event_id, edge.source_id].append(edge)
        born = edge.target.born_event_id == edge.event_id
        if born and edge.target.valid_from != edge.event.effective:
            yield Problem("DL3", "red", f"{edge.target}的生效日与事项“{edge.event}”不符。", edge.target_id)
    for edges in of_source.values():
        source, ends = edges[0].source, edges[0].source.end_event_id == edges[0].event_id
        if any(edge.whole for edge in edges):
            is_wrong = len(edges) > 1
        else:
            shares = [edge.pop_share for edge in edges if edge.pop_share is not None]
            total = sum(shares, Decimal(0))
            complete = len(shares) == len(edges)
            is_wrong = total > 1 + _SHARE or (ends and complete and abs(total - 1) > _SHARE)
        if is_wrong:
            yield Problem("DL1", "red", f"{source}在“{edges[0].event}”中的去向或占比不完整。", source.pk)


def _cycles() -> Iterator[Problem]:
    """DL2: a place that by whole edges comes back to itself."""
    known = read_lineage()
    for start in known.places:
        seen, place = {start}, start
        while (ways := known.final_ways(place)) and len(ways) == 1:
            place = ways[0].target
            if place in seen:
                yield Problem("DL2", "red", f"{Division.objects.get(pk=start)}的沿革成环。", start)
                break
            seen.add(place)


def _waiting(on: date) -> Iterator[Problem]:
    """Events in effect with reds or not handed over in time, and approved ones whose day is past."""
    for event in Event.objects.filter(state__in=IN_EFFECT):
        yield from (one for one in event_problems(event, on) if one.code in ("DE6", "DX7", "DX9"))
    for event in Event.objects.filter(state=EventState.APPROVED, effective__lt=on):
        yield Problem("DX8", "yellow", f"“{event.title}”{event.effective}应已生效，还没有生效。")
