"""Random histories of events over thirty years, against a plain Python tale of who holds what: every row counts exactly
once on any boundary and day or is undecided, shares sum to the whole, undoing restores, no code is used twice a day.

More of them: ZHENWU_HISTORY_EXAMPLES=200.
"""

import os
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from zhenwu.changes.actions import verify_chain
from zhenwu.divisions.effect import enter_event, undo, what_builds_on
from zhenwu.divisions.errors import DivisionRefused
from zhenwu.divisions.keeping import place_values, verify_places
from zhenwu.divisions.models import Alias, Division, Edge, Event, EventKind, Level
from zhenwu.divisions.planning import EventPlan, FlowPlan, UnitPlan
from zhenwu.divisions.queries import below, groups, in_force, lineage, place_as, villages
from zhenwu.divisions.steps import drop
from zhenwu.divisions.tests.conftest import BEGIN, build
from zhenwu.divisions.tests.tale import Row, Tale

EXAMPLES = int(os.environ.get("ZHENWU_HISTORY_EXAMPLES", "6"))
SETTINGS = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # making a failing history smaller takes minutes
)  # fmt: skip
END = date(2020, 12, 31)
KINDS = (
    EventKind.MERGE_NEW, EventKind.ABSORB, EventKind.SPLIT, EventKind.TRANSFER, EventKind.BOUNDARY, EventKind.GROUP_MERGE,
    EventKind.RENAME, EventKind.RECODE, EventKind.RECLASS, EventKind.CREATE,
)  # fmt: skip


class Undoing(Exception):
    """Ends an example: the database as it was."""


class History:
    """One township through its events, with its tale beside it."""

    def __init__(self, data, by):
        self.data, self.by = data, by
        self.day, self.number = BEGIN, 0
        made = build(villages=4, groups=2)
        self.tale = Tale()
        for name, place in made.items():
            if place.level == Level.VILLAGE:
                self.tale.land[place.pk] = {("l", name)}
            elif place.level == Level.GROUP:
                self.tale.groups[place.pk], self.tale.home[place.pk] = {(name,)}, place.parent_id
        self.rows, self.days = [], [BEGIN]
        self.tales = [(BEGIN, self.tale.copy())]
        self.record()

    def record(self):
        """A row at every village and group of today."""
        day = self.day + timedelta(days=self.data.draw(st.integers(0, 20)))
        self.rows += [Row(place, day, frozenset(self.tale.of(place))) for place in [*self.tale.land, *self.tale.groups]]
        self.day = day

    def step(self):
        recorded_today = self.rows[-1].day == self.day  # a row of a day is of after its events
        same_day = not recorded_today and self.data.draw(st.integers(0, 2)) == 0
        day = self.day + timedelta(days=0 if same_day else self.data.draw(st.integers(1, 900)))
        if day > END:
            return
        plan = self.plan(self.data.draw(st.sampled_from(KINDS)), day)
        if plan is None:
            return
        before = snapshot()
        try:
            with transaction.atomic():
                event = enter_event(plan, by=self.by)
        except DivisionRefused as refused:
            assert snapshot() == before
            assert day in self.days, refused.problems  # noqa: PT017  nothing but two events of one day can be in each other's way
            return
        if self.data.draw(st.integers(0, 3)) == 0:
            undo(event, by=self.by, reason="试一次")
            assert snapshot() == before
            drop(event, by=self.by, reason="重来")
            event = enter_event(plan, by=self.by)
        self.tell(event)
        if day == self.tales[-1][0]:
            self.tales.pop()
        self.tales.append((day, self.tale.copy()))
        self.days.append(day)
        self.day = day
        if self.data.draw(st.booleans()):
            self.record()

    def plan(self, kind, day):
        self.number += 1
        draw = self.data.draw
        there = list(villages(day))
        pick = draw(st.permutations(there))
        units, flows = [], []
        new = UnitPlan(name=f"新{self.number}村")
        if kind == EventKind.MERGE_NEW:
            if len(pick) < 3:
                return None
            units, flows = [new], [FlowPlan(one, 0) for one in pick[: draw(st.integers(2, min(4, len(pick) - 1)))]]
        elif kind == EventKind.ABSORB:
            if len(pick) < 3:
                return None
            units, flows = [UnitPlan(pick[0])], [FlowPlan(pick[1], 0)]
        elif kind in (EventKind.RENAME, EventKind.RECLASS):
            cls = "neighbourhood" if kind == EventKind.RECLASS else ""
            if kind == EventKind.RECLASS and pick[0].is_community:
                return None
            units, flows = [UnitPlan(name=f"新{self.number}村", cls=cls)], [FlowPlan(pick[0], 0)]
        elif kind == EventKind.RECODE:
            units, flows = [UnitPlan(name=pick[0].name, cls=pick[0].cls)], [FlowPlan(pick[0], 0)]
        elif kind == EventKind.CREATE:
            parent = Division.objects.get(level=Level.TOWN)
            units = [UnitPlan(name=f"新{self.number}村", level="village", cls="villagers", parent=parent)]
        elif kind == EventKind.BOUNDARY:
            if len(pick) < 2:
                return None
            pop, land = draw(st.sampled_from([(None, None), ("0.1", "0.2"), ("0", "0.05"), (None, "0.5")]))
            said = [None if one is None else Decimal(one) for one in (pop, land)]
            units, flows = [UnitPlan(pick[1])], [FlowPlan(pick[0], 0, "by_boundary", *said)]
        elif kind == EventKind.GROUP_MERGE:
            inner = list(groups(pick[0].pk, day))
            if len(inner) < 2:
                return None
            units, flows = [UnitPlan(name=f"合{self.number}组")], [FlowPlan(one, 0) for one in inner[:2]]
        elif kind == EventKind.TRANSFER:
            inner = list(groups(pick[0].pk, day))
            if len(pick) < 2 or not inner:
                return None
            units = [UnitPlan(pick[1])]
            flows = [FlowPlan(inner[0], 0)]
            if draw(st.booleans()):
                flows.append(FlowPlan(pick[0], 0, "by_group", Decimal("0.1"), Decimal("0.08")))
        elif kind == EventKind.SPLIT:
            inner = list(groups(pick[0].pk, day))
            if len(inner) < 2:
                return None
            stays = draw(st.booleans())
            units = [UnitPlan(pick[0]) if stays else new, UnitPlan(name=f"分{self.number}村")]
            part = draw(st.sampled_from([("0.3", "0.4"), (None, None)]))
            share = [None if one is None else Decimal(one) for one in part]
            rest = [None if one is None else 1 - one for one in share]
            flows = [FlowPlan(pick[0], 1, "by_group", *share), FlowPlan(inner[0], 1)]
            if not stays:
                flows += [FlowPlan(pick[0], 0, "by_group", *rest), *(FlowPlan(one, 0) for one in inner[1:])]
        return EventPlan(kind, f"第{self.number}件", day, units, flows)

    def tell(self, event):
        """What the event did, to the tale: groups go along with who takes them, land with its village."""
        edges = list(event.edges.select_related("source", "target"))
        of_villages = [edge for edge in edges if edge.source.level == Level.VILLAGE]
        for edge in of_villages:
            if edge.whole:
                self.tale.move_land(edge.source_id, edge.target_id)
            else:
                self.tale.cut_land(edge.source_id, edge.target_id)
        ended = {edge.source_id for edge in of_villages if edge.source.valid_to == event.effective}
        for one in ended & self.tale.land.keys():  # divided up: what is left lies in the last part
            self.tale.move_land(one, next(edge.target_id for edge in reversed(of_villages) if edge.source_id == one))
        for place in event.born.filter(level=Level.VILLAGE):
            self.tale.land.setdefault(place.pk, {("l", str(place.pk))})
        for edge in edges:
            if edge.source.level == Level.GROUP:
                self.tale.move_group(edge.source_id, edge.target_id, edge.target.parent_id)

    # what must hold
    def check(self):
        assert list(verify_chain("division")) == []
        assert list(verify_chain("division_event")) == []
        assert list(verify_places()) == []
        self.check_codes()
        for day in sorted({*self.days, *(one - timedelta(days=1) for one in self.days[1:]), self.day, END}):
            self.check_day(day)

    def check_codes(self):
        for day in self.days:
            codes = list(in_force(day).values_list("code", flat=True))
            assert len(codes) == len(set(codes))
            alive = {one.pk: one for one in in_force(day)}
            assert all(one.parent_id is None or one.parent_id in alive for one in alive.values())
        for place in Division.objects.exclude(parent=None).select_related("parent"):
            digits = {Level.TOWN: 6, Level.VILLAGE: 9, Level.GROUP: 12}[place.level]
            assert place.code[:digits] == place.parent.code[:digits]

    def check_day(self, day):
        tale = next(tale for since, tale in reversed(self.tales) if since <= day)
        known = lineage()
        assert {one.pk for one in villages(day)} == tale.land.keys()
        assert {one.pk: one.parent_id for one in in_force(day).filter(level=Level.GROUP)} == tale.home
        for row in self.rows:
            if row.day > day:
                continue
            owners = tale.villages_of(set(row.things))
            of_group = row.place not in self.village_ids
            home = known.places[row.place].parent
            found = (
                place_as(home, day, row.place, since=row.day) if of_group else place_as(row.place, day, since=row.day)
            )
            assert owners <= found.among, (
                f"{self.story()}\n{row.place} of {row.day} asked on {day}: {owners} not in {found}"
            )
            if found.place is not None:
                assert owners == {found.place}
            if of_group:
                assert found.place is not None
            for by in ("any", "pop", "land"):
                shares = known.standing(row.place, day, since=row.day, by=by).shares
                assert not shares or sum(shares.values()) == 1
                assert all(share >= 0 for share in shares.values())

    def story(self):
        """For a person who looks for the fault."""
        edges = Edge.objects.order_by("event__effective", "event__order", "source__code").select_related(
            "source", "target", "event"
        )
        return "\n".join(
            f"{one.event.effective} #{one.event.order} {one.event.kind} {one.source}{one.source.code} ({one.source_id}) → "
            f"{one.target}{one.target.code} ({one.target_id}) {'whole' if one.whole else (one.pop_share, one.land_share)}"
            for one in edges
        )

    @property
    def village_ids(self):
        return {pk for _, tale in self.tales for pk in tale.land}

    def check_below(self):
        """Below the town lies everything; below the villages of today nothing twice."""
        town = Division.objects.get(level=Level.TOWN)
        today = [one.pk for one in villages(END)]
        parts = [below([pk]) for pk in today]
        assert below([town.pk]) == set(Division.objects.exclude(level=Level.COUNTY).values_list("pk", flat=True))
        assert sum(map(len, parts)) == len(set().union(*parts))


def snapshot():
    """All that an event may change."""
    places = [
        (str(one.pk), place_values(one), one.born_event_id, one.end_event_id) for one in Division.objects.order_by("pk")
    ]
    edges = list(
        Edge.objects.order_by("source", "target").values_list("event", "source", "target", "whole", "pop_share")
    )
    aliases = list(Alias.objects.order_by("division", "name").values_list("division", "name", "valid_from", "valid_to"))
    return places, edges, aliases


@pytest.mark.django_db
@given(data=st.data())
@SETTINGS
def test_any_history_keeps_every_row_once(data):
    try:
        with transaction.atomic():
            history = History(data, None)
            for _ in range(data.draw(st.integers(1, 9))):
                history.step()
            history.check()
            history.check_below()
            raise Undoing
    except Undoing:
        pass


@pytest.mark.django_db
@given(data=st.data())
@SETTINGS
def test_undoing_all_events_one_by_one_leads_back_to_the_beginning(data):
    try:
        with transaction.atomic():
            history = History(data, None)
            first = snapshot()
            for _ in range(data.draw(st.integers(1, 6))):
                history.step()
            events = list(Event.objects.filter(state="effective").order_by("effective", "order"))
            for event in reversed(events):
                assert what_builds_on(event) == []
                undo(event, by=None, reason="")
                drop(event, by=None, reason="试完了")  # its plan names places that the next one made
            assert snapshot() == first
            raise Undoing
    except Undoing:
        pass
