"""Putting an event into effect, and undoing it. One transaction, a few rows for each unit concerned; no row of any ledger
or registry is touched, as lineage decides where rows count."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Q

from zhenwu.changes.models import SourceKind
from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.following import counts, followers, unsettled
from zhenwu.divisions.judging import paper_problems, plan_problems
from zhenwu.divisions.keeping import hold, keep_event, keep_places, start_change
from zhenwu.divisions.models import Alias, Division, Edge, Event, EventState, Flow, Outline, PlannedUnit, Vote
from zhenwu.divisions.planning import EventPlan, draft
from zhenwu.divisions.projecting import project


@transaction.atomic
def put_into_effect(event: Event, *, by: Any, today: date, leave_open: bool = False) -> None:
    """Raises DivisionRefused with every reason: not approved, a day to come, a plan that can't be carried out, posts that
    nobody decided on. `leave_open`: somebody said that these are decided later; they stay where they are until then."""
    hold()
    _reload(event)
    problems = []
    if event.state != EventState.APPROVED:
        problems.append(f"“{event.title}”{event.get_state_display()}，批复后才能生效。")
    if event.effective and event.effective > today:
        problems.append(f"“{event.title}”{event.effective:%Y-%m-%d}生效，日子还没有到；到那天会自动生效。")
    problems += [problem.message for problem in paper_problems(event) if problem.severity == "red"]
    _write(event, by, problems, leave_open)


@transaction.atomic
def enter_event(plan: EventPlan, *, by: Any, leave_open: bool = False) -> Event:
    """A reorganisation that happened, known by its document: drafted, approved and in effect at once (history before the
    platform, and what was decided elsewhere). Raises DivisionRefused when the places can't have changed so."""
    event = draft(plan, by=by)
    event.state = EventState.APPROVED
    _write(event, by, [], leave_open)
    return event


def _write(event: Event, by: Any, problems: list[str], leave_open: bool) -> None:
    made = project(event) if event.effective else None
    problems += [problem.message for problem in plan_problems(event, made) if problem.severity == "red"]
    if made and not leave_open:
        problems += unsettled(event, made)
    if problems or made is None:
        raise DivisionRefused(problems)
    change = start_change(by, event.title)
    Division.objects.filter(pk__in=made.closed).update(valid_to=made.on, end_event=event)
    Division.objects.bulk_create(made.opened)
    Edge.objects.bulk_create(made.edges)
    Alias.objects.bulk_create(made.aliases, ignore_conflicts=True)
    event.state, event.effect_change = EventState.EFFECTIVE, change
    event.save()
    keep_places(change, [*((one, "ended") for one in made.closed.values()), *((one, "add") for one in made.opened)])
    keep_event(change, event, "effective")
    for one in followers():
        one.follow(event, change, by)


@transaction.atomic
def undo(event: Event, *, by: Any, reason: str) -> None:
    """Everything as it was before the event took effect; the event is approved again. Raises DivisionRefused while
    something builds on it: a later event or draft, rows recorded since at the places it made."""
    hold()
    _reload(event)
    if problems := what_builds_on(event):
        raise DivisionRefused([f"不能撤销“{event.title}”：", *problems])
    change = start_change(by, reason or f"撤销：{event.title}", kind=SourceKind.UNDO, undoes=event.effect_change)
    born, ended = list(event.born.all()), list(event.ended.all())
    for one in followers():
        one.take_back(event, change)
    keep_places(change, [(one, "undone") for one in born])
    event.edges.all().delete()
    event.aliases.all().delete()
    _remove(event, born)
    Division.objects.filter(pk__in=[one.pk for one in ended]).update(valid_to=None, end_event=None)
    for place in ended:
        place.valid_to, place.end_event = None, None
    keep_places(change, [(one, "reopened") for one in ended])
    event.state, event.effect_change = EventState.APPROVED, None
    event.save()
    keep_event(change, event, "undone")


def _remove(event: Event, born: Sequence[Division]) -> None:
    rows = Division.objects.filter(pk__in=[one.pk for one in born])
    rows.update(root=None, parent=None)
    Flow.objects.filter(source__in=rows).delete()  # of plans given up: their history keeps them
    PlannedUnit.objects.filter(Q(place__in=rows) | Q(parent__in=rows)).delete()
    Vote.objects.filter(place__in=rows).delete()
    try:
        rows.delete()
    except ProtectedError as error:  # something that no counter told of, e.g. a finding about the place
        kinds = sorted({str(one._meta.verbose_name) for one in error.protected_objects})
        raise DivisionRefused(f"不能撤销“{event.title}”：它设立的单元还被{'、'.join(kinds)}用着。") from None


def what_builds_on(event: Event) -> list[str]:
    """Why the event can't be undone, in words; empty when it can."""
    if event.state == EventState.EFFECTIVE:
        follow = [words for one in followers() for words in one.in_the_way(event)]
        return [*_later_events(event), *_drafts(event), *_below(event), *_rows(event), *follow]
    if event.is_in_effect:
        return [f"已{event.get_state_display()}，要改回去请另办一件调整。"]
    return ["它没有生效。"]


def _involved(event: Event) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """(places it made, places that took part and go on)."""
    born = set(event.born.values_list("pk", flat=True))
    ends = set(event.ended.values_list("pk", flat=True))
    parts = {pk for pair in event.edges.values_list("source_id", "target_id") for pk in pair}
    return born, parts - born - ends


def _later_events(event: Event) -> list[str]:
    born, going_on = _involved(event)
    both = born | going_on
    after = Q(event__effective__gt=event.effective) | Q(event__effective=event.effective, event__order__gt=event.order)
    edges = Edge.objects.filter(after, Q(source__in=both) | Q(target__in=both)).exclude(event=event)
    others = {edge.event_id: edge.event for edge in edges.select_related("event")}
    for place in Division.objects.filter(
        Q(pk__in=both, end_event__isnull=False) | Q(pk__in=both, valid_to__isnull=False)
    ):
        if place.end_event and place.end_event_id != event.pk:
            others.setdefault(place.end_event.pk, place.end_event)
    return [f"之后又有“{one.title}”（{one.effective}）。" for one in others.values()]


def _drafts(event: Event) -> list[str]:
    born, _ = _involved(event)
    given_up = Q(event__state=EventState.DROPPED)
    flows = Flow.objects.filter(source__in=born).exclude(given_up)
    units = PlannedUnit.objects.filter(Q(place__in=born) | Q(parent__in=born)).exclude(given_up)
    titles = set(flows.values_list("event__title", flat=True)) | set(units.values_list("event__title", flat=True))
    return [f"“{title}”的方案涉及它设立的单元，请先终止它或改方案。" for title in sorted(titles)]


def _below(event: Event) -> list[str]:
    born, _ = _involved(event)
    found = [
        f"{place.parent}下又设了{place.name}。"
        for place in Division.objects.filter(parent__in=born).exclude(pk__in=born).select_related("parent")
    ]
    found += [
        f"{one.division}已加载轮廓。" for one in Outline.objects.filter(division__in=born).select_related("division")
    ]
    named = Alias.objects.filter(division__in=born).exclude(event=event).select_related("division")
    return found + [f"{one.division}已登记别名“{one.name}”。" for one in named]


def _rows(event: Event) -> list[str]:
    born, going_on = _involved(event)
    taking = set(event.edges.filter(target__in=going_on).values_list("target_id", flat=True))
    names = dict(Division.objects.filter(pk__in=born | taking).values_list("pk", "name"))
    since = event.effect_change.at if event.effect_change else None
    found = [*counts(born), *(counts(taking, since) if since else [])]
    found = [one for one in found if not any(one.key in other.kinds for other in followers())]
    return [f"{one.label}有{one.rows}条已登记在{names[one.place]}。" for one in found if one.rows]


def put_due_into_effect(today: date, *, by: Any) -> list[tuple[Event, Sequence[str]]]:
    """Every approved event whose day has come, in the order of days; returns each with why it could not (empty: done)."""
    due = Event.objects.filter(state=EventState.APPROVED, effective__lte=today).order_by("effective", "order", "id")
    done: list[tuple[Event, Sequence[str]]] = []
    for event in due:
        try:
            put_into_effect(event, by=by, today=today)
            done.append((event, []))
        except DivisionRefused as refused:
            done.append((event, refused.problems))
    return done


def _reload(event: Event) -> None:
    event.refresh_from_db()
    Event.objects.select_for_update().get(pk=event.pk)
