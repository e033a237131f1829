"""Drafting an event: what is planned, as the wizard, the command line and tests say it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from zhenwu.divisions.codes import class_of
from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.keeping import hold, keep_event, start_change
from zhenwu.divisions.models import Basis, Division, Event, EventKind, EventState, Flow, Level, PlannedUnit
from zhenwu.lib.geo import read_point

_EDITABLE = (EventState.DRAFT, EventState.VOTED, EventState.APPROVED)
_SHARE = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit after the event: `place`, which is there already, or a new one. An empty code means the next free one; an
    empty class, what the code or the first source says."""

    place: Division | None = None
    name: str = ""
    code: str = ""
    parent: Division | None = None  # of a new unit; None: that of its first source
    level: str = ""  # of a new unit; "": that of its first source
    full_name: str = ""
    cls: str = ""
    urban_rural: str = ""
    seat: str = ""  # a point as people write it


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """`source` goes to the unit at this place of the plan's list; None: it ends without a successor. A source of one level
    below its target (a group to a village) goes under it. Shares are of the source, None where nobody says."""

    source: Division
    unit: int | None
    basis: str = Basis.WHOLE
    pop_share: Decimal | None = None
    land_share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EventPlan:
    kind: str
    title: str
    effective: date | None = None
    units: Sequence[UnitPlan] = ()
    flows: Sequence[FlowPlan] = ()
    order: int | None = None  # among the events of the day; None: after those there are
    details: dict[str, Any] = field(default_factory=dict)  # other columns of Event: proposed_on, notice_from, note …


DETAILS = (
    "proposed_on", "risk_paper", "notice_from", "notice_to", "approval_organ", "approval", "approved_on", "seal_on", "note",
)  # fmt: skip


@transaction.atomic
def draft(plan: EventPlan, *, by: Any) -> Event:
    """A new event as a draft; nothing of it is in effect. Raises DivisionRefused with every fault of form. Whether it can
    take effect is asked of `judging.problems`."""
    hold()
    event = Event(state=EventState.DRAFT)
    _write(event, plan)
    keep_event(start_change(by, f"拟定方案：{event.title}"), event, "drafted")
    return event


@transaction.atomic
def edit(event: Event, plan: EventPlan, *, by: Any) -> None:
    """Another plan for an event not yet in effect. What was voted or approved goes back to a draft; votes of units that are
    still concerned stay."""
    hold()
    stored = Event.objects.select_for_update().get(pk=event.pk)
    if stored.state not in _EDITABLE:
        raise DivisionRefused(f"“{stored.title}”{stored.get_state_display()}，不能再改方案。")
    event.state = EventState.DRAFT
    event.order = stored.order
    event.flows.all().delete()
    event.units.all().delete()
    _write(event, plan)
    event.votes.exclude(place__in=[flow.source for flow in plan.flows]).delete()
    keep_event(start_change(by, f"修改方案：{event.title}"), event, "edited")


def plan_of(event: Event) -> EventPlan:
    """What `draft` was given, read back: for a form that edits it."""
    units = list(event.units.select_related("place", "parent"))
    at = {unit.pk: number for number, unit in enumerate(units)}
    flows = event.flows.select_related("source")
    return EventPlan(
        event.kind, event.title, event.effective,
        [
            UnitPlan(one.place, one.name, one.code, one.parent, one.level, one.full_name, one.cls, one.urban_rural, one.seat)
            for one in units
        ],
        [
            FlowPlan(one.source, at[one.target_id] if one.target_id else None, one.basis, one.pop_share, one.land_share)
            for one in flows
        ],
        event.order, {name: getattr(event, name) for name in DETAILS},
    )  # fmt: skip


def _write(event: Event, plan: EventPlan) -> None:
    problems = list(_faults(plan))
    if problems:
        raise DivisionRefused(problems)
    event.kind, event.title, event.effective = plan.kind, plan.title.strip(), plan.effective
    for name, value in plan.details.items():
        if name not in DETAILS:
            raise ValueError(f"EventPlan.details has no {name}")
        setattr(event, name, value)
    if plan.order is not None:
        event.order = plan.order
    elif event._state.adding:
        event.order = _next_order(plan.effective)
    event.save()
    units = PlannedUnit.objects.bulk_create(
        [_unit(event, number, one, plan) for number, one in enumerate(plan.units, 1)]
    )
    Flow.objects.bulk_create(
        Flow(
            event=event, source=one.source, target=None if one.unit is None else units[one.unit], basis=one.basis,
            pop_share=None if one.basis == Basis.WHOLE else one.pop_share,
            land_share=None if one.basis == Basis.WHOLE else one.land_share,
        )
        for one in plan.flows
    )  # fmt: skip


def _next_order(day: date | None) -> int:
    if day is None:
        return 1
    return (Event.objects.filter(effective=day).aggregate(last=Max("order"))["last"] or 0) + 1


def _unit(event: Event, position: int, said: UnitPlan, plan: EventPlan) -> PlannedUnit:
    if said.place is not None:
        return PlannedUnit(event=event, position=position, place=said.place, level=said.place.level)
    first = next((flow.source for flow in plan.flows if flow.unit == position - 1), None)
    level = said.level or (first.level if first else Level.VILLAGE)
    parent = said.parent or (first.parent if first else None)
    cls = said.cls or (class_of(said.code, level) if said.code else first.cls if first else "")
    return PlannedUnit(
        event=event, position=position, level=level, parent=parent, code=said.code.strip(), name=said.name.strip(),
        full_name=said.full_name.strip(), cls=cls, urban_rural=said.urban_rural, seat=read_point(said.seat).value or "",
    )  # fmt: skip


def _faults(plan: EventPlan) -> list[str]:
    """What cannot even be written down."""
    found = []
    if plan.kind not in EventKind.values:
        found.append(f"没有“{plan.kind}”这种调整类型。可选：{'、'.join(str(one.label) for one in EventKind)}。")
    if not plan.title.strip():
        found.append("请填写事项名称。")
    for number, unit in enumerate(plan.units, 1):
        if unit.place is None and not unit.name.strip():
            found.append(f"第{number}个调整后单元没有名称。")
        if error := read_point(unit.seat).error:
            found.append(f"{unit.name}的驻地{error}")
    said: set[tuple[Any, int | None]] = set()
    for flow in plan.flows:
        if flow.unit is not None and not 0 <= flow.unit < len(plan.units):
            found.append(f"{flow.source.name}的去向没有列在调整后单元里。")
        if (flow.source.pk, flow.unit) in said:
            kinds = (EventKind.MERGE_NEW, EventKind.ABSORB, EventKind.GROUP_MERGE)
            found.append(
                "合并至少需要两个不同的单位。" if plan.kind in kinds else f"{flow.source.name}的同一去向列了两次。"
            )
        said.add((flow.source.pk, flow.unit))
        for share, label in ((flow.pop_share, "人口"), (flow.land_share, "土地")):
            if share is not None and (not 0 <= share <= 1 or share != share.quantize(_SHARE)):
                found.append(f"{flow.source.name}的{label}占比填的是{share}：应在0和1之间，最多四位小数。")
    return found
