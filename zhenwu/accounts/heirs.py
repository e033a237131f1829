"""Posts at places that a reorganisation ends, and where each may go: read only. `succession` decides and carries out."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, Q, QuerySet

from zhenwu.accounts.models import Appointment, PostChoice, PostDecision
from zhenwu.divisions.models import Division, Edge, Event
from zhenwu.divisions.projecting import Projection, project


@dataclass
class Ways:
    """Of one event: the places it ends, what each becomes, and which of these are the same place under another name, code or
    village. `taking`: the places that go on and take others in."""

    on: date
    closed: dict[uuid.UUID, Division]
    heirs: dict[uuid.UUID, list[Division]]
    same: set[uuid.UUID]
    taking: dict[uuid.UUID, list[Division]]

    @classmethod
    def of(cls, event: Event, made: Projection | None = None) -> "Ways":
        """As planned while it is not in effect, as it was after. The event has a day."""
        if event.is_in_effect:
            edges = list(event.edges.select_related("source", "target"))
            return cls._read(event, {one.pk: one for one in event.ended.select_related("parent")}, edges)
        made = made or project(event)
        return cls._read(event, made.closed, made.edges)

    @classmethod
    def _read(cls, event: Event, closed: dict[uuid.UUID, Division], edges: Iterable[Edge]) -> "Ways":
        assert event.effective is not None
        known = list(edges)
        heirs: dict[uuid.UUID, list[Division]] = defaultdict(list)
        into: dict[uuid.UUID, int] = defaultdict(int)
        taking: dict[uuid.UUID, list[Division]] = defaultdict(list)
        for edge in known:
            heirs[edge.source.pk].append(edge.target)
            into[edge.target.pk] += 1
            if edge.target.born_event_id != event.pk and edge.source.level == edge.target.level:
                taking[edge.target.pk].append(edge.source)
        same = {
            edge.source.pk for edge in known
            if edge.whole and into[edge.target.pk] == 1 and edge.target.root_pk == edge.source.root_pk
        }  # fmt: skip
        return cls(event.effective, closed, heirs, same, taking)


@dataclass
class PostAt:
    """One post at a place that ends. `heirs`: where it may go, none when the place is abolished. `decision` as it stands;
    `open`: nobody has decided yet, or the plan has changed since."""

    post: Appointment
    place: Division
    heirs: list[Division]
    same: bool
    decision: PostDecision | None = None

    @property
    def toward(self) -> Division | None:
        """The place that the post goes to; None: it goes nowhere, or that is not decided."""
        if self.decision is None:
            return self.heirs[0] if self.same else None
        if self.decision.choice != PostChoice.CARRY:
            return None
        return next((one for one in self.heirs if one.name == self.decision.toward), None)

    @property
    def ends(self) -> bool:
        return self.decision is not None and self.decision.choice == PostChoice.END

    @property
    def later(self) -> bool:
        return self.decision is not None and self.decision.choice == PostChoice.LATER

    @property
    def open(self) -> bool:
        return not self.ends and self.toward is None

    @property
    def said(self) -> str:
        """What becomes of it, in words."""
        if self.ends:
            return "到那天结束"
        if to := self.toward:
            return f"随到{to.name}" if not self.same or self.decision else f"同一单位，随到{to.name}"
        if self.later:
            return "生效后再定"
        return "方案改过，要重新定" if self.decision else "还没有定"


@dataclass
class PostsOf:
    """All posts that an event concerns. `done`: what was carried out. `staying`: posts at places that take others in; they
    cover these from the day on, as the place does."""

    event: Event
    on: date | None = None
    waiting: list[PostAt] = field(default_factory=list)
    done: list[PostDecision] = field(default_factory=list)
    staying: list[tuple[Appointment, list[Division]]] = field(default_factory=list)

    @property
    def open(self) -> list[PostAt]:
        return [one for one in self.waiting if one.open]

    @property
    def undecided(self) -> list[PostAt]:
        """Those of which nobody said that they are decided later."""
        return [one for one in self.open if not one.later]

    def __bool__(self) -> bool:
        return bool(self.waiting or self.done or self.staying)


def posts_of(event: Event, made: Projection | None = None) -> PostsOf:
    if event.effective is None:
        return PostsOf(event)
    ways = Ways.of(event, made)
    known = {one.post_id: one for one in PostDecision.objects.filter(event=event).select_related("by")}
    at = (
        _from(ways.on)
        .filter(division__in=list(ways.closed))
        .order_by("division__code", "role", "user__display_name", "pk")
    )
    waiting = [
        PostAt(one, ways.closed[one.division_id], ways.heirs.get(one.division_id, []), one.division_id in ways.same, known.get(one.pk))
        for one in at if one.division_id
    ]  # fmt: skip
    done = [one for one in _carried_out(event) if one.by_id]
    staying = [
        (one, ways.taking[one.division_id]) for one in _from(ways.on).filter(division__in=list(ways.taking)).order_by("pk")
        if one.division_id and not any(one.pk == other.made_id for other in done)
    ]  # fmt: skip
    return PostsOf(event, ways.on, waiting, done, staying)


def _carried_out(event: Event) -> QuerySet[PostDecision]:
    related = ("post__user", "post__unit", "post__division", "made__division", "by")
    return PostDecision.objects.filter(event=event, done_on__isnull=False).select_related(*related).order_by("post__pk")


def _from(on: date) -> QuerySet[Appointment]:
    """Posts in force on the day or later."""
    held = Appointment.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    return held.exclude(valid_to__lte=F("valid_from")).select_related("user", "unit", "division")
